//! What one `tracing` event says: message and fields as texts of bounded length, without secrets.

use std::fmt::{self, Write as _};

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Level};

use super::redact::{REDACTED, Redactor};
use crate::config::is_secret_key;
use crate::config::schema::LogLevel;

/// No message and no field is longer, in bytes: what a client sends must not fill the log.
const LONGEST: usize = 4096;

/// How much of a longer text is looked at, so that a secret is not cut in two before it is found.
const LOOKED_AT: usize = 2 * LONGEST;

/// Marks an error that ends the program.
const FATAL: &str = "fatal";

/// One event.
#[derive(Debug)]
pub(super) struct Told {
    /// How important; `tracing` has no level for what ends the program, so that is a field.
    pub(super) level: LogLevel,
    /// The message.
    pub(super) message: String,
    /// Everything else that the event carries.
    pub(super) fields: Map<String, Value>,
}

impl Told {
    /// Reads an event and takes its secrets out.
    pub(super) fn read(event: &Event<'_>, redactor: &Redactor) -> Self {
        let mut reader = Reader { redactor, is_fatal: false, message: String::new(), fields: Map::new() };
        event.record(&mut reader);
        let level = if reader.is_fatal { LogLevel::Fatal } else { level(*event.metadata().level()) };
        Self { level, message: reader.message, fields: reader.fields }
    }
}

fn level(level: Level) -> LogLevel {
    match level {
        Level::ERROR => LogLevel::Error,
        Level::WARN => LogLevel::Warn,
        Level::INFO => LogLevel::Info,
        Level::DEBUG => LogLevel::Debug,
        Level::TRACE => LogLevel::Trace,
    }
}

struct Reader<'a> {
    redactor: &'a Redactor,
    is_fatal: bool,
    message: String,
    fields: Map<String, Value>,
}

impl Reader<'_> {
    fn text(&mut self, field: &Field, text: &str) {
        let name = field.name();
        let text = if is_secret_key(name) && !text.is_empty() {
            REDACTED.to_owned()
        } else {
            clean(text, self.redactor)
        };
        if name == "message" {
            self.message = text;
        } else {
            self.put(field, Value::String(text));
        }
    }

    fn put(&mut self, field: &Field, value: Value) {
        self.fields.insert(field.name().to_owned(), value);
    }
}

/// The text without secrets, cut where it is too long.
fn clean(text: &str, redactor: &Redactor) -> String {
    let whole = text.len();
    let text = &text[..text.floor_char_boundary(LOOKED_AT)];
    let mut clean = redactor.clean(text).into_owned();
    if whole > LONGEST {
        clean.truncate(clean.floor_char_boundary(LONGEST));
        // Writing into a `String` cannot fail.
        let _ = write!(clean, "… ({whole} bytes)");
    }
    clean
}

impl Visit for Reader<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = String::new();
        // A `Debug` that fails leaves what it had written.
        let _ = write!(text, "{value:?}");
        self.text(field, &text);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        if field.name() == FATAL {
            self.is_fatal = value;
        } else {
            self.put(field, Value::Bool(value));
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_and_no_secret_is_cut_in_two() {
        let redactor = Redactor::default();
        assert_eq!(clean(&"x".repeat(LONGEST), &redactor).len(), LONGEST);
        let long = format!("{}é{}", "x".repeat(LONGEST - 1), "y".repeat(LONGEST));
        assert_eq!(clean(&long, &redactor), format!("{}… (8193 bytes)", "x".repeat(LONGEST - 1)));
        for start in [LONGEST - 10, LOOKED_AT - 40, LOOKED_AT - 10] {
            let key = "sk-abcdefghijklmnopqrstuvwxyz0123456789";
            let text = format!("{} {key} {}", " ".repeat(start), "z".repeat(LONGEST));
            assert!(!clean(&text, &redactor).contains("sk-"), "{start}");
        }
    }
}
