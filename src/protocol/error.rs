//! Errors in response frames (`wire-protocol` B.1).

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Error codes of protocol 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ErrorCode {
    /// A channel is not linked.
    NotLinked,
    /// Device identity or pairing is missing.
    NotPaired,
    /// An agent run took too long.
    AgentTimeout,
    /// Bad input, unknown id, authentication, scope.
    InvalidRequest,
    /// An internal or remote failure.
    Unavailable,
}

/// The `error` member of a response frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct RpcError {
    /// The code.
    pub code: ErrorCode,
    /// What went wrong, in the published gateway's words where it has any.
    pub message: String,
    /// Free-form; names what was allowed where that helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<Value>,
}

impl RpcError {
    /// `INVALID_REQUEST`.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self { code: ErrorCode::InvalidRequest, message: message.into(), details: None }
    }

    /// `UNAVAILABLE`.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self { code: ErrorCode::Unavailable, message: message.into(), details: None }
    }

    /// `NOT_PAIRED`.
    pub fn not_paired(message: impl Into<String>) -> Self {
        Self { code: ErrorCode::NotPaired, message: message.into(), details: None }
    }

    /// Adds details.
    #[must_use]
    pub fn with_details(mut self, details: Value) -> Self {
        self.details = Some(details);
        self
    }
}
