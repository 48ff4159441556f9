//! What nodes send: `node.invoke.result`, `node.event`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::params::parse;
use crate::gateway::context::Gateway;
use crate::gateway::nodes::{self, NodeEvent, Outcome};
use crate::gateway::rpc::Caller;
use crate::protocol::error::RpcError;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    id: String,
    node_id: String,
    ok: bool,
    #[serde(default)]
    payload: Value,
    #[serde(default, rename = "payloadJSON")]
    text: Value,
    #[serde(default)]
    error: Value,
}

#[derive(Debug, Deserialize)]
struct Told {
    event: String,
    #[serde(default)]
    payload: Value,
    #[serde(default, rename = "payloadJSON")]
    text: Option<String>,
}

/// `node.invoke.result`. One that nobody waits for any more is no error of the node.
pub(crate) fn result(gateway: &Gateway, caller: &Caller, params: Value) -> Result<Value, RpcError> {
    let report: Report = parse("node.invoke.result", params)?;
    let node_id = nodes::node_id(&caller.session);
    if report.node_id != node_id {
        return Err(RpcError::invalid("nodeId mismatch"));
    }
    let outcome = if report.ok {
        match (report.text, report.payload) {
            (Value::String(text), payload) => {
                // What is no JSON is passed on as what it is.
                let parsed = serde_json::from_str(&text).unwrap_or_else(|_| json!({ "payloadJSON": text }));
                Outcome::Done { payload: if payload.is_null() { parsed } else { payload }, text: Some(text) }
            }
            (value, payload) => {
                Outcome::Done { payload: if payload.is_null() { value } else { payload }, text: None }
            }
        }
    } else {
        Outcome::Failed { error: report.error }
    };
    let is_late = !gateway.calls.finish(&report.id, node_id, outcome);
    Ok(if is_late { json!({ "ok": true, "ignored": true }) } else { json!({ "ok": true }) })
}

/// `node.event`. What is not understood is no error either.
pub(crate) fn event(gateway: &Gateway, caller: &Caller, params: Value) -> Result<Value, RpcError> {
    let told: Told = parse("node.event", params)?;
    let payload = match told.text {
        Some(text) => serde_json::from_str(&text).unwrap_or(told.payload),
        None => told.payload,
    };
    let node_id = nodes::node_id(&caller.session);
    match NodeEvent::read(node_id, &told.event, &payload) {
        NodeEvent::Subscribe(session) => {
            if !gateway.subscriptions.subscribe(&caller.conn_id, &session) {
                tracing::warn!("a node follows too many sessions");
            }
        }
        NodeEvent::Unsubscribe(session) => gateway.subscriptions.unsubscribe(&caller.conn_id, &session),
        NodeEvent::Tell(text) => {
            gateway.system_events().push(text);
            gateway.ask_heartbeat();
        }
        NodeEvent::ForAgent => {
            tracing::info!(
                node = node_id,
                event = told.event,
                "a node speaks to an agent, and there is none"
            );
        }
        NodeEvent::Ignored => {
            tracing::debug!(node = node_id, event = told.event, "ignored an event of a node");
        }
    }
    Ok(json!({ "ok": true }))
}
