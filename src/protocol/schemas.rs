//! Schemas of the request frame, of `connect`, and of the methods served (`wire-protocol` B.1, C.2, D).
//!
//! The order of the members is the order of the messages.

use super::connect::{CLIENT_IDS, CLIENT_MODES};
use super::validate::{Field, Schema};

use Field as F;
use Schema as S;

/// A request frame.
pub const REQUEST: Schema = S::Object(&[
    F::required("type", S::Constant("req")),
    F::required("id", S::NON_EMPTY),
    F::required("method", S::NON_EMPTY),
    F::optional("params", S::Any),
]);

/// Parameters of `connect`.
pub const CONNECT: Schema = S::Object(&[
    F::required("minProtocol", S::at_least(1)),
    F::required("maxProtocol", S::at_least(1)),
    F::required(
        "client",
        S::Object(&[
            F::required("id", S::OneOf(&CLIENT_IDS)),
            F::optional("displayName", S::NON_EMPTY),
            F::required("version", S::NON_EMPTY),
            F::required("platform", S::NON_EMPTY),
            F::optional("deviceFamily", S::NON_EMPTY),
            F::optional("modelIdentifier", S::NON_EMPTY),
            F::required("mode", S::OneOf(&CLIENT_MODES)),
            F::optional("instanceId", S::NON_EMPTY),
        ]),
    ),
    F::optional("caps", S::Array(&S::NON_EMPTY)),
    F::optional("commands", S::Array(&S::NON_EMPTY)),
    F::optional("permissions", S::Map(&S::Boolean)),
    F::optional("pathEnv", S::TEXT),
    F::optional("role", S::NON_EMPTY),
    F::optional("scopes", S::Array(&S::NON_EMPTY)),
    F::optional(
        "device",
        S::Object(&[
            F::required("id", S::NON_EMPTY),
            F::required("publicKey", S::NON_EMPTY),
            F::required("signature", S::NON_EMPTY),
            F::required("signedAt", S::at_least(0)),
            F::optional("nonce", S::NON_EMPTY),
        ]),
    ),
    F::optional("auth", S::Object(&[F::optional("token", S::TEXT), F::optional("password", S::TEXT)])),
    F::optional("locale", S::TEXT),
    F::optional("userAgent", S::TEXT),
]);

/// Parameters of `agent.identity.get`.
pub const AGENT_IDENTITY_GET: Schema =
    S::Object(&[F::optional("agentId", S::NON_EMPTY), F::optional("sessionKey", S::TEXT)]);

/// Parameters of `config.set`.
pub const CONFIG_SET: Schema =
    S::Object(&[F::required("raw", S::NON_EMPTY), F::optional("baseHash", S::NON_EMPTY)]);

/// Parameters of `config.apply` and `config.patch`.
pub const CONFIG_APPLY: Schema = S::Object(&[
    F::required("raw", S::NON_EMPTY),
    F::optional("baseHash", S::NON_EMPTY),
    F::optional("sessionKey", S::TEXT),
    F::optional("note", S::TEXT),
    F::optional("restartDelayMs", S::at_least(0)),
]);

/// Parameters of `channels.status`.
pub const CHANNELS_STATUS: Schema =
    S::Object(&[F::optional("probe", S::Boolean), F::optional("timeoutMs", S::at_least(0))]);

/// Parameters of `device.pair.approve` and `device.pair.reject`.
pub const DEVICE_PAIR_DECISION: Schema = S::Object(&[F::required("requestId", S::NON_EMPTY)]);

/// Parameters of `device.token.rotate`.
pub const DEVICE_TOKEN_ROTATE: Schema = S::Object(&[
    F::required("deviceId", S::NON_EMPTY),
    F::required("role", S::NON_EMPTY),
    F::optional("scopes", S::Array(&S::NON_EMPTY)),
]);

/// Parameters of `device.token.revoke`.
pub const DEVICE_TOKEN_REVOKE: Schema =
    S::Object(&[F::required("deviceId", S::NON_EMPTY), F::required("role", S::NON_EMPTY)]);

/// Parameters of `logs.tail`.
pub const LOGS_TAIL: Schema = S::Object(&[
    F::optional("cursor", S::at_least(0)),
    F::optional("limit", S::between(1, 5000)),
    F::optional("maxBytes", S::between(1, 1_000_000)),
]);

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
    F::required("keys", S::NonEmptyArray(&S::NON_EMPTY)),
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

/// Parameters of `chat.history`.
pub const CHAT_HISTORY: Schema =
    S::Object(&[F::required("sessionKey", S::NON_EMPTY), F::optional("limit", S::between(1, 1000))]);
