//! `system-presence`, `system-event` (`wire-protocol` D.1).

use serde_json::{Value, json};

use crate::gateway::context::Gateway;
use crate::protocol::error::RpcError;

/// `system-presence`: the bare list.
pub(crate) fn presence(gateway: &Gateway) -> Value {
    gateway.presence().json(gateway.now_ms())
}

/// `system-event`: a text for the main session, and an entry in the presence list.
pub(crate) fn event(gateway: &Gateway, params: Value) -> Result<Value, RpcError> {
    let Value::Object(params) = params else { return Err(RpcError::invalid("text required")) };
    let text = params.get("text").and_then(Value::as_str).map(str::trim).unwrap_or_default();
    if text.is_empty() {
        return Err(RpcError::invalid("text required"));
    }
    let queued = gateway.presence().system_event(text, &params, gateway.now_ms());
    if let Some(queued) = queued {
        gateway.system_events().push(queued);
    }
    gateway.broadcast_presence();
    Ok(json!({ "ok": true }))
}
