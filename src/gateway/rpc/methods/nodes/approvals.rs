//! `exec.approvals.node.get/set`: the rules that a node keeps itself.

use std::sync::Arc;

use serde_json::{Value, json};

use super::invoke::{CallError, Order, call};
use crate::gateway::context::Gateway;
use crate::protocol::error::RpcError;

/// `exec.approvals.node.get`.
pub(crate) async fn get(gateway: &Arc<Gateway>, params: &Value) -> Result<Value, RpcError> {
    ask(gateway, params, "system.execApprovals.get", &json!({})).await
}

/// `exec.approvals.node.set`.
pub(crate) async fn set(gateway: &Arc<Gateway>, params: &Value) -> Result<Value, RpcError> {
    let mut order = json!({ "file": params["file"] });
    if let Some(base_hash) = params["baseHash"].as_str() {
        order["baseHash"] = base_hash.into();
    }
    ask(gateway, params, "system.execApprovals.set", &order).await
}

async fn ask(
    gateway: &Arc<Gateway>,
    params: &Value,
    command: &str,
    order: &Value,
) -> Result<Value, RpcError> {
    let node_id = params["nodeId"].as_str().map(str::trim).unwrap_or_default();
    let node = gateway.clients.node(node_id).ok_or_else(|| {
        let error = json!({ "code": "NOT_CONNECTED", "message": "node not connected" });
        RpcError::unavailable("node not connected").with_details(json!({ "nodeError": error }))
    })?;
    let key = uuid::Uuid::new_v4().to_string();
    let order = Order { node_id, command, params: Some(order), timeout_ms: None, idempotency_key: &key };
    call(gateway, &node, &order).await.map(|(payload, _)| payload).map_err(CallError::into_rpc)
}
