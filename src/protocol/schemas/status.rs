//! Schemas of the methods that only tell: logs, agents (`wire-protocol` D.1, D.3).

use crate::protocol::validate::{Field as F, Schema, Schema as S};

/// Parameters of `logs.tail`.
pub const LOGS_TAIL: Schema = S::Object(&[
    F::optional("cursor", S::at_least(0)),
    F::optional("limit", S::between(1, 5000)),
    F::optional("maxBytes", S::between(1, 1_000_000)),
]);

/// Parameters of `agent.identity.get`.
pub const AGENT_IDENTITY_GET: Schema =
    S::Object(&[F::optional("agentId", S::NON_EMPTY), F::optional("sessionKey", S::TEXT)]);

/// Parameters of `update.run`.
pub const UPDATE_RUN: Schema = S::Object(&[
    F::optional("sessionKey", S::TEXT),
    F::optional("note", S::TEXT),
    F::optional("restartDelayMs", S::at_least(0)),
    F::optional("timeoutMs", S::at_least(1)),
]);
