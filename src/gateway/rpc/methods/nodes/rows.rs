//! `node.list`, `node.describe`.

use serde_json::{Value, json};

use crate::gateway::context::Gateway;
use crate::gateway::devices::Urgency;
use crate::gateway::nodes;
use crate::protocol::error::RpcError;

/// `node.list`: connected and paired nodes.
pub(crate) fn list(gateway: &Gateway) -> Value {
    let connected = gateway.clients.nodes();
    let nodes = gateway.devices.with(|book| nodes::list(book.devices(), &connected), |_| Urgency::Routine);
    json!({ "ts": gateway.now_ms(), "nodes": nodes })
}

/// `node.describe`: one of them.
pub(crate) fn describe(gateway: &Gateway, params: &Value) -> Result<Value, RpcError> {
    let id = params["nodeId"].as_str().map(str::trim).unwrap_or_default();
    if id.is_empty() {
        return Err(RpcError::invalid("nodeId required"));
    }
    let connected = gateway.clients.nodes();
    let found =
        gateway.devices.with(|book| nodes::describe(id, book.devices(), &connected), |_| Urgency::Routine);
    let Some(Value::Object(row)) = found else { return Err(RpcError::invalid("unknown nodeId")) };
    let mut answer = json!({ "ts": gateway.now_ms() });
    if let Some(answer) = answer.as_object_mut() {
        answer.extend(row);
    }
    Ok(answer)
}
