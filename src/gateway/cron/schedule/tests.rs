use proptest::prelude::*;
use serde_json::json;

use super::*;

/// Unix milliseconds of a time with its offset.
fn ms(text: &str) -> u64 {
    text.parse::<Timestamp>().unwrap().as_millisecond().try_into().unwrap()
}

fn cron(expression: &str, zone: &str) -> Value {
    json!({ "kind": "cron", "expr": expression, "tz": zone })
}

/// The moments that follow one another after `after`, in UTC.
#[track_caller]
fn check(schedule: &Value, after: &str, expect: &[&str]) {
    let parsed = Schedule::parse(schedule).unwrap();
    let mut at = ms(after);
    for expected in expect {
        let next = parsed.next_after(at, 0);
        assert_eq!(next.and_then(moment).map(|at| at.to_string()).as_deref(), Some(*expected), "{schedule}");
        at = next.unwrap();
    }
}

#[track_caller]
fn check_error(schedule: &Value, expect: &str) {
    assert_eq!(Schedule::parse(schedule).unwrap_err().to_string(), expect);
}

#[test]
fn once_and_at_intervals() {
    let at = Schedule::parse(&json!({ "kind": "at", "atMs": 5000 })).unwrap();
    assert_eq!((at.next_after(4999, 0), at.next_after(5000, 0)), (Some(5000), None));
    let every = Schedule::parse(&json!({ "kind": "every", "everyMs": 1000, "anchorMs": 2500 })).unwrap();
    for (after, expect) in [(0, 2500), (2499, 2500), (2500, 3500), (3499, 3500), (9_999_999, 10_000_500)] {
        assert_eq!(every.next_after(after, 0), Some(expect), "{after}");
    }
    // Without an anchor.
    let unanchored = Schedule::parse(&json!({ "kind": "every", "everyMs": 1000.0 })).unwrap();
    for (after, begin, expect) in [(1299, 300, 1300), (1300, 300, 2300), (100, 5300, 300), (5300, 5300, 6300)]
    {
        assert_eq!(unanchored.next_after(after, begin), Some(expect), "{after} {begin}");
    }
    let rare = Schedule::parse(&json!({ "kind": "every", "everyMs": 9_007_199_254_740_991_u64 })).unwrap();
    assert_eq!(rare.next_after(1, 0), Some(9_007_199_254_740_991));
}

#[test]
fn expressions() {
    check(
        &cron("0 3 1 1 *", "UTC"),
        "2026-11-29T00:00:00Z",
        &["2027-01-01T03:00:00Z", "2028-01-01T03:00:00Z"],
    );
    check(&cron("30 8 * * MON-FRI", "Asia/Tokyo"), "2026-11-27T00:00:00Z", &["2026-11-29T23:30:00Z"]);
    check(
        &cron("*/20 59 23 31 12 *", "UTC"),
        "2026-01-01T00:00:00Z",
        &["2026-12-31T23:59:00Z", "2026-12-31T23:59:20Z", "2026-12-31T23:59:40Z", "2027-12-31T23:59:00Z"],
    );
    check(&cron("0 0 29 2 *", "UTC"), "2026-11-29T00:00:00Z", &["2028-02-29T00:00:00Z"]);
    check(&cron("0 0 L * *", "UTC"), "2027-02-01T00:00:00Z", &["2027-02-28T00:00:00Z"]);
    check(&cron("0 0 * * 5#L", "UTC"), "2027-02-01T00:00:00Z", &["2027-02-26T00:00:00Z"]);
    // Either of the two days will do, as in every cron.
    check(
        &cron("0 0 13 * FRI", "UTC"),
        "2026-11-29T00:00:00Z",
        &["2026-12-04T00:00:00Z", "2026-12-11T00:00:00Z", "2026-12-13T00:00:00Z"],
    );
    check(&cron("@daily", "UTC"), "2026-11-29T00:00:00Z", &["2026-11-30T00:00:00Z"]);
    check(&cron("  0   0 * * 7 ", "UTC"), "2026-11-29T00:00:01Z", &["2026-12-06T00:00:00Z"]);
}

#[test]
fn fixed_times_at_daylight_saving_changes() {
    // 02:30 is skipped: right after it. Then again as always.
    check(
        &cron("30 2 * * *", "Europe/Berlin"),
        "2027-03-27T12:00:00Z",
        &["2027-03-28T01:00:00Z", "2027-03-29T00:30:00Z"],
    );
    // 02:30 comes twice: the first time only.
    check(
        &cron("30 2 * * *", "Europe/Berlin"),
        "2027-10-30T12:00:00Z",
        &["2027-10-31T00:30:00Z", "2027-11-01T01:30:00Z"],
    );
    check(
        &cron("30 1 * * *", "America/New_York"),
        "2027-11-07T00:00:00Z",
        &["2027-11-07T05:30:00Z", "2027-11-08T06:30:00Z"],
    );
    check(
        &cron("15 2 * * *", "America/New_York"),
        "2027-03-13T12:00:00Z",
        &["2027-03-14T07:00:00Z", "2027-03-15T06:15:00Z"],
    );
    // A change of half an hour.
    check(
        &cron("15 2 * * *", "Australia/Lord_Howe"),
        "2027-10-02T00:00:00Z",
        &["2027-10-02T15:30:00Z", "2027-10-03T15:15:00Z"],
    );
}

#[test]
fn what_repeats_goes_on_through_daylight_saving_changes() {
    for (zone, begin) in [
        ("Europe/Berlin", "2027-03-27T22:07:00Z"),
        ("Europe/Berlin", "2027-10-30T22:07:00Z"),
        ("America/New_York", "2027-03-14T03:07:00Z"),
        ("America/New_York", "2027-11-07T03:07:00Z"),
        ("Australia/Sydney", "2027-04-03T12:07:00Z"),
        ("Australia/Sydney", "2027-10-02T12:07:00Z"),
    ] {
        let schedule = Schedule::parse(&cron("*/15 * * * *", zone)).unwrap();
        let mut at = schedule.next_after(ms(begin), 0).unwrap();
        for _ in 0..40 {
            let next = schedule.next_after(at, 0).unwrap();
            assert_eq!(next - at, 15 * 60 * 1000, "{zone} {at}");
            at = next;
        }
    }
}

#[test]
fn what_makes_no_sense() {
    for text in ["nope", "* * * *", "* * * * * * *", "@nope"] {
        check_error(
            &cron(text, ""),
            &format!(
                "TypeError: CronPattern: invalid configuration format ('{text}'), exactly five or six space separated parts are required."
            ),
        );
    }
    check_error(&cron("60 * * * *", ""), "RangeError: CronPattern: Invalid value for minute: 60");
    check_error(&cron("0 0 * * *", "Mars/Olympus"), "RangeError: Invalid time zone specified: Mars/Olympus");
    for value in [json!({}), json!({ "kind": "every", "everyMs": 0 }), json!({ "kind": "at" }), Value::Null] {
        check_error(&value, &ScheduleError::Unknown.to_string());
    }
    let never = Schedule::parse(&cron("0 0 30 2 *", "UTC")).unwrap();
    assert_eq!(never.next_after(0, 0), None);
}

/// Fields that are nearly right, or are.
fn field() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec!["*", "?", "L", "0", "1", "31", "29", "2", "5#5", "5L", "FRI", "SUN", "FEB", "*/7", "1-5", "59", "23"])
            .prop_map(str::to_owned),
        2 => "[0-9*,/LW#?+-]{1,6}",
        1 => "[A-Z0-9#,L-]{1,8}",
        1 => ".{1,4}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Whatever a client sends or a file holds, the answer is an error or a moment that is later.
    #[test]
    fn no_expression_does_harm(
        fields in prop::collection::vec(field(), 4..8),
        zone in prop::sample::select(vec!["UTC", "Europe/Berlin", "Pacific/Apia", "Australia/Lord_Howe", "", "x"]),
        after in prop_oneof![0..4_102_444_800_000_u64, any::<u64>()],
    ) {
        if let Ok(schedule) = Schedule::parse(&cron(&fields.join(" "), zone)) {
            let next = schedule.next_after(after, 0);
            prop_assert!(next.is_none_or(|next| next > after), "{next:?}");
        }
    }

    #[test]
    fn no_interval_does_harm(every in 1_u64.., anchor in prop::option::of(any::<u64>()), after: u64, begin: u64) {
        let schedule = Schedule::Every { every_ms: every, anchor_ms: anchor };
        let next = schedule.next_after(after, begin);
        prop_assert!(next.is_none_or(|next| next > after), "{next:?}");
        if anchor.is_none() {
            prop_assert!(next.is_none_or(|next| next - after <= every), "{next:?}");
        }
    }
}
