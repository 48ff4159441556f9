//! What of a log is shown, and in which form.

use std::io;

use serde_json::{Map, Value, json};

use crate::cli::args::LogsArgs;
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;
use crate::config::schema::LogLevel;
use crate::logging::LogLine;
use crate::platform::clock;

/// Lines to begin with when nobody says how many.
const USUAL: usize = 200;

/// One line with its place in the order of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Unix milliseconds; of a line without a time those of the next one that has one.
    pub(super) at: i64,
    pub(super) line: LogLine,
}

/// What was asked for.
#[derive(Debug)]
pub(super) struct View<'a> {
    pub(super) limit: usize,
    /// Nothing older, in Unix milliseconds.
    pub(super) since: Option<i64>,
    level: Option<LogLevel>,
    json: bool,
    colours: bool,
    printer: &'a Printer,
}

/// Why it goes no further.
#[derive(Debug)]
pub(super) enum End {
    /// Whoever read has gone away, as `head` does.
    NobodyReads,
    /// Something failed.
    Failed(ExpectedError),
}

impl<'a> View<'a> {
    pub(super) fn new(args: &LogsArgs, printer: &'a Printer) -> Self {
        let now = i64::try_from(clock::unix_ms()).unwrap_or(i64::MAX);
        let all = if args.since.is_some() { usize::MAX } else { USUAL };
        Self {
            limit: args.limit.unwrap_or(all),
            since: args.since.map(|since| since.before(now)),
            level: args.level,
            json: args.client.json,
            colours: printer.has_colours() && !args.plain,
            printer,
        }
    }

    /// Whether lines of that importance are shown. One that does not say is.
    pub(super) fn shows(&self, level: Option<LogLevel>) -> bool {
        match (self.level, level) {
            (Some(least), Some(level)) => level <= least,
            _ => true,
        }
    }

    /// Whether lines are left out besides the oldest.
    pub(super) fn is_selective(&self) -> bool {
        self.level.is_some() || self.since.is_some()
    }

    /// Prints lines.
    pub(super) fn show<'e>(&self, entries: impl IntoIterator<Item = &'e Entry>) -> Result<(), End> {
        let mut text = String::new();
        for Entry { line, .. } in entries {
            if self.json {
                text.push_str(&object(line).to_string());
            } else {
                text.push_str(&line.for_people(self.colours));
            }
            text.push('\n');
        }
        self.write(text.trim_end_matches('\n'))
    }

    /// Says where the lines come from: on standard output for programs, beside it for people.
    pub(super) fn origin(&self, file: &str, size: u64, cursor: u64) -> Result<(), End> {
        if self.json {
            return self
                .write(&json!({ "type": "meta", "file": file, "cursor": cursor, "size": size }).to_string());
        }
        self.printer.error(&format!("Log file: {file}"));
        Ok(())
    }

    /// Says what there is to know besides the lines.
    pub(super) fn notice(&self, message: &str) -> Result<(), End> {
        if self.json {
            return self.write(&json!({ "type": "notice", "message": message }).to_string());
        }
        self.printer.error(message);
        Ok(())
    }

    fn write(&self, text: &str) -> Result<(), End> {
        if text.is_empty() {
            return Ok(());
        }
        self.printer.try_text(text).map_err(|error| match error.kind() {
            io::ErrorKind::BrokenPipe => End::NobodyReads,
            _ => End::Failed(ExpectedError::Failed(format!("failed to write the lines: {error}"))),
        })
    }
}

/// The published program's object for a line.
fn object(line: &LogLine) -> Value {
    let Some(time) = &line.time else { return json!({ "type": "raw", "raw": line.raw }) };
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
    put("type", "log".into());
    put("time", time.as_str().into());
    if let Some(level) = line.level {
        put("level", json!(level));
    }
    if let Some(subsystem) = &line.subsystem {
        put("subsystem", subsystem.as_str().into());
    }
    if let Some(module) = &line.module {
        put("module", module.as_str().into());
    }
    put("message", line.message.as_str().into());
    put("raw", line.raw.as_str().into());
    Value::Object(object)
}
