//! One event → its line in the file. Pure.
//!
//! The JSON schema is the published program's, as far as readers of `logs.tail` look at it: numbered members
//! (bindings, metadata, message), `_meta`, and `time` (`gateway-cli` 2.7).

use serde_json::{Map, Value, json};

use crate::config::schema::LogLevel;

/// What is known about one event.
#[derive(Debug)]
pub(super) struct Record<'a> {
    /// When, as ISO 8601 in UTC with milliseconds.
    pub(super) time: &'a str,
    /// How important.
    pub(super) level: LogLevel,
    /// Which part of the program, for example `gateway/ws`.
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
    let (level_id, level_name) = level(record.level);
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
            "logLevelId": level_id,
            "logLevelName": level_name,
        }),
    );
    line.insert("time".to_owned(), Value::String(record.time.to_owned()));
    let mut text = Value::Object(line).to_string();
    text.push('\n');
    text
}

/// The published number and name of a level. Nothing is logged as silent.
fn level(level: LogLevel) -> (u8, &'static str) {
    match level {
        LogLevel::Trace => (1, "TRACE"),
        LogLevel::Debug => (2, "DEBUG"),
        LogLevel::Info => (3, "INFO"),
        LogLevel::Warn => (4, "WARN"),
        LogLevel::Error => (5, "ERROR"),
        LogLevel::Fatal | LogLevel::Silent => (6, "FATAL"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(fields: &Map<String, Value>) -> Record<'_> {
        Record {
            time: "2026-11-23T03:18:38.848Z",
            level: LogLevel::Warn,
            subsystem: "gateway/ws",
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
        assert_eq!(value["0"], r#"{"subsystem":"gateway/ws"}"#);
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
}
