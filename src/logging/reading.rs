//! Lines of the log, taken apart again: of the file, and what of them was told on standard error. Pure.

use serde_json::{Map, Value};

use super::console;
use super::line::Record;
use crate::config::schema::{ConsoleStyle, LogLevel};

/// A line as readers of a log see it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogLine {
    /// When, as it was written; `None` for a line in no known form.
    pub time: Option<String>,
    /// How important.
    pub level: Option<LogLevel>,
    /// Which part of the program.
    pub subsystem: Option<String>,
    /// Which module, where the published program names one.
    pub module: Option<String>,
    /// The message; of a line in no known form the whole line.
    pub message: String,
    /// Everything else that the line carries.
    pub fields: Map<String, Value>,
    /// The line as it stands.
    pub raw: String,
}

impl LogLine {
    /// A line of the log file, also one of the published program's.
    pub fn of_file(raw: &str) -> Self {
        let object =
            Some(raw).filter(|raw| raw.starts_with('{')).and_then(|raw| serde_json::from_str(raw).ok());
        object.and_then(|object| schema(&object, raw)).unwrap_or_else(|| Self::unknown(raw))
    }

    /// A line that a gateway printed: one for people has no known form, a log line begins with its time.
    pub fn of_output(raw: &str) -> Self {
        compact(raw).or_else(|| json(raw)).unwrap_or_else(|| Self::unknown(raw))
    }

    /// The line as it would have looked on standard error, without its line break.
    pub fn for_people(&self, colours: bool) -> String {
        let Some(time) = &self.time else { return console::printable(&self.raw).into_owned() };
        let record = Record {
            time,
            level: self.level.unwrap_or(LogLevel::Info),
            subsystem: self.subsystem.as_deref().or(self.module.as_deref()).unwrap_or("clawdbot"),
            message: &self.message,
            fields: &self.fields,
            hostname: "",
        };
        let mut line = console::line(&record, ConsoleStyle::Compact, colours);
        line.pop();
        line
    }

    fn unknown(raw: &str) -> Self {
        Self { message: raw.to_owned(), raw: raw.to_owned(), ..Self::default() }
    }
}

/// `{"0": bindings, "1": metadata, "2": message, "_meta": …, "time": …}`.
fn schema(object: &Map<String, Value>, raw: &str) -> Option<LogLine> {
    let meta = object.get("_meta")?;
    let time = object.get("time").or_else(|| meta.get("date"))?.as_str()?;
    let mut line = LogLine {
        time: Some(time.to_owned()),
        level: meta.get("logLevelName").and_then(Value::as_str).and_then(level),
        raw: raw.to_owned(),
        ..LogLine::default()
    };
    let mut message: Vec<&str> = Vec::new();
    for number in 0..object.len() {
        match object.get(&number.to_string()) {
            Some(Value::String(text)) if number == 0 => match serde_json::from_str(text) {
                Ok(Value::Object(bindings)) => {
                    let binding = |name| bindings.get(name).and_then(Value::as_str).map(str::to_owned);
                    (line.subsystem, line.module) = (binding("subsystem"), binding("module"));
                }
                _ => message.push(text),
            },
            Some(Value::String(text)) => message.push(text),
            Some(Value::Object(fields)) => line.fields.extend(fields.clone()),
            Some(other) => {
                line.fields.insert(number.to_string(), other.clone());
            }
            None => break,
        }
    }
    line.message = message.join(" ");
    Some(line)
}

/// `TIME [subsystem] level: message …`. The fields stay in the message: they cannot be told from it.
fn compact(raw: &str) -> Option<LogLine> {
    let (time, rest) = raw.split_once(' ')?;
    let (subsystem, message) = rest.strip_prefix('[')?.split_once("] ")?;
    time.parse::<jiff::Timestamp>().ok()?;
    let named = message.split_once(": ").and_then(|(word, rest)| Some((level(word)?, rest)));
    let (level, message) = named.unwrap_or((LogLevel::Info, message));
    Some(LogLine {
        time: Some(time.to_owned()),
        level: Some(level),
        subsystem: Some(subsystem.to_owned()),
        message: message.to_owned(),
        raw: raw.to_owned(),
        ..LogLine::default()
    })
}

/// `{"time": …, "level": …, "subsystem": …, "message": …, …}`.
fn json(raw: &str) -> Option<LogLine> {
    let mut fields: Map<String, Value> =
        Some(raw).filter(|raw| raw.starts_with('{')).and_then(|raw| serde_json::from_str(raw).ok())?;
    let mut text = |name| match fields.shift_remove(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    };
    let (time, name) = (text("time")?, text("level")?);
    let (subsystem, message) = (text("subsystem"), text("message")?);
    Some(LogLine {
        time: Some(time),
        level: level(&name),
        subsystem,
        module: None,
        message,
        fields,
        raw: raw.to_owned(),
    })
}

fn level(name: &str) -> Option<LogLevel> {
    Some(match name.to_ascii_lowercase().as_str() {
        "trace" => LogLevel::Trace,
        "debug" => LogLevel::Debug,
        "info" => LogLevel::Info,
        "warn" => LogLevel::Warn,
        "error" => LogLevel::Error,
        "fatal" => LogLevel::Fatal,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        let Value::Object(object) = value else { panic!("not an object") };
        object
    }

    #[test]
    fn what_is_written_is_read_back() {
        let none = Map::new();
        let some = object(json!({ "code": 1012, "who": "a b" }));
        for fields in [&none, &some] {
            let record = Record {
                time: "2026-11-23T03:18:38.848Z",
                level: LogLevel::Warn,
                subsystem: "gateway/ws",
                message: "closed \"early\"\nand twice",
                fields,
                hostname: "host",
            };
            let written = super::super::line::json_line(&record);
            let line = LogLine::of_file(written.trim_end());
            assert_eq!((line.time.as_deref(), line.level), (Some(record.time), Some(LogLevel::Warn)));
            assert_eq!((line.subsystem.as_deref(), &*line.message), (Some("gateway/ws"), record.message));
            assert_eq!(&line.fields, fields);
            let shown = console::line(&record, ConsoleStyle::Compact, false);
            assert_eq!(line.for_people(false) + "\n", shown);

            let told = LogLine::of_output(shown.trim_end());
            assert_eq!(
                (told.time, told.level, told.subsystem.as_deref()),
                (line.time, line.level, Some("ws"))
            );
            let told = LogLine::of_output(console::line(&record, ConsoleStyle::Json, false).trim_end());
            assert_eq!((told.message, &told.fields), (line.message, fields));
        }
    }

    #[test]
    fn lines_of_the_published_program_are_read() {
        let raw = r#"{"0":"{\"module\":\"cron\"}","1":{"intervalMs":1800000},"2":"heartbeat: started","_meta":{"date":"2026-11-23T03:18:38.848Z","logLevelName":"INFO"},"time":"2026-11-23T03:18:38.850Z"}"#;
        let line = LogLine::of_file(raw);
        assert_eq!((line.subsystem, line.module.as_deref()), (None, Some("cron")));
        assert_eq!(
            (&*line.message, line.time.as_deref()),
            ("heartbeat: started", Some("2026-11-23T03:18:38.850Z"))
        );
        assert_eq!(line.fields, object(json!({ "intervalMs": 1_800_000 })));
        let console = r#"{"0":"plain","1":"words","2":7,"_meta":{"date":"2026-11-23T03:18:38.848Z"}}"#;
        let line = LogLine::of_file(console);
        assert_eq!((&*line.message, line.level), ("plain words", None));
        assert_eq!(line.for_people(false), "2026-11-23T03:18:38.848Z [clawdbot] plain words 2=7");
    }

    #[test]
    fn other_lines_stay_as_they_are_and_never_command_a_terminal() {
        for raw in ["", "✓ listening on ws://127.0.0.1:1", "{", "{\"0\":1}", "2026 [a] b", "[a] b"] {
            for line in [LogLine::of_file(raw), LogLine::of_output(raw)] {
                assert_eq!((line.time, &*line.raw, &*line.message), (None, raw, raw));
            }
        }
        assert_eq!(LogLine::of_file("\u{1b}[2Jgone").for_people(true), "\\u{1b}[2Jgone");
    }
}
