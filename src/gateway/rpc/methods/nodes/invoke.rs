//! `node.invoke`: a command on a node, and the wait for what becomes of it.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use tracing::Instrument as _;

use super::super::params::parse;
use crate::gateway::clients::NodeConnection;
use crate::gateway::connection::handshake::Session;
use crate::gateway::context::Gateway;
use crate::gateway::drain::Phase;
use crate::gateway::events::{EventFrame, EventName};
use crate::gateway::idempotency::{self, Asked, First};
use crate::gateway::nodes::{self, Outcome};
use crate::gateway::rpc::Payload;
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

/// Why a call has no result.
#[derive(Debug)]
pub(super) enum CallError {
    /// The node says so.
    Failed(Value),
    /// It was not asked, or has not answered.
    Refused(RpcError),
}

impl CallError {
    /// As clients are told.
    pub(super) fn into_rpc(self) -> RpcError {
        match self {
            Self::Failed(error) => failed(&error),
            Self::Refused(error) => error,
        }
    }
}

/// `node.invoke`. What was asked for before, by the same caller with the same key, is not done twice: the wait goes on
/// where it was, and an answer of the node is repeated.
pub(crate) async fn invoke(
    gateway: &Arc<Gateway>,
    session: &Session,
    params: Value,
) -> Result<Payload, RpcError> {
    let invoke: Invoke = parse("node.invoke", params)?;
    let pending = match gateway.idempotency.ask(&invoke.identity(session), gateway.now_ms()) {
        Asked::Again(pending) => pending,
        Asked::First(first, pending) => {
            // Goes on when its caller has gone: who comes back for it finds it.
            tokio::spawn(carry_out(Arc::clone(gateway), invoke, first).in_current_span());
            pending
        }
    };
    let answer = idempotency::answered(pending).await;
    answer.unwrap_or_else(|| Err(RpcError::unavailable("node invoke failed"))).map(Payload::Shared)
}

/// Calls the node and tells everybody who waits for that. Only what a node has said is kept.
async fn carry_out(gateway: Arc<Gateway>, invoke: Invoke, first: First) {
    let (node_id, command) = (invoke.node_id.trim(), invoke.command.trim());
    let outcome = match find(&gateway, node_id, command) {
        Ok(node) => call(&gateway, &node, &invoke.order()).await,
        Err(refused) => Err(CallError::Refused(refused)),
    };
    match outcome {
        Ok((payload, text)) => {
            let mut answer = json!({ "ok": true, "nodeId": node_id, "command": command });
            if !payload.is_null() {
                answer["payload"] = payload;
            }
            answer["payloadJSON"] = text.into();
            first.keep(Ok(answer.to_string().into()), gateway.now_ms());
        }
        Err(CallError::Failed(error)) => first.keep(Err(failed(&error)), gateway.now_ms()),
        Err(error) => first.tell(Err(error.into_rpc())),
    }
}

impl Invoke {
    fn order(&self) -> Order<'_> {
        Order {
            node_id: self.node_id.trim(),
            command: self.command.trim(),
            params: self.params.as_ref(),
            timeout_ms: self.timeout_ms,
            idempotency_key: &self.idempotency_key,
        }
    }

    /// Everything that makes it the same request.
    fn identity(&self, session: &Session) -> String {
        let caller = session.device_id.as_deref().unwrap_or_default();
        let Self { node_id, command, params, timeout_ms: _, idempotency_key } = self;
        let order = json!([caller, node_id.trim(), command.trim(), params, idempotency_key]);
        format!("node.invoke:{}", blake3::hash(order.to_string().as_bytes()).to_hex())
    }
}

/// The node, when it is connected and may be told that.
fn find(gateway: &Gateway, node_id: &str, command: &str) -> Result<NodeConnection, RpcError> {
    let node = gateway.clients.node(node_id).ok_or_else(|| {
        RpcError::unavailable("node not connected").with_details(json!({ "code": "NOT_CONNECTED" }))
    })?;
    match may_call(gateway, &node, command) {
        Ok(()) => Ok(node),
        Err(reason) => Err(RpcError::invalid("node command not allowed")
            .with_details(json!({ "reason": reason, "command": command }))),
    }
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
) -> Result<(Value, Option<String>), CallError> {
    let refused = |message: &str| CallError::Refused(RpcError::unavailable(message));
    let mut call = gateway
        .calls
        .open(&node.conn_id, order.node_id)
        .ok_or_else(|| refused("too many node calls are under way"))?;
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
        return Err(refused("node does not keep up with its calls"));
    }
    // It may have gone between the look and the call, with nobody left to say so.
    if gateway.clients.node(order.node_id).is_none_or(|now| now.conn_id != node.conn_id) {
        gateway.calls.lost(&node.conn_id);
    }
    let outcome = tokio::select! {
        outcome = call.ended() => outcome,
        () = tokio::time::sleep(Duration::from_millis(wait_ms)) => {
            let error = json!({ "code": "TIMEOUT", "message": "node invoke timed out" });
            return Err(CallError::Refused(failed(&error)));
        }
        () = gateway.lifecycle.reached(Phase::Released) => {
            return Err(refused("gateway restarting; reconnect and retry"));
        }
    };
    match outcome {
        Outcome::Done { payload, text } => Ok((payload, text)),
        Outcome::Failed { error } => Err(CallError::Failed(error)),
        Outcome::Lost => Err(refused(&format!("Error: node disconnected ({})", order.command))),
    }
}

fn failed(error: &Value) -> RpcError {
    let message = error["message"].as_str().filter(|message| !message.is_empty());
    RpcError::unavailable(message.unwrap_or("node invoke failed")).with_details(json!({ "nodeError": error }))
}
