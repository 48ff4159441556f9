//! What a failure leaves to look at: the end of the gateway's log, and a copy of the profile.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::gateway::logs;
use crate::platform::atomic;
use crate::platform::tree::{self, CopyError, Strange};

/// Lines that are shown.
const SHOWN: usize = 20;
/// Bytes at the end of the log that they are looked for in.
const LOOKED_AT: u64 = 64 * 1024;

/// The last lines of a log file, each as a person reads it; nothing when there is no log.
pub(super) fn log_tail(path: &Path) -> Vec<String> {
    // One that cannot be read has nothing to show either.
    let lines = logs::tail(path, None, SHOWN, LOOKED_AT).map(|tail| tail.lines).unwrap_or_default();
    lines.iter().map(|line| readable(line)).collect()
}

/// `TIME LEVEL message {fields}`, from a line of the log file.
fn readable(line: &str) -> String {
    let Ok(Value::Object(record)) = serde_json::from_str::<Value>(line) else { return line.to_owned() };
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let time = text(record.get("time"));
    let clock = time.split_once('T').map_or("", |(_, clock)| clock.trim_end_matches('Z'));
    let level = text(record.get("_meta").and_then(|meta| meta.get("logLevelName")));
    let (message, fields) = match (record.get("1"), record.get("2")) {
        (Some(fields @ Value::Object(_)), Some(message)) => (text(Some(message)), fields.to_string()),
        (message, _) => (text(message), String::new()),
    };
    format!("{clock} {level} {message} {fields}").trim_end().to_owned()
}

/// Copies the profile into a new directory below `artifacts`, and returns that.
pub(super) fn save(directory: &Path, artifacts: &Path) -> Result<PathBuf, CopyError> {
    let target = artifacts.join(directory.file_name().unwrap_or_default());
    let failed = |source| CopyError::Io { path: target.clone(), source };
    atomic::private_directory(&target).map_err(failed)?;
    tree::copy(directory, &target, Strange::LeftOut)?;
    Ok(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_lines_are_readable() {
        let meta = r#""_meta":{"logLevelName":"WARN"},"time":"2026-01-02T03:04:05.678Z""#;
        for (line, expected) in [
            (format!(r#"{{"0":"{{}}","1":"text",{meta}}}"#), "03:04:05.678 WARN text"),
            (
                format!(r#"{{"0":"{{}}","1":{{"a":1}},"2":"text",{meta}}}"#),
                r#"03:04:05.678 WARN text {"a":1}"#,
            ),
            ("no JSON".to_owned(), "no JSON"),
        ] {
            assert_eq!(readable(&line), expected);
        }
    }

    #[test]
    fn the_tail_is_bounded() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("log");
        assert!(log_tail(&path).is_empty());
        let lines: Vec<String> = (0..20_000).map(|number| format!("line {number}")).collect();
        std::fs::write(&path, lines.join("\n") + "\n").unwrap();
        let tail = log_tail(&path);
        assert_eq!((tail.len(), tail[0].as_str(), tail[19].as_str()), (20, "line 19980", "line 19999"));
    }
}
