use chrono::{DateTime, Datelike as _, NaiveTime, TimeZone as _, Utc};
use chrono_tz::Tz;
use serde_json::json;

use super::*;
use crate::gateway::cron::job::{Ended, Outcome};

fn job(id: &str, schedule: &Value, more: &Value) -> Job {
    let mut value = json!({ "id": id, "enabled": true, "createdAtMs": 0, "schedule": schedule, "state": {} });
    for (name, member) in more.as_object().unwrap() {
        value[name] = member.clone();
    }
    Job::from_value(&value).unwrap()
}

/// Runs whatever is due at `now_ms`; returns what ran.
fn tick(book: &mut Book, now_ms: u64) -> Vec<String> {
    let mut ran = Vec::new();
    for mut job in book.due(now_ms, usize::MAX) {
        ran.push(job.id().to_string());
        job.begin(now_ms);
        book.apply(Change::Put(job.clone()));
        let ended = Ended { begin_ms: now_ms, duration_ms: 0, outcome: Outcome::Ok(String::new()) };
        let id = Arc::clone(job.id());
        book.apply(job.end(&ended, now_ms).map_or(Change::Remove(id), Change::Put));
    }
    ran
}

fn every(every_ms: u64) -> Value {
    json!({ "kind": "every", "everyMs": every_ms, "anchorMs": 0 })
}

#[test]
fn jobs_run_in_their_order_and_once() {
    let mut book = Book::default();
    book.apply(Change::Put(job("slow", &every(1000), &json!({}))));
    book.apply(Change::Put(job("fast", &every(250), &json!({}))));
    book.apply(Change::Put(job("off", &every(1), &json!({ "enabled": false }))));
    book.apply(Change::Put(job("once", &json!({ "kind": "at", "atMs": 600 }), &json!({}))));
    book.apply(Change::Put(job(
        "gone",
        &json!({ "kind": "at", "atMs": 600 }),
        &json!({ "deleteAfterRun": true }),
    )));
    book.catch_up(0);
    let mut ran = Vec::new();
    while let Some(now_ms) = book.next_ms().filter(|now_ms| *now_ms <= 1000) {
        ran.push((now_ms, tick(&mut book, now_ms).join(" ")));
    }
    let ran: Vec<(u64, &str)> = ran.iter().map(|(at, ids)| (*at, ids.as_str())).collect();
    assert_eq!(ran, [(250, "fast"), (500, "fast"), (600, "once gone"), (750, "fast"), (1000, "slow fast")]);
    assert!(book.get("gone").is_none() && !book.get("once").unwrap().is_enabled());
    assert_eq!(book.get("once").unwrap().next_ms(), None);
}

#[test]
fn what_was_missed_runs_once() {
    let mut book = Book::default();
    for (id, schedule) in [("every", every(1000)), ("at", json!({ "kind": "at", "atMs": 5000 }))] {
        book.apply(Change::Put(job(id, &schedule, &json!({ "state": { "nextRunAtMs": 5000 } }))));
    }
    book.catch_up(100_500);
    assert_eq!(tick(&mut book, 100_500), ["every", "at"]);
    assert_eq!(book.next_ms(), Some(101_000));
    assert!(tick(&mut book, 100_500).is_empty());
}

#[test]
fn a_clock_that_is_set_back_repeats_nothing() {
    let mut book = Book::default();
    let daily = json!({ "kind": "cron", "expr": "0 3 * * *", "tz": "UTC" });
    book.apply(Change::Put(job("daily", &daily, &json!({}))));
    book.apply(Change::Put(job("minute", &every(60_000), &json!({}))));
    let three = 3 * 3_600_000;
    book.catch_up(three - 1);
    assert_eq!(tick(&mut book, three), ["daily", "minute"]);
    // By two seconds: neither is due again at three.
    book.replan(three - 2000);
    assert_eq!(book.next_ms(), Some(three + 60_000));
    // By two hours: the day is not repeated, the minutes go on.
    book.replan(three - 2 * 3_600_000);
    assert_eq!(book.next_ms(), Some(3_600_000 + 60_000));
    assert_eq!(book.get("daily").unwrap().next_ms(), Some(three + 86_400_000));
    // By years: nobody waits until then.
    let mut ahead = Book::default();
    ahead.apply(Change::Put(job(
        "daily",
        &daily,
        &json!({ "state": { "lastRunAtMs": 4_000_000_000_000_u64 } }),
    )));
    ahead.replan(0);
    assert_eq!(ahead.next_ms(), Some(three));
}

#[test]
fn what_it_does_not_know_stays() {
    let file = json!({
        "version": 1, "future": [1],
        "jobs": [
            { "id": "a", "schedule": every(1000), "later": { "x": 1 }, "enabled": false, "state": { "y": 2 } },
            "stranger",
            { "id": "a", "name": "a second one" },
            { "id": "b", "schedule": { "kind": "moon" }, "enabled": true },
        ],
    });
    let mut book = Book::from_value(file.clone());
    assert_eq!((book.len(), book.next_ms()), (2, None));
    let changed = book.get("a").unwrap().clone();
    book.apply(Change::Put(changed));
    let written: Value = serde_json::from_str(&book.content().render().unwrap()).unwrap();
    let order = |value: &Value| {
        let mut jobs: Vec<String> = value["jobs"].as_array().unwrap().iter().map(Value::to_string).collect();
        jobs.sort();
        jobs
    };
    assert_eq!(order(&written), order(&file));
    assert_eq!((&written["version"], &written["future"]), (&json!(1), &json!([1])));
}

#[test]
fn a_list_is_by_time_and_then_as_made() {
    let mut book = Book::default();
    for (id, next) in [("c", Some(9)), ("a", None), ("b", Some(3)), ("d", Some(9))] {
        let state = next.map_or(json!({}), |next| json!({ "nextRunAtMs": next }));
        let off = json!({ "state": state, "enabled": id != "d" });
        book.apply(Change::Put(job(id, &every(1000), &off)));
    }
    let ids =
        |all| book.listed(all).iter().map(|job| job["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!((ids(true).concat(), ids(false).concat()), ("abcd".to_owned(), "abc".to_owned()));
}

/// A year of the simulated clock in three zones, on the days without a change of the clocks, held against another
/// program's schedule and time zones.
#[test]
fn a_year_as_another_program_has_it() {
    let zones = ["Europe/Berlin", "America/New_York", "Australia/Sydney"];
    let expressions = [
        "30 2 * * *",
        "20 */12 * * *",
        "45 9 * * MON-FRI",
        "5 4 1,15 * *",
        "15 1 * * SUN",
        "0 12 10-20 JAN,JUL *",
    ];
    let begin: DateTime<Utc> = Utc.with_ymd_and_hms(2027, 1, 1, 0, 0, 0).unwrap();
    let end = Utc.with_ymd_and_hms(2028, 1, 1, 0, 0, 0).unwrap();
    let ms = |at: DateTime<Utc>| u64::try_from(at.timestamp_millis()).unwrap();
    let mut book = Book::default();
    for zone in zones {
        for expression in expressions {
            let schedule = json!({ "kind": "cron", "expr": expression, "tz": zone });
            book.apply(Change::Put(job(&format!("{zone}|{expression}"), &schedule, &json!({}))));
        }
    }
    book.catch_up(ms(begin));
    let mut ran: HashMap<String, Vec<u64>> = HashMap::new();
    while let Some(now_ms) = book.next_ms().filter(|now_ms| *now_ms < ms(end)) {
        for id in tick(&mut book, now_ms) {
            ran.entry(id).or_default().push(now_ms);
        }
    }
    let mut changes = 0;
    for zone in zones {
        let tz: Tz = zone.parse().unwrap();
        let is_plain = |at: &DateTime<Tz>| {
            let midnight = |days| (at.date_naive() + chrono::Days::new(days)).and_time(NaiveTime::MIN);
            let day =
                tz.from_local_datetime(&midnight(1)).unwrap() - tz.from_local_datetime(&midnight(0)).unwrap();
            day == chrono::TimeDelta::hours(24)
        };
        for expression in expressions {
            let theirs = format!("0 {expression}").parse::<cron::Schedule>().unwrap();
            let moments = theirs.after(&begin.with_timezone(&tz)).take_while(|at| *at < end);
            let theirs: Vec<u64> = moments.filter(|at| is_plain(at)).map(|at| ms(at.to_utc())).collect();
            let local =
                |at: &u64| Utc.timestamp_millis_opt(i64::try_from(*at).unwrap()).unwrap().with_timezone(&tz);
            let all = &ran[&format!("{zone}|{expression}")];
            let ours: Vec<u64> = all.iter().filter(|at| is_plain(&local(at))).copied().collect();
            assert_eq!(ours, theirs, "{zone} {expression}");
            if expression == "30 2 * * *" {
                // On the days of a change exactly once as well.
                changes += all.len() - ours.len();
                let mut days: Vec<u32> = all.iter().map(|at| local(at).ordinal()).collect();
                days.dedup();
                assert_eq!((days.len(), all.len()), (365, 365), "{zone}: once a day");
            }
        }
    }
    assert_eq!(changes, 6, "two changes of the clocks in each zone");
}
