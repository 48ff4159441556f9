//! The last error in the log.

use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::cli::output::gateway_status::LogError;
use crate::gateway;

/// How much of the end of the log is looked at.
const LOOKED_AT: u64 = 256 << 10;

/// The last line about an error that is not older than `since_ms`. None of a log that cannot be read.
pub(super) fn last_error(path: &Path, since_ms: u64) -> Option<LogError> {
    // A pipe in its place would be waited for.
    if !path.metadata().is_ok_and(|facts| facts.is_file()) {
        return None;
    }
    let tail = gateway::logs::tail(path, None, usize::MAX, LOOKED_AT).ok()?;
    tail.lines.iter().rev().find_map(|line| error(line, since_ms, &TimeZone::system()))
}

fn error(line: &str, since_ms: u64, zone: &TimeZone) -> Option<LogError> {
    // Most lines are none, and reading them takes longer than looking.
    if !line.contains("\"ERROR\"") && !line.contains("\"FATAL\"") {
        return None;
    }
    let line: Value = serde_json::from_str(line).ok()?;
    let level = line["_meta"]["logLevelName"].as_str()?;
    let time: Timestamp = line["time"].as_str()?.parse().ok()?;
    let is_recent = u64::try_from(time.as_millisecond()).is_ok_and(|at| at >= since_ms);
    let message = (0..10).rev().find_map(|index| line[index.to_string()].as_str())?;
    (matches!(level, "ERROR" | "FATAL") && is_recent).then(|| LogError {
        time: time.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string(),
        message: message.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"0":"{\"subsystem\":\"gateway\"}","1":{"port":1},"2":"failed to bind","_meta":{"logLevelName":"ERROR"},"time":"2026-01-24T10:00:00.000Z"}"#;

    #[track_caller]
    fn check(line: &str, since_ms: u64, expected: Option<&str>) {
        let found = error(line, since_ms, &TimeZone::UTC);
        let found = found.map(|found| format!("{} {}", found.time, found.message));
        assert_eq!(found.as_deref(), expected);
    }

    #[test]
    fn errors_count_from_the_start_on() {
        check(LINE, 0, Some("2026-01-24 10:00:00 failed to bind"));
        check(LINE, 1_769_248_800_000, Some("2026-01-24 10:00:00 failed to bind"));
        check(LINE, 1_769_248_800_001, None);
        check(&LINE.replace("ERROR", "WARN"), 0, None);
        check(&LINE.replace("failed to bind", "\\\"ERROR\\\"").replace("\"ERROR\"}", "\"INFO\"}"), 0, None);
        check("\"ERROR\"", 0, None);
        check("{\"ERROR\"", 0, None);
    }

    #[test]
    fn the_last_one_is_found_in_any_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log");
        assert_eq!(last_error(&path, 0), None);
        assert_eq!(last_error(directory.path(), 0), None);
        let other = LINE.replace("bind", "read");
        std::fs::write(&path, format!("{LINE}\nno json\n{other}\n{{}}\n")).unwrap();
        assert_eq!(last_error(&path, 0).unwrap().message, "failed to read");
    }
}
