//! `config.schema` (`wire-protocol` D.2): made once for the process, for the table of keys never changes.

use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::config::{resolved_json_schema, ui_hints};
use crate::gateway::context::{Gateway, VERSION};

/// `config.schema`: the shape of the configuration after variables and includes are filled in, and hints for a form.
pub(crate) fn schema(gateway: &Gateway) -> Value {
    static ANSWER: OnceLock<Value> = OnceLock::new();
    let make = || {
        let at =
            i64::try_from(gateway.now_ms()).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
        let at = at.unwrap_or_default().strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
        json!({
            "schema": resolved_json_schema(),
            "uiHints": ui_hints(),
            "version": VERSION,
            "generatedAt": at,
        })
    };
    ANSWER.get_or_init(make).clone()
}
