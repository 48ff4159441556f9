//! One line of `--events json`, whichever command tells it. `dev/EVENTS.md` documents them.

use serde_json::{Map, Value, json};

/// Version of the format; counts incompatible changes.
const VERSION: u32 = 1;

/// The object: version, name, time (Unix milliseconds), and the fields that have a value.
pub(crate) fn object(name: &str, fields: Value, ts: u64) -> Value {
    let mut event = Map::new();
    event.insert("v".to_owned(), json!(VERSION));
    event.insert("event".to_owned(), json!(name));
    event.insert("ts".to_owned(), json!(ts));
    if let Value::Object(fields) = fields {
        event.extend(fields.into_iter().filter(|(_, value)| !value.is_null()));
    }
    Value::Object(event)
}
