//! Request, response, and event frames (`wire-protocol` B.1).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::RpcError;

/// A request as it arrived and was found valid.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Request {
    /// Chosen by the client; echoed in the response.
    pub id: String,
    /// Method name.
    pub method: String,
    /// Parameters; absent is the same as `null`.
    #[serde(default)]
    pub params: Value,
}

/// A response frame.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Response {
    /// Always `res`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The request's id, as it was given (also when it was not a text).
    pub id: Value,
    /// Whether it succeeded.
    pub ok: bool,
    /// The result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload: Option<Value>,
    /// The failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<RpcError>,
}

/// Versions of the state that `presence` and `health` events describe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateVersion {
    /// +1 on each change of the presence list; starts at 1.
    pub presence: u64,
    /// +1 on each health refresh; starts at 1.
    pub health: u64,
}

/// An event frame.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Event<'a> {
    /// Always `event`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// Event name.
    pub event: &'a str,
    /// Payload.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload: Option<&'a Value>,
    /// Counted per client after filtering, from 1; absent on events for one client only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// Only on `presence` and `health`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state_version: Option<StateVersion>,
}

impl Response {
    /// A success.
    pub fn ok(id: impl Into<Value>, payload: Value) -> Self {
        Self { kind: "res", id: id.into(), ok: true, payload: Some(payload), error: None }
    }

    /// A failure.
    pub fn error(id: impl Into<Value>, error: RpcError) -> Self {
        Self { kind: "res", id: id.into(), ok: false, payload: None, error: Some(error) }
    }
}

impl<'a> Event<'a> {
    /// An event without sequence number.
    pub fn new(event: &'a str, payload: &'a Value) -> Self {
        Self { kind: "event", event, payload: Some(payload), seq: None, state_version: None }
    }
}
