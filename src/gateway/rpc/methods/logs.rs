//! `logs.tail` (`wire-protocol` D.1).

use serde::Deserialize;
use serde_json::Value;

use super::params;
use crate::gateway::context::Gateway;
use crate::gateway::logs::{self, Tail};
use crate::protocol::error::RpcError;

/// Parameters of `logs.tail`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct TailParams {
    cursor: Option<u64>,
    limit: usize,
    max_bytes: u64,
}

impl Default for TailParams {
    fn default() -> Self {
        Self { cursor: None, limit: 500, max_bytes: 250_000 }
    }
}

/// `logs.tail`: the end of the log file, or what came after a cursor.
pub(crate) async fn tail(gateway: &Gateway, params: Value) -> Result<Value, RpcError> {
    let TailParams { cursor, limit, max_bytes } = params::parse("logs.tail", params)?;
    let path = gateway.live().settings.log.file.clone();
    let tail = params::off_thread(move || logs::tail(&path, cursor, limit, max_bytes)).await?;
    let tail: Tail = tail.map_err(|error| RpcError::unavailable(format!("log read failed: {error}")))?;
    serde_json::to_value(tail).map_err(|error| RpcError::unavailable(error.to_string()))
}
