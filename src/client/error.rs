//! What can go wrong between a command and a gateway.

use std::time::Duration;

use super::identity::IdentityError;
use crate::protocol::close::Close;
use crate::protocol::error::{ErrorCode, RpcError};
use crate::tls::TrustError;

/// Why a connection or a request failed. The texts are the published client's where it has any.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The URL cannot be used.
    #[error("invalid gateway URL {url:?}: {cause}")]
    Url {
        /// As given.
        url: String,
        /// What is wrong with it.
        cause: String,
    },
    /// The gateway's certificate is not accepted, or cannot be asked for.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// Nothing that speaks WebSocket answers there.
    #[error("gateway closed (1006 abnormal closure (no close frame)): no close reason")]
    Unreachable {
        /// What happened, for example `connection refused`.
        cause: String,
    },
    /// The gateway answered and refused the connection.
    #[error("gateway closed ({}): {}", close.code, reason(close))]
    Refused {
        /// Its answer; absent when it closed without one.
        error: Option<Box<RpcError>>,
        /// How it closed.
        close: Close,
    },
    /// The connection was closed with a close frame.
    #[error("gateway closed ({}): {}", .0.code, reason(.0))]
    Closed(Close),
    /// The connection ended without a close frame.
    #[error("gateway closed (1006 abnormal closure (no close frame)): no close reason")]
    Dropped,
    /// No answer in time.
    #[error("gateway timeout after {}ms", .0.as_millis())]
    Timeout(Duration),
    /// The method failed.
    #[error("{}", .0.message)]
    Rpc(Box<RpcError>),
    /// The gateway sent something that protocol 3 does not know.
    #[error("unexpected answer from the gateway: {0}")]
    Unexpected(String),
    /// The device identity cannot be used.
    #[error(transparent)]
    Identity(#[from] IdentityError),
}

impl ClientError {
    /// Whether no gateway was found, in contrast to one that did not do what was asked.
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::Unreachable { .. })
    }

    /// Whether the next attempt would fail as this one did: the URL, the certificate, the identity, or what was said in
    /// `connect` has to change first. A device that is not paired yet may be approved at any time, and a gateway that
    /// closed without an answer may just be busy.
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Url { .. } | Self::Trust(_) | Self::Identity(_) => true,
            Self::Refused { error: Some(error), .. } => error.code == ErrorCode::InvalidRequest,
            _ => false,
        }
    }
}

fn reason(close: &Close) -> &str {
    if close.reason.is_empty() { "no close reason" } else { &close.reason }
}
