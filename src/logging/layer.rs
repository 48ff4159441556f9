//! The `tracing` layer: events → lines → file and standard error.

use std::fmt::{self, Write as _};
use std::io::Write as _;

use jiff::Timestamp;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer};

use super::file::{LogFile, Written};
use super::line::{self, Record};

/// Writes what happens in this crate to the file and to standard error, each with its own threshold.
#[derive(Debug)]
pub(super) struct LogLayer {
    pub(super) file: Option<std::sync::Arc<LogFile>>,
    pub(super) file_level: LevelFilter,
    pub(super) stderr_level: LevelFilter,
    pub(super) hostname: String,
}

impl LogLayer {
    fn threshold(&self) -> LevelFilter {
        let file_level = if self.file.is_some() { self.file_level } else { LevelFilter::OFF };
        file_level.max(self.stderr_level)
    }
}

impl<S: Subscriber> Layer<S> for LogLayer {
    fn enabled(&self, metadata: &Metadata<'_>, _context: Context<'_, S>) -> bool {
        metadata.is_event()
            && metadata.target().starts_with("clawdbot")
            && *metadata.level() <= self.threshold()
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.threshold())
    }

    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let mut gathered = Gathered::default();
        event.record(&mut gathered);
        let level = *event.metadata().level();
        let time = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
        let subsystem = line::subsystem(event.metadata().target());
        let record = Record {
            time: &time,
            level,
            subsystem: &subsystem,
            message: &gathered.message,
            fields: &gathered.fields,
            hostname: &self.hostname,
        };
        if let Some(file) = &self.file
            && level <= self.file_level
            && let Written::FirstLost(error) = file.write(&line::json_line(&record))
        {
            say(&format!("{time} warn [logging] failed to write {}: {error}\n", file.path().display()));
        }
        if level <= self.stderr_level {
            say(&line::plain_line(&record));
        }
    }
}

/// Standard error is the last resort: when it is gone too, there is nobody left to tell.
fn say(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// The members of one event.
#[derive(Debug, Default)]
struct Gathered {
    message: String,
    fields: Map<String, Value>,
}

impl Gathered {
    fn put(&mut self, field: &Field, value: Value) {
        match (field.name(), value) {
            ("message", Value::String(text)) => self.message = text,
            (name, value) => {
                self.fields.insert(name.to_owned(), value);
            }
        }
    }
}

impl Visit for Gathered {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = String::new();
        // Writing into a `String` cannot fail; a `Debug` that does leaves what it had written.
        let _ = write!(text, "{value:?}");
        self.put(field, Value::String(text));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, Value::String(value.to_owned()));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, Value::Bool(value));
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
    use std::sync::Arc;

    use tracing_subscriber::layer::SubscriberExt as _;

    use super::super::file::ROTATION;
    use super::*;

    #[test]
    fn the_threshold_of_the_file_is_the_right_way_up() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("gateway.log");
        let layer = LogLayer {
            file: Some(Arc::new(LogFile::new(path.clone(), ROTATION))),
            file_level: LevelFilter::INFO,
            stderr_level: LevelFilter::OFF,
            hostname: "host".to_owned(),
        };
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            tracing::debug!("too fine");
            tracing::info!(port = 18789, "serving");
            tracing::error!(target: "another::crate", "not ours");
            tracing::error!("failed");
        });
        let lines: Vec<Value> = std::fs::read_to_string(path)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), 2);
        assert_eq!((&lines[0]["1"]["port"], &lines[0]["2"]), (&Value::from(18789), &Value::from("serving")));
        assert_eq!(lines[1]["_meta"]["logLevelName"], "ERROR");
        assert_eq!(lines[1]["0"], r#"{"subsystem":"logging/layer"}"#);
    }
}
