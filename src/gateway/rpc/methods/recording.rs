//! `recording.*`, an extension of this gateway: recordings of every frame (`dev/RECORDING.md`). Where they go is for
//! whoever started the gateway to say.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::gateway::context::Gateway;
use crate::protocol::error::RpcError;
use crate::recording::Status;

/// `recording.start`: begins one, unless one is made already.
pub(crate) async fn start(gateway: &Arc<Gateway>) -> Result<Value, RpcError> {
    let begun = gateway.begin_recording().await;
    let begun = begun.map_err(|error| RpcError::unavailable(format!("recording failed: {error}")))?;
    let mut answer = status(gateway);
    answer["started"] = begun.into();
    Ok(answer)
}

/// `recording.stop`: ends it; answered when it is written.
pub(crate) async fn stop(gateway: &Arc<Gateway>) -> Result<Value, RpcError> {
    let ended = gateway.end_recording().await;
    let ended = ended.map_err(|error| RpcError::unavailable(format!("recording failed: {error}")))?;
    let mut answer = status(gateway);
    answer["stopped"] = ended.into();
    Ok(answer)
}

/// `recording.status`: whether one is made, and what is in it, or was in the last one.
pub(crate) fn status(gateway: &Gateway) -> Value {
    let Status { recording, last, lines, bytes, missed, problem } = gateway.recorder.status();
    let mut answer = json!({
        "recording": recording.is_some(),
        "path": recording.or(last),
        "lines": lines,
        "bytes": bytes,
        "missed": missed,
    });
    if let Some(problem) = problem {
        answer["problem"] = problem.into();
    }
    answer
}
