//! `config.schema` (`wire-protocol` D.2): made once for the process, for the table of keys never changes.

use std::sync::{Arc, OnceLock};

use serde_json::json;

use crate::config::{resolved_json_schema, ui_hints};
use crate::gateway::context::{Gateway, VERSION};
use crate::gateway::rpc::Payload;

/// `config.schema`: the shape of the configuration after variables and includes are filled in, and hints for a form.
pub(crate) fn schema(gateway: &Gateway) -> Payload {
    static ANSWER: OnceLock<Arc<str>> = OnceLock::new();
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
        .to_string()
        .into()
    };
    Payload::Shared(Arc::clone(ANSWER.get_or_init(make)))
}
