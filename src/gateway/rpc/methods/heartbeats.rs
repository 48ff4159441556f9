//! `wake`, `last-heartbeat`, `set-heartbeats` (`wire-protocol` D.1).

use serde::Deserialize;
use serde_json::{Value, json};

use super::params;
use crate::gateway::context::Gateway;
use crate::protocol::error::RpcError;

/// Parameters of `wake`.
#[derive(Debug, Deserialize)]
struct Wake {
    mode: Mode,
    text: String,
}

#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
enum Mode {
    Now,
    NextHeartbeat,
}

/// `wake`: a text for the main session, and a heartbeat at once when that is asked for.
pub(crate) fn wake(gateway: &Gateway, params: Value) -> Result<Value, RpcError> {
    let Wake { mode, text } = params::parse("wake", params)?;
    let text = text.trim();
    if text.is_empty() {
        return Ok(json!({ "ok": false }));
    }
    gateway.system_events().push(text.to_owned());
    if mode == Mode::Now {
        gateway.ask_heartbeat();
    }
    Ok(json!({ "ok": true }))
}

/// `last-heartbeat`: what the last event said, or `null`.
pub(crate) fn last(gateway: &Gateway) -> Value {
    gateway.heartbeats().last().clone()
}

/// `set-heartbeats`: until the gateway ends.
pub(crate) fn set(gateway: &Gateway, params: &Value) -> Result<Value, RpcError> {
    let Some(enabled) = params["enabled"].as_bool() else {
        return Err(RpcError::invalid("invalid set-heartbeats params: enabled (boolean) required"));
    };
    gateway.heartbeats().set_enabled(enabled);
    Ok(json!({ "ok": true, "enabled": enabled }))
}
