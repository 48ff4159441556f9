//! What a method answers with, and the frame that carries it.

use serde_json::Value;

use super::dispatch::encode;
use crate::protocol::frame::Response;

/// The result of a method.
#[derive(Debug)]
pub(crate) enum Payload {
    /// A value, which is what nearly all methods answer with.
    Value(Value),
    /// JSON that was written without ever being a value, for answers of megabytes.
    Text(String),
}

impl Payload {
    /// The response to request `id`.
    pub(crate) fn frame(self, id: &str) -> String {
        match self {
            Self::Value(payload) => encode(&Response::ok(id, payload)),
            Self::Text(payload) => {
                format!(r#"{{"type":"res","id":{},"ok":true,"payload":{payload}}}"#, Value::from(id))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_text_makes_the_frame_that_its_value_makes() {
        let payload = json!({ "sessions": [{ "key": "a\"b" }], "count": 1 });
        for id in ["1", "a\"\n", ""] {
            let text = Payload::Text(payload.to_string()).frame(id);
            assert_eq!(text, Payload::Value(payload.clone()).frame(id), "{id}");
        }
    }
}
