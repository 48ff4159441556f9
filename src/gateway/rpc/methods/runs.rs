//! `agent`, `agent.wait`, `chat.send`, `chat.abort` (`wire-protocol` D.9). This gateway runs no agents, and says so
//! before a client has reason to wait for one.

use serde_json::{Value, json};

use crate::gateway::agents;
use crate::protocol::error::RpcError;

/// Messages that stop what runs instead of starting something.
const STOPS: [&str; 7] = ["/stop", "stop", "esc", "abort", "wait", "exit", "interrupt"];

/// `agent`.
pub(crate) fn agent() -> RpcError {
    RpcError::unavailable(agents::NO_RUNS)
}

/// `agent.wait`: a run that does not exist does not end, so there is nothing to wait for.
pub(crate) fn wait(params: &Value) -> Value {
    json!({ "runId": params["runId"], "status": "timeout" })
}

/// `chat.send`: what stops runs finds none; anything else would start one.
pub(crate) fn chat_send(params: &Value) -> Result<Value, RpcError> {
    let message = params["message"].as_str().unwrap_or_default().trim().to_lowercase();
    if STOPS.contains(&message.as_str()) { Ok(nothing_aborted()) } else { Err(agent()) }
}

/// `chat.abort`.
pub(crate) fn nothing_aborted() -> Value {
    json!({ "ok": true, "aborted": false, "runIds": [] })
}
