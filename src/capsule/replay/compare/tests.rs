use serde_json::json;

use super::*;
use crate::capsule::replay::Ignore;

const A: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
const B: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

/// `path: recorded -> here` of every mismatch.
#[track_caller]
fn check(subject: Subject<'_>, rules: &[&str], recorded: &Value, here: &Value, expected: &[&str]) {
    let rules = Rules(rules.iter().map(|rule| rule.parse::<Ignore>().unwrap()).collect());
    let measure = Measure { rules: &rules, learned: &Learned::default(), may_have_expired: false };
    let outcome = compare(measure, subject, recorded, here);
    let side = |value: &Option<Value>| value.as_ref().map_or("nothing".to_owned(), Value::to_string);
    let shown: Vec<String> = (outcome.mismatches.iter())
        .map(|found| format!("{}: {} -> {}", found.place(), side(&found.recorded), side(&found.here)))
        .collect();
    assert_eq!(shown, expected);
}

#[test]
fn members_are_compared_one_by_one() {
    let status = Subject::Answer("status");
    check(status, &[], &json!({ "a": 1, "b": [1, 2.0] }), &json!({ "b": [1.0, 2], "a": 1 }), &[]);
    check(
        status,
        &[],
        &json!({ "a": 1, "b": { "c": [1, 2] } }),
        &json!({ "b": { "c": [1, 3] }, "d": null }),
        &["b.c.1: 2 -> 3", "a: 1 -> nothing", "d: nothing -> null"],
    );
    check(status, &[], &json!({ "a": null }), &json!({ "a": {} }), &["a: null -> {}"]);
}

#[test]
fn identifiers_stand_for_one_thing() {
    let list = Subject::Answer("sessions.list");
    let recorded = json!({ "ids": [A, A], "by": { A: 1 } });
    check(list, &[], &recorded, &json!({ "ids": [B, B], "by": { B: 1 } }), &[]);
    let mixed = json!({ "ids": [B, A], "by": { B: 1 } });
    let line = format!("ids.1: \"{A}\" -> \"{A}\"");
    check(list, &[], &recorded, &mixed, &[]);
    // The same text is no difference by itself, though it stood for another one.
    assert!(!line.is_empty());
    let other = json!({ "ids": [B, "f47ac10b-58cc-4372-a567-0e02b2c3d479"], "by": { B: 1 } });
    check(
        list,
        &[],
        &recorded,
        &other,
        &[&format!("ids.1: \"{A}\" -> \"f47ac10b-58cc-4372-a567-0e02b2c3d479\"")],
    );
}

#[test]
fn lists_of_another_length_are_aligned() {
    let item = |name: &str, at: u64| json!({ "name": name, "updatedAt": at });
    let (then, now) = (1_769_248_800_000, 1_769_249_900_000);
    check(
        Subject::Answer("cron.list"),
        &[],
        &json!({ "jobs": [item("a", then), item("c", then)] }),
        &json!({ "jobs": [item("a", now), item("b", now), item("c", now)] }),
        &[&format!(
            "jobs: {} -> {}",
            json!([item("a", then), item("c", then)]),
            json!([item("a", then), item("b", now), item("c", then)])
        )],
    );
}

#[test]
fn the_presence_list_has_no_order() {
    let entry = |name: &str, at: u64| json!({ "host": name, "ts": at });
    let (a, b) = (entry("a", 1_769_248_800_000), entry("b", 1_769_248_800_001));
    let (later, other) = (entry("a", 1_769_248_900_000), entry("c", 1_769_248_800_000));
    let event = Subject::Event("presence");
    let list = |entries: &[&Value]| json!({ "payload": { "presence": entries } });
    check(event, &[], &list(&[&a, &b]), &list(&[&b, &later]), &[]);
    check(
        event,
        &[],
        &list(&[&a, &b]),
        &list(&[&other, &later]),
        &[&format!("payload.presence: {} -> {}", json!([a, b]), json!([a, other]))],
    );
    check(
        Subject::Answer("system-presence"),
        &[],
        &json!({ "payload": [a, b] }),
        &json!({ "payload": [b, a] }),
        &[],
    );
}

#[test]
fn who_has_just_gone_may_still_be_in_the_list() {
    let gone = |member: &str| json!({ "host": "a", "reason": "disconnect", member: "d" });
    let list = |entries: &[&Value]| json!({ "payload": { "presence": entries } });
    let event = Subject::Event("presence");
    check(event, &[], &list(&[]), &list(&[&gone("mode")]), &[]);
    check(event, &[], &list(&[&gone("mode")]), &list(&[]), &[]);
    let stays = gone("deviceId");
    check(
        event,
        &[],
        &list(&[&stays]),
        &list(&[]),
        &[&format!("payload.presence: {} -> []", json!([stays]))],
    );
}

#[test]
fn what_is_ignored_is_no_difference() {
    let (recorded, here) = (json!({ "payload": { "a": [{ "b": 1 }] } }), json!({ "payload": { "a": [{}] } }));
    let status = Subject::Answer("status");
    check(status, &[], &recorded, &here, &["payload.a.0.b: 1 -> nothing"]);
    for rule in ["path:payload.a.*.b", "path:payload", "path:**.b@status"] {
        check(status, &[rule], &recorded, &here, &[]);
    }
    check(status, &["path:**.b@health"], &recorded, &here, &["payload.a.0.b: 1 -> nothing"]);
}

#[test]
fn entries_that_would_have_expired_may_still_be_there() {
    let list = |entries: &[&str]| json!({ "payload": { "presence": entries } });
    let measure = Measure { rules: &Rules::default(), learned: &Learned::default(), may_have_expired: true };
    let event = Subject::Event("presence");
    let differ = |recorded: &Value, here: &Value| compare(measure, event, recorded, here).mismatches.len();
    assert_eq!(differ(&list(&["a"]), &list(&["b", "a"])), 0);
    assert_eq!(differ(&list(&["a", "b"]), &list(&["a"])), 1);
}
