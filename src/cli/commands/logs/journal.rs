//! The journal of systemd: what `journalctl` is asked, and what its answers mean. Pure.

use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::config::schema::LogLevel;
use crate::logging::LogLine;
use crate::platform::exec::CommandLine;

/// One entry, as far as it matters. Everything is text in the journal's JSON; what is no UTF-8 is a list of bytes.
#[derive(Debug, Deserialize)]
struct Raw {
    #[serde(rename = "__CURSOR")]
    cursor: Option<String>,
    #[serde(rename = "__REALTIME_TIMESTAMP")]
    microseconds: String,
    #[serde(rename = "MESSAGE")]
    message: Option<Value>,
    #[serde(rename = "PRIORITY")]
    priority: Option<String>,
    #[serde(rename = "SYSLOG_IDENTIFIER")]
    identifier: Option<String>,
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct JournalEntry {
    pub(super) line: LogLine,
    /// Where the next ones begin.
    pub(super) cursor: Option<String>,
    /// When it came, in Unix milliseconds.
    pub(super) at: i64,
    /// Whether it is a log line that the gateway printed, which stands in the log file, too.
    pub(super) is_copy: bool,
}

/// Asks for the last entries of a unit.
pub(super) fn last(unit: &str, limit: usize, since: Option<i64>) -> CommandLine {
    let lines = if limit == usize::MAX { "all".to_owned() } else { limit.to_string() };
    let since = since.map(|since| format!("--since=@{}", since.div_euclid(1000)));
    command(unit).args([format!("--lines={lines}")]).args(since).timeout(Duration::from_secs(20))
}

/// Asks for what comes after a cursor, for ever.
pub(super) fn following(unit: &str, cursor: Option<&str>) -> CommandLine {
    match cursor {
        Some(cursor) => {
            command(unit).args(["--follow", "--no-tail"]).args([format!("--after-cursor={cursor}")])
        }
        None => command(unit).args(["--follow", "--lines=0"]),
    }
}

/// Entries of the unit wherever they are kept: without a journal of their own, those of users are in the system's.
fn command(unit: &str) -> CommandLine {
    CommandLine::new("journalctl").args(["--user-unit", unit, "--output=json", "--no-pager", "--quiet"])
}

/// One line of the answer.
pub(super) fn parse(text: &str) -> Option<JournalEntry> {
    let raw: Raw = serde_json::from_str(text).ok()?;
    let time = Timestamp::from_microsecond(raw.microseconds.parse().ok()?).ok()?;
    let message = match raw.message? {
        Value::String(text) => text,
        Value::Array(bytes) => {
            let bytes: Vec<u8> = bytes.iter().filter_map(|byte| u8::try_from(byte.as_u64()?).ok()).collect();
            String::from_utf8_lossy(&bytes).into_owned()
        }
        _ => return None,
    };
    let told = LogLine::of_output(&message);
    let is_copy = told.time.is_some();
    let line = if is_copy {
        told
    } else {
        LogLine {
            time: Some(time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()),
            level: raw.priority.as_deref().and_then(level),
            subsystem: raw.identifier,
            raw: message.clone(),
            message,
            ..LogLine::default()
        }
    };
    Some(JournalEntry { line, cursor: raw.cursor, at: time.as_millisecond(), is_copy })
}

/// The priorities of syslog(3).
fn level(priority: &str) -> Option<LogLevel> {
    Some(match priority.parse::<u8>().ok()? {
        0..=2 => LogLevel::Fatal,
        3 => LogLevel::Error,
        4 => LogLevel::Warn,
        5 | 6 => LogLevel::Info,
        7 => LogLevel::Debug,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const JOURNAL: &str = include_str!("../../../../fixtures/service/systemd/journal.json");

    #[test]
    fn entries_of_manager_and_gateway_are_understood() {
        let entries: Vec<_> = JOURNAL.lines().filter_map(parse).collect();
        let told: Vec<_> = entries
            .iter()
            .map(|entry| {
                (
                    entry.line.subsystem.as_deref().unwrap_or(""),
                    entry.line.level,
                    entry.is_copy,
                    &*entry.line.message,
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                (
                    "systemd",
                    Some(LogLevel::Info),
                    false,
                    "Started clawdbot-gateway.service - Clawdbot Gateway (v0.1.0)."
                ),
                ("clawdbot", Some(LogLevel::Info), false, "✓ listening on ws://127.0.0.1:18789 (PID 4242)"),
                ("ws", Some(LogLevel::Warn), true, "closed before connect"),
                ("clawdbot", Some(LogLevel::Info), false, "bytes \u{fffd}"),
                (
                    "systemd",
                    Some(LogLevel::Warn),
                    false,
                    "clawdbot-gateway.service: Failed with result 'exit-code'."
                ),
            ]
        );
        assert_eq!(entries[0].line.time.as_deref(), Some("2026-11-28T09:15:02.000Z"));
        assert_eq!(entries[0].at, 1_795_857_302_000);
        assert_eq!(entries[2].line.time.as_deref(), Some("2026-11-28T09:15:03.250Z"));
        assert!(entries[4].cursor.is_some());
    }

    #[test]
    fn what_is_asked() {
        let words = |line: CommandLine| {
            let words: Vec<_> =
                line.arguments.iter().map(|word| word.to_string_lossy().into_owned()).collect();
            words[5..].join(" ")
        };
        assert_eq!(words(last("u", 200, None)), "--lines=200");
        assert_eq!(words(last("u", usize::MAX, Some(1_795_857_302_999))), "--lines=all --since=@1795857302");
        assert_eq!(words(following("u", Some("s=1;i=2"))), "--follow --no-tail --after-cursor=s=1;i=2");
        assert_eq!(words(following("u", None)), "--follow --lines=0");
    }
}
