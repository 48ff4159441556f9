//! Request, response, and event frames (`wire-protocol` B.1).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::RpcError;
use super::json;
use super::schemas::REQUEST;
use super::validate::validate;

/// A request as it arrived and was found valid.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Chosen by the client; echoed in the response.
    pub id: String,
    /// Method name.
    pub method: String,
    /// Parameters; absent is the same as `null`.
    pub params: Value,
}

/// A message that is not a request (`wire-protocol` B.2).
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BadFrame {
    /// Not JSON: ignored once the handshake is done, close 1000 before.
    #[error("not JSON")]
    NotJson,
    /// JSON, but not a request: answered once the handshake is done, close 1008 without an answer before.
    #[error("{error}")]
    Invalid {
        /// What to answer to: the `id` as it was given, whatever its type, else `"invalid"`.
        id: Value,
        /// `invalid request frame: …`.
        error: Box<RpcError>,
    },
}

/// A response frame, with a payload that is a value unless it is told otherwise.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Response<P = Value> {
    /// Always `res`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The request's id, as it was given (also when it was not a text).
    pub id: Value,
    /// Whether it succeeded.
    pub ok: bool,
    /// The result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload: Option<P>,
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

impl Request {
    /// Reads one message.
    pub fn parse(text: &str) -> Result<Self, BadFrame> {
        let mut frame: Value = json::from_str(text).map_err(|_| BadFrame::NotJson)?;
        if let Err(violations) = validate(&REQUEST, &frame) {
            let id = frame.get_mut("id").map(Value::take).filter(|id| !id.is_null());
            let error = violations.into_error("request frame");
            return Err(BadFrame::Invalid {
                id: id.unwrap_or_else(|| "invalid".into()),
                error: Box::new(error),
            });
        }
        let text = |member: &str| frame[member].as_str().unwrap_or_default().to_owned();
        let (id, method) = (text("id"), text("method"));
        let mut params = frame.get_mut("params").map_or(Value::Null, Value::take);
        whole_numbers(&mut params);
        Ok(Self { id, method, params })
    }
}

/// Turns `3.0` into `3`: JavaScript clients know no difference, and `as_u64` should not either. Numbers that a
/// double cannot hold exactly stay as they are.
fn whole_numbers(value: &mut Value) {
    const EXACT: f64 = 9_007_199_254_740_991.0;
    match value {
        Value::Number(number) if number.is_f64() => {
            if let Some(float) = number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() <= EXACT)
            {
                #[expect(clippy::cast_possible_truncation, reason = "whole and within the exact range")]
                let whole = float as i64;
                *number = whole.into();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(whole_numbers),
        Value::Object(members) => members.values_mut().for_each(whole_numbers),
        _ => {}
    }
}

impl<P> Response<P> {
    /// A success.
    pub fn ok(id: impl Into<Value>, payload: P) -> Self {
        Self { kind: "res", id: id.into(), ok: true, payload: Some(payload), error: None }
    }
}

impl Response {
    /// A failure.
    pub fn error(id: impl Into<Value>, error: RpcError) -> Self {
        Self { kind: "res", id: id.into(), ok: false, payload: None, error: Some(error) }
    }

    /// A failure that clients are told more about.
    pub fn failed(id: impl Into<Value>, payload: Value, error: RpcError) -> Self {
        Self { kind: "res", id: id.into(), ok: false, payload: Some(payload), error: Some(error) }
    }
}

impl<'a> Event<'a> {
    /// An event without sequence number.
    pub fn new(event: &'a str, payload: &'a Value) -> Self {
        Self { kind: "event", event, payload: Some(payload), seq: None, state_version: None }
    }
}

#[cfg(test)]
mod tests;
