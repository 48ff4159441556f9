//! Problems of the configuration as JSON.

use serde_json::{Value, json};

use crate::config::Issue;

/// One problem with its place.
pub(super) fn issue(issue: &Issue) -> Value {
    let mut object = json!({ "path": issue.path, "message": issue.message });
    if let Some(suggestion) = &issue.suggestion {
        object["suggestion"] = json!(suggestion);
    }
    if let Some(place) = &issue.place {
        object["file"] = json!(place.file);
        object["line"] = json!(place.line);
        object["column"] = json!(place.column);
    }
    object
}
