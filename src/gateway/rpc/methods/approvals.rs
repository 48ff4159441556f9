//! `exec.approvals.get/set`, `exec.approval.request/resolve` (`wire-protocol` D.8).

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::params::{off_thread, parse};
use crate::gateway::connection::handshake::Session;
use crate::gateway::context::Gateway;
use crate::gateway::drain::Phase;
use crate::gateway::events::{EventFrame, EventName};
use crate::gateway::exec_approvals::{self, ApprovalsError};
use crate::gateway::questions::{AskError, Decision, Question};
use crate::protocol::error::RpcError;

/// How long a question waits, when the client does not say, and at most.
const WAIT_MS: u64 = 120_000;
const LONGEST_MS: u64 = 24 * 60 * 60 * 1000;

/// What is asked, as it is told to those who may answer; each is a text or `null`.
const FACTS: [&str; 8] =
    ["command", "cwd", "host", "security", "ask", "agentId", "resolvedPath", "sessionKey"];

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Set {
    file: Value,
    base_hash: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Resolve {
    id: String,
    decision: String,
}

/// `exec.approvals.get`.
pub(crate) async fn get(gateway: &Gateway) -> Result<Value, RpcError> {
    let path = exec_approvals::path(&gateway.paths.state_dir);
    off_thread(move || exec_approvals::get(&path)).await?.map_err(|error| refusal(&error))
}

/// `exec.approvals.set`.
pub(crate) async fn set(gateway: &Gateway, params: Value) -> Result<Value, RpcError> {
    let Set { file, base_hash } = parse("exec.approvals.set", params)?;
    let path = exec_approvals::path(&gateway.paths.state_dir);
    let _writing = gateway.settings_files.lock().await;
    off_thread(move || exec_approvals::set(&path, file, base_hash.as_deref()))
        .await?
        .map_err(|error| refusal(&error))
}

fn refusal(error: &ApprovalsError) -> RpcError {
    match error {
        ApprovalsError::NoHash | ApprovalsError::Changed => RpcError::invalid(error.to_string()),
        ApprovalsError::Unusable { .. } | ApprovalsError::Write { .. } => {
            RpcError::unavailable(error.to_string())
        }
    }
}

/// `exec.approval.request`: answered when somebody has decided, or nobody did in time.
pub(crate) async fn request(
    gateway: &Arc<Gateway>,
    conn_id: &Arc<str>,
    params: Value,
) -> Result<Value, RpcError> {
    let id = params["id"].as_str().map(str::trim).filter(|id| !id.is_empty());
    let id = id.map_or_else(|| uuid::Uuid::new_v4().to_string(), str::to_owned);
    let wait_ms = params["timeoutMs"].as_u64().unwrap_or(WAIT_MS).min(LONGEST_MS);
    let question = gateway.questions.ask(&id, conn_id).map_err(|error| match error {
        AskError::Pending => RpcError::invalid(error.to_string()),
        AskError::TooMany => RpcError::unavailable(error.to_string()),
    })?;
    let facts: Map<String, Value> =
        FACTS.iter().map(|&name| (name.to_owned(), params[name].clone())).collect();
    let created_ms = gateway.now_ms();
    let expires_ms = created_ms.saturating_add(wait_ms);
    let told = json!({ "id": id, "request": facts, "createdAtMs": created_ms, "expiresAtMs": expires_ms });
    gateway.clients.broadcast(&EventFrame::new(EventName::ExecApprovalRequested, &told, None));
    drop(params);
    let mut asked = Asked { gateway, id: &id, question };
    let decision = tokio::select! {
        decision = asked.question.answered() => Some(decision),
        () = tokio::time::sleep(Duration::from_millis(wait_ms)) => None,
        // Nobody can answer this gateway any more.
        () = gateway.lifecycle.reached(Phase::Released) => {
            return Err(RpcError::unavailable("gateway restarting; ask again"));
        }
    };
    // Who shows the question knows when it expires.
    asked.question.withdraw();
    let decision = decision.map(Decision::as_str);
    Ok(json!({ "id": id, "decision": decision, "createdAtMs": created_ms, "expiresAtMs": expires_ms }))
}

/// A question that was told. When it goes before it is decided or expires, because whoever asked is gone or the gateway
/// restarts, those who could decide are told that nobody waits for them.
struct Asked<'a> {
    gateway: &'a Gateway,
    id: &'a str,
    question: Question,
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        if self.question.withdraw() {
            let told = json!({ "id": self.id, "decision": null, "ts": self.gateway.now_ms() });
            self.gateway.clients.broadcast(&EventFrame::new(EventName::ExecApprovalResolved, &told, None));
        }
    }
}

/// `exec.approval.resolve`.
pub(crate) fn resolve(gateway: &Gateway, session: &Session, params: Value) -> Result<Value, RpcError> {
    let Resolve { id, decision } = parse("exec.approval.resolve", params)?;
    let decision = Decision::parse(&decision).ok_or_else(|| {
        RpcError::invalid("invalid decision").with_details(json!({ "allowed": Decision::NAMES }))
    })?;
    if !gateway.questions.answer(&id, decision) {
        return Err(RpcError::invalid("unknown approval id"));
    }
    let by = session.client.display_name.as_ref().unwrap_or(&session.client.id);
    let told = json!({ "id": id, "decision": decision.as_str(), "resolvedBy": by, "ts": gateway.now_ms() });
    gateway.clients.broadcast(&EventFrame::new(EventName::ExecApprovalResolved, &told, None));
    Ok(json!({ "ok": true }))
}
