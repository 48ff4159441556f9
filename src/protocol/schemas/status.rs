//! Schemas of the methods that only tell: logs, channels, agents (`wire-protocol` D.1, D.3).

use crate::protocol::validate::{Field as F, Schema, Schema as S};

/// Parameters of `logs.tail`.
pub const LOGS_TAIL: Schema = S::Object(&[
    F::optional("cursor", S::at_least(0)),
    F::optional("limit", S::between(1, 5000)),
    F::optional("maxBytes", S::between(1, 1_000_000)),
]);

/// Parameters of `channels.status`.
pub const CHANNELS_STATUS: Schema =
    S::Object(&[F::optional("probe", S::Boolean), F::optional("timeoutMs", S::at_least(0))]);

/// Parameters of `agent.identity.get`.
pub const AGENT_IDENTITY_GET: Schema =
    S::Object(&[F::optional("agentId", S::NON_EMPTY), F::optional("sessionKey", S::TEXT)]);
