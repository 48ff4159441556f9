//! One event → its line on the terminal, in the style that was asked for. Pure.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::line::Record;
use super::subsystem;
use crate::config::schema::{ConsoleStyle, LogLevel};

const DIM: &str = "\x1b[2m";
const CYAN: &str = "\x1b[36m";
const YELLOW: &str = "\x1b[33m";
const RED: &str = "\x1b[31m";
const RESET: &str = "\x1b[0m";

/// The line for the terminal, with its line break.
pub(super) fn line(record: &Record<'_>, style: ConsoleStyle, colours: bool) -> String {
    match style {
        ConsoleStyle::Json => json(record),
        ConsoleStyle::Compact => plain(record, record.time, colours),
        ConsoleStyle::Pretty => plain(record, time_of_day(record.time), colours),
    }
}

/// `TIME [subsystem] message name=value …`. The level is said unless it is the ordinary one: all of them go to one
/// stream, so nothing else would tell a warning apart.
fn plain(record: &Record<'_>, time: &str, colours: bool) -> String {
    let paint = |colour: &str, text: &str| {
        if colours { format!("{colour}{text}{RESET}") } else { text.to_owned() }
    };
    let subsystem = printable(subsystem::shown(record.subsystem));
    let mut words = vec![paint(DIM, time), paint(CYAN, &format!("[{subsystem}]"))];
    let colour = match record.level {
        LogLevel::Info => None,
        LogLevel::Debug | LogLevel::Trace => Some(DIM),
        LogLevel::Warn => Some(YELLOW),
        LogLevel::Error | LogLevel::Fatal | LogLevel::Silent => Some(RED),
    };
    words.extend(colour.map(|colour| paint(colour, &format!("{}:", level_name(record.level)))));
    words.push(printable(record.message).into_owned());
    words.extend(record.fields.iter().map(|(name, value)| {
        let value = match value {
            Value::String(text) if !text.is_empty() && !text.contains(char::is_whitespace) => printable(text),
            other => printable(&other.to_string()).into_owned().into(),
        };
        format!("{}{value}", paint(DIM, &format!("{name}=")))
    }));
    words.join(" ") + "\n"
}

/// The subsystem stands here in full.
fn json(record: &Record<'_>) -> String {
    let mut line = Map::new();
    let text = |text: &str| Value::String(text.to_owned());
    line.insert("time".to_owned(), text(record.time));
    line.insert("level".to_owned(), text(level_name(record.level)));
    line.insert("subsystem".to_owned(), text(record.subsystem));
    line.insert("message".to_owned(), text(record.message));
    for (name, value) in record.fields {
        // The four above are what readers rely on.
        line.entry(name.as_str()).or_insert_with(|| value.clone());
    }
    let mut line = Value::Object(line).to_string();
    line.push('\n');
    line
}

fn level_name(level: LogLevel) -> &'static str {
    match level {
        LogLevel::Trace => "trace",
        LogLevel::Debug => "debug",
        LogLevel::Info => "info",
        LogLevel::Warn => "warn",
        LogLevel::Error => "error",
        LogLevel::Fatal | LogLevel::Silent => "fatal",
    }
}

/// `03:18:38` of `2026-11-23T03:18:38.848Z`.
fn time_of_day(time: &str) -> &str {
    time.split_once('T').and_then(|(_, rest)| rest.split('.').next()).unwrap_or(time)
}

/// The text without control characters, which a client can send and a terminal would obey.
pub(super) fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let escape = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    Cow::Owned(text.chars().map(escape).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(level: LogLevel, fields: Value, style: ConsoleStyle, colours: bool, expected: &str) {
        let Value::Object(fields) = fields else { panic!("not an object") };
        let record = Record {
            time: "2026-11-23T03:18:38.848Z",
            level,
            subsystem: "gateway/ws",
            message: "closed\nearly",
            fields: &fields,
            hostname: "host",
        };
        assert_eq!(line(&record, style, colours), expected);
    }

    #[test]
    fn people_get_one_short_line() {
        use ConsoleStyle::{Compact, Pretty};

        let time = "2026-11-23T03:18:38.848Z";
        check(LogLevel::Info, json!({}), Compact, false, &format!("{time} [ws] closed\\nearly\n"));
        check(LogLevel::Warn, json!({}), Compact, false, &format!("{time} [ws] warn: closed\\nearly\n"));
        check(LogLevel::Info, json!({}), Pretty, false, "03:18:38 [ws] closed\\nearly\n");
        check(
            LogLevel::Error,
            json!({ "conn": "a1", "path": "two words", "who": "\u{1b}[2J\u{9b}", "none": "", "ms": 3 }),
            Pretty,
            false,
            "03:18:38 [ws] error: closed\\nearly conn=a1 path=\"two words\" who=\\u{1b}[2J\\u{9b} none=\"\" ms=3\n",
        );
        check(
            LogLevel::Warn,
            json!({ "ms": 3 }),
            Pretty,
            true,
            "\x1b[2m03:18:38\x1b[0m \x1b[36m[ws]\x1b[0m \x1b[33mwarn:\x1b[0m closed\\nearly \x1b[2mms=\x1b[0m3\n",
        );
    }

    #[test]
    fn programs_get_one_object() {
        check(
            LogLevel::Info,
            json!({ "conn": "a1", "level": "mine" }),
            ConsoleStyle::Json,
            true,
            "{\"time\":\"2026-11-23T03:18:38.848Z\",\"level\":\"info\",\"subsystem\":\"gateway/ws\",\
             \"message\":\"closed\\nearly\",\"conn\":\"a1\"}\n",
        );
    }
}
