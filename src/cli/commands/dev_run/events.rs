//! What happens, for people or as JSON; on standard error wherever standard output is the command's.
//! `dev/EVENTS.md` documents the JSON.

use serde_json::Value;

use crate::cli::output::Printer;
use crate::cli::output::event::object;
use crate::platform::clock;

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
        self.printer.error(&object(name, fields, clock::unix_ms()).to_string());
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
