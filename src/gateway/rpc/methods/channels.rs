//! Channels: status, logout, web login, messages, polls (`wire-protocol` D.3, D.9). No channel exists in this
//! gateway: every map is empty, and whoever asks for one is told that it is not there.

use serde_json::{Value, json};

use crate::gateway::context::Gateway;
use crate::protocol::error::RpcError;

/// The channel that is meant when none is named, as in the published gateway.
const USUAL: &str = "whatsapp";

/// `channels.status`.
pub(crate) fn status(gateway: &Gateway) -> Value {
    json!({
        "ts": gateway.now_ms(),
        "channelOrder": [],
        "channelLabels": {},
        "channelDetailLabels": {},
        "channelSystemImages": {},
        "channelMeta": [],
        "channels": {},
        "channelAccounts": {},
        "channelDefaultAccountId": {},
    })
}

/// `channels.logout`.
pub(crate) fn logout() -> RpcError {
    RpcError::invalid("invalid channels.logout channel").with_details(none())
}

/// `web.login.start` and `web.login.wait`.
pub(crate) fn web_login() -> RpcError {
    RpcError::invalid("web login provider is not available")
}

/// `send`.
pub(crate) fn send(params: &Value) -> RpcError {
    RpcError::invalid(format!("unsupported channel: {}", named(params))).with_details(none())
}

/// `poll`.
pub(crate) fn poll(params: &Value) -> RpcError {
    RpcError::invalid(format!("unsupported poll channel: {}", named(params))).with_details(none())
}

fn named(params: &Value) -> &str {
    params["channel"].as_str().map(str::trim).filter(|channel| !channel.is_empty()).unwrap_or(USUAL)
}

fn none() -> Value {
    json!({ "allowed": [] })
}
