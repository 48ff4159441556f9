//! What one `tracing` event says, and the spans that it happened in: message and fields as texts of bounded length,
//! without secrets.

use std::fmt::{self, Write as _};

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::span::Attributes;
use tracing::{Event, Level};

use crate::config::is_secret_key;
use crate::config::schema::LogLevel;
use crate::redaction::{REDACTED, Redactor};

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

/// What a span says about everything that happens in it.
#[derive(Debug, Default)]
pub(super) struct SpanFields(Vec<(&'static str, String)>);

/// An event that is being read, and then the spans around it.
pub(super) struct Reader<'a> {
    redactor: &'a Redactor,
    is_fatal: bool,
    message: String,
    fields: Map<String, Value>,
}

impl SpanFields {
    /// Reads a span that begins. Secrets are taken out when it is told, which is seldom.
    pub(super) fn read(span: &Attributes<'_>) -> Self {
        let mut fields = Self::default();
        span.record(&mut fields);
        fields
    }
}

impl Visit for SpanFields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.push((field.name(), format!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.push((field.name(), value[..value.floor_char_boundary(LOOKED_AT)].to_owned()));
    }
}

impl<'a> Reader<'a> {
    /// Reads an event.
    pub(super) fn new(event: &Event<'_>, redactor: &'a Redactor) -> Self {
        let mut reader = Self { redactor, is_fatal: false, message: String::new(), fields: Map::new() };
        event.record(&mut reader);
        reader
    }

    /// Reads a span around the event; the innermost comes first, and what is said already stays.
    pub(super) fn within(&mut self, span: &SpanFields) {
        for (name, text) in &span.0 {
            if !self.fields.contains_key(*name) {
                self.text(name, text);
            }
        }
    }

    /// What was read. `level` is the event's.
    pub(super) fn told(self, level: Level) -> Told {
        let level = if self.is_fatal { LogLevel::Fatal } else { log_level(level) };
        Told { level, message: self.message, fields: self.fields }
    }
}

fn log_level(level: Level) -> LogLevel {
    match level {
        Level::ERROR => LogLevel::Error,
        Level::WARN => LogLevel::Warn,
        Level::INFO => LogLevel::Info,
        Level::DEBUG => LogLevel::Debug,
        Level::TRACE => LogLevel::Trace,
    }
}

impl Reader<'_> {
    fn text(&mut self, name: &str, text: &str) {
        let text = if is_secret_key(name) && !text.is_empty() {
            REDACTED.to_owned()
        } else {
            clean(text, self.redactor)
        };
        if name == "message" {
            self.message = text;
        } else {
            self.put(name, Value::String(text));
        }
    }

    fn put(&mut self, name: &str, value: Value) {
        self.fields.insert(name.to_owned(), value);
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
        self.text(field.name(), &text);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        if field.name() == FATAL {
            self.is_fatal = value;
        } else {
            self.put(field.name(), Value::Bool(value));
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field.name(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field.name(), value.into());
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
