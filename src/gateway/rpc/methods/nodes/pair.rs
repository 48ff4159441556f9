//! `node.pair.*`, `node.rename`: the older pairing of nodes.

use std::io;

use serde_json::{Value, json};

use super::super::params::off_thread;
use crate::gateway::context::Gateway;
use crate::gateway::events::{EventFrame, EventName};
use crate::gateway::nodes::{NodePairing, PairingFiles};
use crate::protocol::error::RpcError;

/// `node.pair.request`.
pub(crate) async fn request(gateway: &Gateway, params: Value) -> Result<Value, RpcError> {
    let Value::Object(about) = params else { return Err(RpcError::invalid("nodeId required")) };
    let (id, now_ms) = (uuid::Uuid::new_v4().to_string(), gateway.now_ms());
    let (request, created) = change(gateway, move |book| book.request(about, id, now_ms)).await?;
    if created {
        gateway.clients.broadcast(&EventFrame::new(EventName::NodePairRequested, &request, None));
    }
    Ok(json!({ "status": "pending", "request": request, "created": created }))
}

/// `node.pair.list`.
pub(crate) async fn list(gateway: &Gateway) -> Result<Value, RpcError> {
    let (files, now_ms) = (PairingFiles::of(&gateway.paths.state_dir), gateway.now_ms());
    off_thread(move || files.read(now_ms).list()).await
}

/// `node.pair.approve`: the only time that the token is told.
pub(crate) async fn approve(gateway: &Gateway, params: &Value) -> Result<Value, RpcError> {
    let (id, token) = (text(params, "requestId"), uuid::Uuid::new_v4().simple().to_string());
    let (wanted, now_ms) = (id.clone(), gateway.now_ms());
    let node = change(gateway, move |book| book.approve(&wanted, &token, now_ms)).await?;
    let node = node.ok_or_else(|| RpcError::invalid("unknown requestId"))?;
    resolved(gateway, &id, &node["nodeId"], "approved");
    Ok(json!({ "requestId": id, "node": node }))
}

/// `node.pair.reject`.
pub(crate) async fn reject(gateway: &Gateway, params: &Value) -> Result<Value, RpcError> {
    let id = text(params, "requestId");
    let wanted = id.clone();
    let node_id = change(gateway, move |book| book.reject(&wanted)).await?;
    let node_id = node_id.ok_or_else(|| RpcError::invalid("unknown requestId"))?;
    resolved(gateway, &id, &node_id, "rejected");
    Ok(json!({ "requestId": id, "nodeId": node_id }))
}

/// `node.pair.verify`.
pub(crate) async fn verify(gateway: &Gateway, params: &Value) -> Result<Value, RpcError> {
    let (node_id, token) = (text(params, "nodeId"), text(params, "token"));
    let (files, now_ms) = (PairingFiles::of(&gateway.paths.state_dir), gateway.now_ms());
    let node = off_thread(move || files.read(now_ms).verify(&node_id, &token)).await?;
    Ok(node.map_or_else(|| json!({ "ok": false }), |node| json!({ "ok": true, "node": node })))
}

/// `node.rename`: nodes of the older pairing, as in the published gateway.
pub(crate) async fn rename(gateway: &Gateway, params: &Value) -> Result<Value, RpcError> {
    let (node_id, name) = (text(params, "nodeId"), text(params, "displayName"));
    if name.is_empty() {
        return Err(RpcError::invalid("displayName required"));
    }
    let answer = json!({ "nodeId": node_id, "displayName": name });
    let is_known = change(gateway, move |book| book.rename(&node_id, &name)).await?;
    if is_known { Ok(answer) } else { Err(RpcError::invalid("unknown nodeId")) }
}

async fn change<T: Send + 'static>(
    gateway: &Gateway,
    work: impl FnOnce(&mut NodePairing) -> T + Send + 'static,
) -> Result<T, RpcError> {
    let (files, now_ms) = (PairingFiles::of(&gateway.paths.state_dir), gateway.now_ms());
    let _writing = gateway.settings_files.lock().await;
    let changed: io::Result<T> = off_thread(move || files.change(now_ms, work)).await?;
    changed
        .map_err(|error| RpcError::unavailable(format!("Error: failed to write the paired nodes: {error}")))
}

fn resolved(gateway: &Gateway, request_id: &str, node_id: &Value, decision: &str) {
    let told = json!({
        "requestId": request_id, "nodeId": node_id, "decision": decision, "ts": gateway.now_ms(),
    });
    gateway.clients.broadcast(&EventFrame::new(EventName::NodePairResolved, &told, None));
}

fn text(params: &Value, name: &str) -> String {
    params[name].as_str().map(str::trim).unwrap_or_default().to_owned()
}
