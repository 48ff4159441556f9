//! Times and schedules in words. Pure.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

/// `in 5 minutes`, `2 hours ago`, `now`; the largest unit of which there are at least two, rounded.
pub(super) fn distance(at_ms: u64, now_ms: u64) -> String {
    let milliseconds = at_ms.abs_diff(now_ms);
    let rounded = |unit: u64| (milliseconds + unit / 2) / unit;
    let (count, unit) = match milliseconds {
        0..119_500 => (rounded(1000), "second"),
        119_500..7_170_000 => (rounded(60_000), "minute"),
        7_170_000..171_000_000 => (rounded(3_600_000), "hour"),
        _ => (rounded(86_400_000), "day"),
    };
    let plural = if count == 1 { "" } else { "s" };
    match (count, at_ms > now_ms) {
        (0, _) => "now".to_owned(),
        (count, true) => format!("in {count} {unit}{plural}"),
        (count, false) => format!("{count} {unit}{plural} ago"),
    }
}

/// `2026-11-29 08:00:00`, in a zone.
pub(super) fn moment(at_ms: u64, zone: &TimeZone) -> String {
    let at = i64::try_from(at_ms).ok().and_then(|at_ms| Timestamp::from_millisecond(at_ms).ok());
    match at {
        Some(at) => at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string(),
        None => at_ms.to_string(),
    }
}

/// `1 hour`, `90 minutes`, `250 ms`.
pub(super) fn span(milliseconds: u64) -> String {
    const UNITS: [(u64, &str); 4] =
        [(86_400_000, "day"), (3_600_000, "hour"), (60_000, "minute"), (1000, "second")];
    let unit =
        UNITS.iter().find(|(length, _)| milliseconds >= *length && milliseconds.is_multiple_of(*length));
    match unit {
        Some((length, unit)) if milliseconds == *length => format!("1 {unit}"),
        Some((length, unit)) => format!("{} {unit}s", milliseconds / length),
        None => format!("{milliseconds} ms"),
    }
}

/// When a job is due, in one line.
pub(super) fn schedule(schedule: &Value, zone: &TimeZone) -> String {
    match schedule["kind"].as_str() {
        Some("at") => format!("at {}", moment(schedule["atMs"].as_u64().unwrap_or_default(), zone)),
        Some("every") => format!("every {}", span(schedule["everyMs"].as_u64().unwrap_or_default())),
        Some("cron") => {
            let expression = schedule["expr"].as_str().unwrap_or_default();
            match schedule["tz"].as_str().filter(|zone| !zone.is_empty()) {
                Some(zone) => format!("cron {expression} ({zone})"),
                None => format!("cron {expression}"),
            }
        }
        _ => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn distances() {
        for (at_ms, expect) in [
            (1_000_000_000, "now"),
            (1_000_000_499, "now"),
            (999_999_500, "1 second ago"),
            (1_000_001_000, "in 1 second"),
            (1_000_090_000, "in 90 seconds"),
            (1_000_300_000, "in 5 minutes"),
            (1_007_200_000, "in 2 hours"),
            (1_172_800_000, "in 2 days"),
            (999_995_000, "5 seconds ago"),
            (1_001_199_950, "in 20 minutes"),
            (0, "12 days ago"),
        ] {
            assert_eq!(distance(at_ms, 1_000_000_000), expect);
        }
    }

    #[test]
    fn schedules() {
        for (value, expect) in [
            (json!({ "kind": "at", "atMs": 0 }), "at 1970-01-01 00:00:00"),
            (json!({ "kind": "every", "everyMs": 3_600_000 }), "every 1 hour"),
            (json!({ "kind": "every", "everyMs": 5_400_000 }), "every 90 minutes"),
            (json!({ "kind": "every", "everyMs": 1500 }), "every 1500 ms"),
            (json!({ "kind": "cron", "expr": "0 3 * * *" }), "cron 0 3 * * *"),
            (json!({ "kind": "cron", "expr": "0 3 * * *", "tz": "UTC" }), "cron 0 3 * * * (UTC)"),
            (json!({ "kind": "new" }), "unknown"),
        ] {
            assert_eq!(schedule(&value, &TimeZone::UTC), expect);
        }
        assert_eq!(moment(u64::MAX, &TimeZone::UTC), u64::MAX.to_string());
    }
}
