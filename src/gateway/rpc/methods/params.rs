//! Parameters that passed their schema → a handler's type; and work that blocks.

use serde::de::DeserializeOwned;
use serde_json::Value;
use tracing::Span;

use crate::protocol::error::RpcError;

/// Reads parameters into a handler's type. The schema was checked before, so this fails only when the two
/// disagree.
pub(super) fn parse<T: DeserializeOwned>(method: &str, params: Value) -> Result<T, RpcError> {
    serde_json::from_value(params)
        .map_err(|error| RpcError::invalid(format!("invalid {method} params: {error}")))
}

/// Runs what blocks off the runtime's thread.
pub(super) async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, RpcError> {
    // What is logged there belongs to the request all the same.
    let span = Span::current();
    let result = tokio::task::spawn_blocking(move || span.in_scope(work)).await;
    result.map_err(|error| RpcError::unavailable(format!("Error: {error}")))
}
