//! One event → one line. Pure.
//!
//! The JSON schema is the published program's, as far as readers of `logs.tail` look at it: numbered members
//! (bindings, metadata, message), `_meta`, and `time` (`gateway-cli` 2.7).

use std::borrow::Cow;

use serde_json::{Map, Value, json};
use tracing::Level;

/// What is known about one event.
#[derive(Debug)]
pub(super) struct Record<'a> {
    /// When, as ISO 8601 in UTC with milliseconds.
    pub(super) time: &'a str,
    /// How important.
    pub(super) level: Level,
    /// Which part of the program, for example `gateway/connection`.
    pub(super) subsystem: &'a str,
    /// The message.
    pub(super) message: &'a str,
    /// Everything else that the event carries.
    pub(super) fields: &'a Map<String, Value>,
    /// Name of this machine.
    pub(super) hostname: &'a str,
}

/// The line for the file, with its line break.
pub(super) fn json_line(record: &Record<'_>) -> String {
    let bindings = json!({ "subsystem": record.subsystem }).to_string();
    let mut line = Map::new();
    line.insert("0".to_owned(), Value::String(bindings.clone()));
    if !record.fields.is_empty() {
        line.insert("1".to_owned(), Value::Object(record.fields.clone()));
    }
    line.insert(line.len().to_string(), Value::String(record.message.to_owned()));
    line.insert(
        "_meta".to_owned(),
        json!({
            "runtime": "clawdbot",
            "runtimeVersion": env!("CARGO_PKG_VERSION"),
            "hostname": record.hostname,
            "name": bindings,
            "parentNames": ["clawdbot"],
            "date": record.time,
            "logLevelId": level_id(record.level),
            "logLevelName": record.level.as_str(),
        }),
    );
    line.insert("time".to_owned(), Value::String(record.time.to_owned()));
    let mut text = Value::Object(line).to_string();
    text.push('\n');
    text
}

/// The line for people, with its line break.
pub(super) fn plain_line(record: &Record<'_>) -> String {
    let level = record.level.as_str().to_ascii_lowercase();
    let message = printable(record.message);
    let mut text = format!("{} {level} [{}] {message}", record.time, record.subsystem);
    for (name, value) in record.fields {
        text.push(' ');
        text.push_str(name);
        text.push('=');
        match value {
            Value::String(value) if !value.contains(char::is_whitespace) => text.push_str(&printable(value)),
            other => text.push_str(&printable(&other.to_string())),
        }
    }
    text.push('\n');
    text
}

/// The text without control characters, which a client can send and a terminal would obey.
fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let escape = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    Cow::Owned(text.chars().map(escape).collect())
}

/// The part of the program that a `tracing` target names: at most two segments, without the crate.
pub(super) fn subsystem(target: &str) -> String {
    let path = target.strip_prefix("clawdbot::").unwrap_or(target);
    path.split("::").take(2).collect::<Vec<_>>().join("/")
}

/// The published level numbers; 6 (fatal) has no counterpart in `tracing`.
fn level_id(level: Level) -> u8 {
    match level {
        Level::TRACE => 1,
        Level::DEBUG => 2,
        Level::INFO => 3,
        Level::WARN => 4,
        Level::ERROR => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(fields: &Map<String, Value>) -> Record<'_> {
        Record {
            time: "2026-11-23T03:18:38.848Z",
            level: Level::WARN,
            subsystem: "gateway/connection",
            message: "closed \"early\"\nand twice",
            fields,
            hostname: "host",
        }
    }

    #[test]
    fn readers_of_the_published_schema_find_their_members() {
        let none = Map::new();
        let line = json_line(&record(&none));
        assert_eq!(line.matches('\n').count(), 1, "one line: {line:?}");
        let value: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["0"], r#"{"subsystem":"gateway/connection"}"#);
        assert_eq!(value["1"], "closed \"early\"\nand twice");
        assert_eq!(value["_meta"]["logLevelName"], "WARN");
        assert_eq!(value["_meta"]["logLevelId"], 4);
        assert_eq!(value["time"], value["_meta"]["date"]);
    }

    #[test]
    fn metadata_stands_before_the_message() {
        let mut fields = Map::new();
        fields.insert("code".to_owned(), json!(1012));
        let value: Value = serde_json::from_str(&json_line(&record(&fields))).unwrap();
        assert_eq!(value["1"], json!({ "code": 1012 }));
        assert_eq!(value["2"], "closed \"early\"\nand twice");
    }

    #[test]
    fn people_get_one_short_line() {
        let mut fields = Map::new();
        fields.insert("conn".to_owned(), json!("a1"));
        fields.insert("path".to_owned(), json!("two words"));
        fields.insert("who".to_owned(), json!("\u{1b}[2J\u{9b}"));
        let text = plain_line(&record(&fields));
        assert!(text.starts_with("2026-11-23T03:18:38.848Z warn [gateway/connection] closed"), "{text}");
        assert!(text.ends_with(" conn=a1 path=\"two words\" who=\\u{1b}[2J\\u{9b}\n"), "{text}");
        assert!(text.contains("\\nand twice"), "{text}");
    }

    #[test]
    fn subsystems() {
        for (target, expect) in [
            ("clawdbot::gateway::connection::task", "gateway/connection"),
            ("clawdbot::gateway", "gateway"),
            ("hyper::proto", "hyper/proto"),
            ("plain", "plain"),
        ] {
            assert_eq!(subsystem(target), expect);
        }
    }
}
