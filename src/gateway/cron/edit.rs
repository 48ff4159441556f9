//! What a request makes of a job. Pure: parameters have passed their schema.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::job::Job;
use super::schedule::{Schedule, ScheduleError};
use super::scheduler::CronError;
use crate::gateway::agents::normalize_id;

/// A moment that has passed less long ago is one of somebody who was slow, not a mistake; it is due at once.
const GRACE_MS: u64 = 60_000;

/// A new job.
pub(crate) fn add(params: &Value, id: &str, now_ms: u64) -> Result<Job, CronError> {
    let given = |name: &str| params.get(name).cloned();
    let members = [
        ("id", Some(json!(id))),
        ("agentId", params["agentId"].as_str().map(|agent| json!(normalize_id(agent)))),
        ("name", Some(name(&params["name"])?)),
        ("description", description(&params["description"])),
        ("enabled", Some(given("enabled").unwrap_or(json!(true)))),
        ("deleteAfterRun", given("deleteAfterRun")),
        ("createdAtMs", Some(json!(now_ms))),
        ("updatedAtMs", Some(json!(now_ms))),
        ("schedule", given("schedule")),
        ("sessionTarget", given("sessionTarget")),
        ("wakeMode", given("wakeMode")),
        ("payload", given("payload")),
        ("isolation", given("isolation")),
        ("state", Some(json!({}))),
    ];
    let document = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    finished(id, document.collect(), true, now_ms)
}

/// A job after a patch.
pub(crate) fn update(job: &Job, patch: &Value, now_ms: u64) -> Result<Job, CronError> {
    let mut document = (**job.document()).clone();
    for (member, value) in patch.as_object().into_iter().flatten() {
        let value = match (member.as_str(), value) {
            ("name", value) => Some(name(value)?),
            ("description", value) => description(value),
            ("agentId", Value::Null) => None,
            ("agentId", value) => value.as_str().map(|agent| json!(normalize_id(agent))),
            ("payload", value) => Some(payload(job, value)),
            ("state", value) => Some(state(job, value)),
            (_, value) => Some(value.clone()),
        };
        match value {
            Some(value) => document.insert(member.clone(), value),
            None => document.shift_remove(member),
        };
    }
    document.insert("updatedAtMs".to_owned(), now_ms.into());
    let has_another = patch.get("schedule").is_some();
    finished(&Arc::clone(job.id()), document, has_another, now_ms)
}

/// What a job is about, when only some of that changes.
fn payload(job: &Job, patch: &Value) -> Value {
    let old = job.member("payload");
    if old["kind"] == patch["kind"] { merged(old, patch) } else { patch.clone() }
}

/// What happened to a job, as far as a client may say so: not whether it runs, which would keep it from running.
fn state(job: &Job, patch: &Value) -> Value {
    let mut state = merged(job.member("state"), patch);
    if let Some(state) = state.as_object_mut() {
        match job.running_ms() {
            Some(running_ms) => state.insert("runningAtMs".to_owned(), running_ms.into()),
            None => state.shift_remove("runningAtMs"),
        };
    }
    state
}

/// One object with the members of another in it.
fn merged(old: &Value, patch: &Value) -> Value {
    let mut merged = old.as_object().cloned().unwrap_or_default();
    merged.extend(patch.as_object().cloned().unwrap_or_default());
    Value::Object(merged)
}

fn name(given: &Value) -> Result<Value, CronError> {
    match given.as_str().map(str::trim) {
        Some("") | None => Err(refused("Error: cron job name is required")),
        Some(name) => Ok(json!(name)),
    }
}

fn description(given: &Value) -> Option<Value> {
    given.as_str().map(str::trim).filter(|text| !text.is_empty()).map(|text| json!(text))
}

/// The job, when it makes sense. `is_new` says that its schedule is.
fn finished(id: &str, document: Map<String, Value>, is_new: bool, now_ms: u64) -> Result<Job, CronError> {
    let mut job = Job::new(id, document);
    match (job.member("sessionTarget").as_str(), job.member("payload")["kind"].as_str()) {
        (Some("main"), kind) if kind != Some("systemEvent") => {
            return Err(refused(r#"Error: main cron jobs require payload.kind="systemEvent""#));
        }
        (Some("isolated"), kind) if kind != Some("agentTurn") => {
            return Err(refused(r#"Error: isolated cron jobs require payload.kind="agentTurn""#));
        }
        _ => {}
    }
    match job.schedule() {
        Err(error) => return Err(refused(&error.to_string())),
        Ok(Schedule::At(at_ms)) if is_new && at_ms.saturating_add(GRACE_MS) < now_ms => {
            return Err(refused(&ScheduleError::Past(*at_ms).to_string()));
        }
        Ok(schedule @ Schedule::Expression { text, .. })
            if is_new && schedule.next_after(now_ms, 0).is_none() =>
        {
            return Err(refused(&ScheduleError::Never(text.to_string()).to_string()));
        }
        Ok(_) => {}
    }
    job.replan(now_ms);
    Ok(job)
}

fn refused(text: &str) -> CronError {
    CronError::Refused(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: u64 = 1_800_000_000_000;

    fn params() -> Value {
        json!({
            "name": " Tea ", "schedule": { "kind": "every", "everyMs": 60_000 }, "sessionTarget": "main",
            "wakeMode": "now", "payload": { "kind": "systemEvent", "text": "Ready" },
        })
    }

    #[track_caller]
    fn check(change: impl FnOnce(&mut Value), expect: Result<&Value, &str>) {
        let mut params = params();
        change(&mut params);
        match (add(&params, "id", NOW_MS), expect) {
            (Ok(job), Ok(expect)) => {
                for (name, value) in expect.as_object().unwrap() {
                    assert_eq!(job.member(name), value, "{name} of {}", job.to_value());
                }
            }
            (Err(error), Err(expect)) => assert_eq!(error.to_string(), expect),
            (made, _) => panic!("{made:?}"),
        }
    }

    #[test]
    fn new_jobs() {
        let state = json!({ "nextRunAtMs": NOW_MS + 60_000 });
        check(|_| {}, Ok(&json!({ "name": "Tea", "enabled": true, "createdAtMs": NOW_MS, "state": state })));
        check(|p| p["enabled"] = json!(false), Ok(&json!({ "enabled": false, "state": {} })));
        check(|p| p["agentId"] = json!("Other One"), Ok(&json!({ "agentId": "other-one" })));
        check(|p| p["agentId"] = Value::Null, Ok(&json!({ "agentId": null })));
        check(|p| p["name"] = json!("  "), Err("Error: cron job name is required"));
        check(
            |p| p["payload"] = json!({ "kind": "agentTurn", "message": "x" }),
            Err(r#"Error: main cron jobs require payload.kind="systemEvent""#),
        );
        check(
            |p| p["sessionTarget"] = json!("isolated"),
            Err(r#"Error: isolated cron jobs require payload.kind="agentTurn""#),
        );
        check(
            |p| p["schedule"] = json!({ "kind": "cron", "expr": "0 0 30 2 *" }),
            Err("Error: cron expression never fires: '0 0 30 2 *'; no date matches it"),
        );
        let at = |at_ms: u64| json!({ "kind": "at", "atMs": at_ms });
        check(
            |p| p["schedule"] = at(NOW_MS - 1000),
            Ok(&json!({ "state": { "nextRunAtMs": NOW_MS - 1000 } })),
        );
        check(
            |p| p["schedule"] = at(1_700_000_000),
            Err("Error: cron schedule is in the past: 1970-01-20T16:13:20Z; atMs counts milliseconds"),
        );
    }

    #[test]
    fn patches() {
        let job = add(&params(), "id", NOW_MS).unwrap();
        let patched = |patch: Value| update(&job, &patch, NOW_MS + 5000).map(|job| job.to_value());
        let text = patched(json!({ "payload": { "kind": "systemEvent", "text": "x" }, "description": "d" }))
            .unwrap();
        assert_eq!((&text["payload"]["text"], &text["description"]), (&json!("x"), &json!("d")));
        assert_eq!(text["state"]["nextRunAtMs"], NOW_MS + 65_000, "counted from the change");
        let turn = json!({ "kind": "agentTurn", "message": "m", "model": "x" });
        let turned = patched(json!({ "sessionTarget": "isolated", "payload": turn })).unwrap();
        assert_eq!(turned["payload"], turn);
        let off =
            patched(json!({ "enabled": false, "state": { "lastError": "x", "runningAtMs": 1 } })).unwrap();
        assert_eq!(off["state"], json!({ "lastError": "x" }));
        assert!(patched(json!({ "name": "" })).is_err());
        assert!(patched(json!({ "schedule": { "kind": "at", "atMs": 1 } })).is_err());
        let unpatched = patched(json!({})).unwrap();
        assert_eq!((&unpatched["name"], &unpatched["updatedAtMs"]), (&json!("Tea"), &json!(NOW_MS + 5000)));
    }
}
