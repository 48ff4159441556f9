//! Schemas of `sessions.*` (`wire-protocol` D.4).

use crate::protocol::validate::{Field as F, Schema, Schema as S};

/// Parameters of `sessions.list`.
pub const SESSIONS_LIST: Schema = S::Object(&[
    F::optional("limit", S::at_least(1)),
    F::optional("activeMinutes", S::at_least(1)),
    F::optional("includeGlobal", S::Boolean),
    F::optional("includeUnknown", S::Boolean),
    F::optional("includeDerivedTitles", S::Boolean),
    F::optional("includeLastMessage", S::Boolean),
    F::optional("label", S::Text { min: 1, max: Some(64) }),
    F::optional("spawnedBy", S::NON_EMPTY),
    F::optional("agentId", S::NON_EMPTY),
    F::optional("search", S::TEXT),
]);

/// Parameters of `sessions.patch`.
pub const SESSIONS_PATCH: Schema = S::Object(&[
    F::required("key", S::NON_EMPTY),
    F::optional("label", S::Nullable(&S::Text { min: 1, max: Some(64) })),
    F::optional("thinkingLevel", S::Nullable(&S::NON_EMPTY)),
    F::optional("verboseLevel", S::Nullable(&S::NON_EMPTY)),
    F::optional("reasoningLevel", S::Nullable(&S::NON_EMPTY)),
    F::optional("responseUsage", S::Nullable(&S::OneOf(&["off", "tokens", "full", "on"]))),
    F::optional("elevatedLevel", S::Nullable(&S::NON_EMPTY)),
    F::optional("execHost", S::Nullable(&S::NON_EMPTY)),
    F::optional("execSecurity", S::Nullable(&S::NON_EMPTY)),
    F::optional("execAsk", S::Nullable(&S::NON_EMPTY)),
    F::optional("execNode", S::Nullable(&S::NON_EMPTY)),
    F::optional("model", S::Nullable(&S::NON_EMPTY)),
    F::optional("spawnedBy", S::Nullable(&S::NON_EMPTY)),
    F::optional("sendPolicy", S::Nullable(&S::OneOf(&["allow", "deny"]))),
    F::optional("groupActivation", S::Nullable(&S::OneOf(&["mention", "always"]))),
]);

/// Parameters of `sessions.reset`.
pub const SESSIONS_RESET: Schema = S::Object(&[F::required("key", S::NON_EMPTY)]);

/// Parameters of `sessions.delete`.
pub const SESSIONS_DELETE: Schema =
    S::Object(&[F::required("key", S::NON_EMPTY), F::optional("deleteTranscript", S::Boolean)]);

/// Parameters of `sessions.compact`.
pub const SESSIONS_COMPACT: Schema =
    S::Object(&[F::required("key", S::NON_EMPTY), F::optional("maxLines", S::at_least(1))]);

/// Parameters of `sessions.preview`.
pub const SESSIONS_PREVIEW: Schema = S::Object(&[
    F::required("keys", S::Items { of: &S::NON_EMPTY, min: 1, max: usize::MAX }),
    F::optional("limit", S::at_least(1)),
    F::optional("maxChars", S::at_least(20)),
]);

/// Parameters of `sessions.resolve`.
pub const SESSIONS_RESOLVE: Schema = S::Object(&[
    F::optional("key", S::NON_EMPTY),
    F::optional("sessionId", S::NON_EMPTY),
    F::optional("label", S::Text { min: 1, max: Some(64) }),
    F::optional("agentId", S::NON_EMPTY),
    F::optional("spawnedBy", S::NON_EMPTY),
    F::optional("includeGlobal", S::Boolean),
    F::optional("includeUnknown", S::Boolean),
]);
