//! What a method answers with, and the frame that carries it.

use std::sync::Arc;

use serde_json::Value;

use super::dispatch::encode;
use crate::protocol::error::RpcError;
use crate::protocol::frame::Response;

/// What follows the payload in a frame.
const END: char = '}';

/// The result of a method.
#[derive(Debug)]
pub(crate) enum Payload {
    /// A value, which is what nearly all methods answer with.
    Value(Value),
    /// JSON that was written without ever being a value, for answers of megabytes.
    Text(String),
    /// JSON that was written once and answers many requests.
    Shared(Arc<str>),
    /// A failure with its result, where clients read both.
    Failed(Value, RpcError),
}

impl Payload {
    /// The response to request `id`.
    pub(crate) fn frame(self, id: &str) -> String {
        match self {
            Self::Value(payload) => encode(&Response::ok(id, payload)),
            // In its place: a second buffer of megabytes would cost more than the move.
            Self::Text(mut payload) => {
                payload.insert_str(0, &head(id));
                payload.push(END);
                payload
            }
            Self::Shared(payload) => [head(id).as_str(), &payload, END.encode_utf8(&mut [0; 4])].concat(),
            Self::Failed(payload, error) => encode(&Response::failed(id, payload, error)),
        }
    }

    /// The result as a value.
    pub(crate) fn into_value(self) -> Result<Value, RpcError> {
        let read = |text: &str| {
            serde_json::from_str(text).map_err(|error| RpcError::unavailable(format!("Error: {error}")))
        };
        match self {
            Self::Value(value) => Ok(value),
            Self::Text(text) => read(&text),
            Self::Shared(text) => read(&text),
            Self::Failed(_, error) => Err(error),
        }
    }

    /// What went wrong, if something did.
    pub(crate) fn error(&self) -> Option<&RpcError> {
        match self {
            Self::Failed(_, error) => Some(error),
            Self::Value(_) | Self::Text(_) | Self::Shared(_) => None,
        }
    }
}

/// What precedes the payload in a frame.
fn head(id: &str) -> String {
    format!(r#"{{"type":"res","id":{},"ok":true,"payload":"#, Value::from(id))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_text_makes_the_frame_that_its_value_makes() {
        let payload = json!({ "sessions": [{ "key": "a\"b" }], "count": 1 });
        for id in ["1", "a\"\n", ""] {
            let (text, value) = (payload.to_string(), Payload::Value(payload.clone()).frame(id));
            assert_eq!(Payload::Shared(text.as_str().into()).frame(id), value, "{id}");
            assert_eq!(Payload::Text(text).frame(id), value, "{id}");
        }
    }
}
