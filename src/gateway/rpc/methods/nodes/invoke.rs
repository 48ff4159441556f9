//! `node.invoke`: a command on a node, and the wait for what becomes of it.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::params::parse;
use crate::gateway::clients::NodeConnection;
use crate::gateway::context::Gateway;
use crate::gateway::drain::Phase;
use crate::gateway::events::{EventFrame, EventName};
use crate::gateway::nodes::{self, Outcome};
use crate::protocol::error::RpcError;

/// How long a node may take, when the client does not say, and at most.
const WAIT_MS: u64 = 30_000;
const LONGEST_MS: u64 = 24 * 60 * 60 * 1000;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Invoke {
    node_id: String,
    command: String,
    params: Option<Value>,
    timeout_ms: Option<u64>,
    idempotency_key: String,
}

/// A call, and what is told of its failures.
#[derive(Debug)]
pub(super) struct Order<'a> {
    pub(super) node_id: &'a str,
    pub(super) command: &'a str,
    pub(super) params: Option<&'a Value>,
    pub(super) timeout_ms: Option<u64>,
    pub(super) idempotency_key: &'a str,
}

/// `node.invoke`.
pub(crate) async fn invoke(gateway: &Arc<Gateway>, params: Value) -> Result<Value, RpcError> {
    let invoke: Invoke = parse("node.invoke", params)?;
    let (node_id, command) = (invoke.node_id.trim(), invoke.command.trim());
    let node = gateway.clients.node(node_id).ok_or_else(|| {
        RpcError::unavailable("node not connected").with_details(json!({ "code": "NOT_CONNECTED" }))
    })?;
    if let Err(reason) = may_call(gateway, &node, command) {
        return Err(RpcError::invalid("node command not allowed")
            .with_details(json!({ "reason": reason, "command": command })));
    }
    let order = Order {
        node_id,
        command,
        params: invoke.params.as_ref(),
        timeout_ms: invoke.timeout_ms,
        idempotency_key: &invoke.idempotency_key,
    };
    let (payload, text) = call(gateway, &node, &order).await?;
    let mut answer =
        json!({ "ok": true, "nodeId": node_id, "command": command, "payload": payload, "payloadJSON": text });
    if let Some(answer) = answer.as_object_mut()
        && answer["payload"].is_null()
    {
        answer.shift_remove("payload");
    }
    Ok(answer)
}

/// Whether a command may be called, and why not.
fn may_call(gateway: &Gateway, node: &NodeConnection, command: &str) -> Result<(), &'static str> {
    let live = gateway.live();
    let lists = &live.config.gateway.nodes;
    let session = &node.session;
    if !nodes::is_allowed(&session.client, command, &lists.allow_commands, &lists.deny_commands) {
        Err("command not allowlisted")
    } else if session.commands.is_empty() {
        Err("node did not declare commands")
    } else if session.commands.iter().any(|declared| declared == command) {
        Ok(())
    } else {
        Err("command not declared by node")
    }
}

/// Calls a node and waits: its payload, and the text of it when it came as text.
pub(super) async fn call(
    gateway: &Arc<Gateway>,
    node: &NodeConnection,
    order: &Order<'_>,
) -> Result<(Value, Option<String>), RpcError> {
    let mut call = gateway
        .calls
        .open(&node.conn_id, order.node_id)
        .ok_or_else(|| RpcError::unavailable("too many node calls are under way"))?;
    let mut told = json!({
        "id": call.id,
        "nodeId": order.node_id,
        "command": order.command,
        "paramsJSON": order.params.map(Value::to_string),
        "idempotencyKey": order.idempotency_key,
    });
    let wait_ms = order.timeout_ms.unwrap_or(WAIT_MS).min(LONGEST_MS);
    if order.timeout_ms.is_some() {
        told["timeoutMs"] = wait_ms.into();
    }
    let frame = EventFrame::new(EventName::NodeInvokeRequest, &told, None).unnumbered();
    if !node.outbound.offer(frame) {
        return Err(RpcError::unavailable("node does not keep up with its calls"));
    }
    // It may have gone between the look and the call, with nobody left to say so.
    if gateway.clients.node(order.node_id).is_none_or(|now| now.conn_id != node.conn_id) {
        gateway.calls.lost(&node.conn_id);
    }
    let outcome = tokio::select! {
        outcome = call.ended() => outcome,
        () = tokio::time::sleep(Duration::from_millis(wait_ms)) => {
            let error = json!({ "code": "TIMEOUT", "message": "node invoke timed out" });
            return Err(failed(&error));
        }
        () = gateway.lifecycle.reached(Phase::Released) => {
            return Err(RpcError::unavailable("gateway restarting; reconnect and retry"));
        }
    };
    match outcome {
        Outcome::Done { payload, text } => Ok((payload, text)),
        Outcome::Failed { error } => Err(failed(&error)),
        Outcome::Lost => Err(RpcError::unavailable(format!("Error: node disconnected ({})", order.command))),
    }
}

fn failed(error: &Value) -> RpcError {
    let message = error["message"].as_str().filter(|message| !message.is_empty());
    RpcError::unavailable(message.unwrap_or("node invoke failed")).with_details(json!({ "nodeError": error }))
}
