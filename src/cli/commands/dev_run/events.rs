//! What happens, for people or as JSON; on standard error wherever standard output is the command's.
//! `dev/EVENTS.md` documents the JSON.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

use crate::cli::output::Printer;

/// Version of the format.
const VERSION: u32 = 1;

/// Says what happens.
#[derive(Debug)]
pub(super) struct Events {
    pub(super) printer: Printer,
    pub(super) json: bool,
}

// === impl Events ===

impl Events {
    /// A change of state, which interests scripts alone.
    pub(super) fn change(&self, name: &str, fields: Value) {
        if !self.json {
            return;
        }
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut event = Map::new();
        event.insert("v".to_owned(), json!(VERSION));
        event.insert("event".to_owned(), json!(name));
        event.insert("ts".to_owned(), json!(u64::try_from(since.as_millis()).unwrap_or(u64::MAX)));
        if let Value::Object(fields) = fields {
            event.extend(fields.into_iter().filter(|(_, value)| !value.is_null()));
        }
        self.printer.error(&Value::Object(event).to_string());
    }

    /// A change of state that people are told as well: one line, and details below it.
    pub(super) fn trouble(&self, name: &str, fields: Value, text: &str, details: &[String]) {
        if self.json {
            return self.change(name, fields);
        }
        self.printer.cross(text);
        for line in details {
            self.printer.text(&format!("  {line}"));
        }
    }

    /// Good news for people, and a change of state.
    pub(super) fn news(&self, name: &str, fields: Value, text: &str) {
        if self.json { self.change(name, fields) } else { self.printer.tick(text) }
    }
}
