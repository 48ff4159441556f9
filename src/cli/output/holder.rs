//! What a lock says about the process that holds it: the JSON object in it → facts for people.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

/// `pid 123, port 18789, since 2026-01-24 10:00:00`, as far as it is known; empty when nothing is.
pub(crate) fn facts(text: &str, zone: &TimeZone) -> String {
    let holder: Value = serde_json::from_str(text).unwrap_or(Value::Null);
    let number = |name: &str| holder.get(name).and_then(Value::as_u64);
    let since = number("startedAtMs")
        .and_then(|milliseconds| i64::try_from(milliseconds).ok())
        .and_then(|milliseconds| Timestamp::from_millisecond(milliseconds).ok())
        .map(|time| time.to_zoned(zone.clone()).strftime("since %Y-%m-%d %H:%M:%S").to_string());
    let pid = number("pid").map(|pid| format!("pid {pid}"));
    let port = number("port").map(|port| format!("port {port}"));
    [pid, port, since].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(facts(text, &TimeZone::UTC), expected);
    }

    #[test]
    fn as_much_as_is_known() {
        check(
            r#"{"pid":12,"port":18789,"startedAtMs":1769248800000}"#,
            "pid 12, port 18789, since 2026-01-24 10:00:00",
        );
        check(r#"{"pid":12,"port":null}"#, "pid 12");
        check(r#"{"pid":12,"startedAtMs":99999999999999999}"#, "pid 12");
        check("", "");
        check("pid 12", "");
    }
}
