//! Parameters of `cron.add` and `cron.update` in their one form (`wire-protocol` D.5): people and models write jobs in
//! many ways, which the published gateway takes before it validates. Pure.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

/// A whole number, which JavaScript may have written as `3.0`.
pub fn whole(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| {
        let number =
            value.as_f64().filter(|number| number.fract() == 0.0 && (0.0..=9e15).contains(number))?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked before")]
        Some(number as u64)
    })
}

/// Parameters of `cron.add` as they are validated.
pub(super) fn job_in_one_form(params: Value) -> Value {
    let Value::Object(members) = params else { return params };
    let mut job = in_one_form(unwrapped(members));
    job.entry("wakeMode").or_insert_with(|| json!("next-heartbeat"));
    let kind = job.get("payload").and_then(|payload| payload["kind"].as_str());
    let target = match kind {
        Some("systemEvent") => Some("main"),
        Some("agentTurn") => Some("isolated"),
        _ => None,
    };
    if let Some(target) = target {
        job.entry("sessionTarget").or_insert_with(|| json!(target));
    }
    Value::Object(job)
}

/// Parameters of `cron.update` as they are validated.
pub(super) fn patch_in_one_form(mut params: Value) -> Value {
    if let Some(Value::Object(patch)) = params.get_mut("patch") {
        *patch = in_one_form(unwrapped(std::mem::take(patch)));
    }
    params
}

/// What is inside `{ data: … }` or `{ job: … }`.
fn unwrapped(mut members: Map<String, Value>) -> Map<String, Value> {
    for name in ["data", "job"] {
        if let Some(Value::Object(inner)) = members.get_mut(name) {
            return std::mem::take(inner);
        }
    }
    members
}

fn in_one_form(mut job: Map<String, Value>) -> Map<String, Value> {
    if let Some(Value::String(text)) = job.get("enabled") {
        let flag = match text.trim().to_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        };
        if let Some(flag) = flag {
            job.insert("enabled".to_owned(), flag.into());
        }
    }
    if let Some(Value::Object(schedule)) = job.get_mut("schedule") {
        schedule_in_one_form(schedule);
    }
    if job.get("agentId").and_then(Value::as_str).is_some_and(|agent| agent.trim().is_empty()) {
        job.shift_remove("agentId");
    }
    job
}

fn schedule_in_one_form(schedule: &mut Map<String, Value>) {
    if !schedule.contains_key("kind") {
        let kinds = [("atMs", "at"), ("at", "at"), ("everyMs", "every"), ("expr", "cron")];
        if let Some((_, kind)) = kinds.into_iter().find(|(name, _)| schedule.contains_key(*name)) {
            schedule.insert("kind".to_owned(), kind.into());
        }
    }
    let given = [schedule.get("atMs"), schedule.get("at")];
    let at_ms = given.into_iter().flatten().find_map(|value| value.as_str().and_then(moment));
    if let Some(at_ms) = at_ms {
        schedule.insert("atMs".to_owned(), at_ms.into());
    }
    schedule.shift_remove("at");
}

/// A time as a text: a number of milliseconds, or ISO 8601; without a zone it is in UTC.
fn moment(text: &str) -> Option<u64> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok().filter(|at_ms| *at_ms > 0);
    }
    let moment = text.parse::<Timestamp>().ok().or_else(|| {
        let civil = text.parse::<DateTime>().ok()?;
        civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    });
    moment.and_then(|moment| u64::try_from(moment.as_millisecond()).ok())
}
