//! Schemas of agent and chat runs (`wire-protocol` D.9).

use crate::protocol::validate::{Field as F, Schema, Schema as S};

/// Parameters of `chat.history`.
pub const CHAT_HISTORY: Schema =
    S::Object(&[F::required("sessionKey", S::NON_EMPTY), F::optional("limit", S::between(1, 1000))]);

/// Parameters of `chat.send`.
pub const CHAT_SEND: Schema = S::Object(&[
    F::required("sessionKey", S::NON_EMPTY),
    F::required("message", S::NON_EMPTY),
    F::optional("thinking", S::TEXT),
    F::optional("deliver", S::Boolean),
    F::optional("attachments", S::Array(&S::Any)),
    F::optional("timeoutMs", S::at_least(0)),
    F::required("idempotencyKey", S::NON_EMPTY),
]);

/// Parameters of `chat.abort`.
pub const CHAT_ABORT: Schema =
    S::Object(&[F::required("sessionKey", S::NON_EMPTY), F::optional("runId", S::NON_EMPTY)]);

/// Parameters of `chat.inject`.
pub const CHAT_INJECT: Schema = S::Object(&[
    F::required("sessionKey", S::NON_EMPTY),
    F::required("message", S::NON_EMPTY),
    F::optional("label", S::Text { min: 0, max: Some(100) }),
]);

/// Parameters of `agent`.
pub const AGENT: Schema = S::Object(&[
    F::required("message", S::NON_EMPTY),
    F::optional("agentId", S::NON_EMPTY),
    F::optional("to", S::TEXT),
    F::optional("replyTo", S::TEXT),
    F::optional("sessionId", S::TEXT),
    F::optional("sessionKey", S::TEXT),
    F::optional("thinking", S::TEXT),
    F::optional("deliver", S::Boolean),
    F::optional("attachments", S::Array(&S::Any)),
    F::optional("channel", S::TEXT),
    F::optional("replyChannel", S::TEXT),
    F::optional("accountId", S::TEXT),
    F::optional("replyAccountId", S::TEXT),
    F::optional("threadId", S::TEXT),
    F::optional("groupId", S::TEXT),
    F::optional("groupChannel", S::TEXT),
    F::optional("groupSpace", S::TEXT),
    F::optional("timeout", S::at_least(0)),
    F::optional("lane", S::TEXT),
    F::optional("extraSystemPrompt", S::TEXT),
    F::required("idempotencyKey", S::NON_EMPTY),
    F::optional("label", S::Text { min: 1, max: Some(64) }),
    F::optional("spawnedBy", S::TEXT),
]);

/// Parameters of `agent.wait`.
pub const AGENT_WAIT: Schema =
    S::Object(&[F::required("runId", S::NON_EMPTY), F::optional("timeoutMs", S::at_least(0))]);
