//! The rules about members: by their name, and by what they are a member of.

use serde_json::{Map, Value};

use crate::capsule::replay::compare::{Segment, Subject};

/// A member of an object, in a frame.
#[derive(Debug, Clone, Copy)]
pub(in crate::capsule::replay) struct Member<'a> {
    pub(in crate::capsule::replay) subject: Subject<'a>,
    /// From the frame to the member.
    pub(in crate::capsule::replay) path: &'a [Segment<'a>],
    /// The object, as recorded.
    pub(in crate::capsule::replay) of: Option<&'a Map<String, Value>>,
}

/// Unix milliseconds from 2014 to 2096.
const MOMENTS_MS: std::ops::Range<f64> = 1.4e12..4.0e12;

/// Whether two values of a member may differ, whatever they are.
pub(in crate::capsule::replay) fn may_differ(member: &Member<'_>, recorded: &Value, here: &Value) -> bool {
    is_about_now(member) || is_machine(member) || is_skill(member) || is_address(member) || {
        match (recorded, here) {
            (Value::Number(recorded), Value::Number(here)) => {
                let both = [recorded, here].map(|number| number.as_f64().unwrap_or_default());
                is_counter(member) || is_time(member.name(), both)
            }
            _ => false,
        }
    }
}

/// Whether a member may be there on one side alone.
pub(in crate::capsule::replay) fn may_be_absent(member: &Member<'_>) -> bool {
    is_about_now(member) || is_machine(member) || is_skill(member) || is_address(member)
}

// === impl Member ===

impl<'a> Member<'a> {
    /// The name; of an item of a list that of the list.
    fn name(&self) -> &'a str {
        let named = self.path.iter().rev().find_map(|segment| match segment {
            Segment::Key(name) => Some(*name),
            Segment::Index(_) => None,
        });
        named.unwrap_or_default()
    }

    fn is_at(&self, path: &[&str]) -> bool {
        self.path.len() == path.len()
            && self.path.iter().zip(path).all(|(segment, name)| *segment == Segment::Key(name))
    }

    fn is_below(&self, path: &[&str]) -> bool {
        self.path.len() > path.len()
            && self.path.iter().zip(path).all(|(segment, name)| *segment == Segment::Key(name))
    }
}

/// Moments by their size, durations by their names. What somebody has set is no measurement.
fn is_time(name: &str, both: [f64; 2]) -> bool {
    if both.iter().all(|number| MOMENTS_MS.contains(number)) {
        return true;
    }
    let unit = ["Ms", "Seconds", "Sec", "Minutes"].iter().find_map(|unit| name.strip_suffix(unit));
    let bare = unit.unwrap_or(name);
    // The last word of `someName`.
    let word = bare.rfind(|c: char| c.is_ascii_uppercase()).map_or(bare, |start| &bare[start..]);
    let measured = ["duration", "uptime", "elapsed", "latency", "age", "took", "lag"];
    measured.iter().any(|measured| measured.eq_ignore_ascii_case(word))
        || matches!(name, "lastInputSeconds" | "nowMs" | "ts" | "restartExpectedMs")
}

fn is_counter(member: &Member<'_>) -> bool {
    matches!(member.name(), "seq" | "cursor")
        || member.path.contains(&Segment::Key("stateVersion"))
        || member.is_below(&["payload", "replay"])
}

/// What a client finds that comes in at some moment.
fn is_about_now(member: &Member<'_>) -> bool {
    if member.subject != Subject::Answer("connect") {
        return false;
    }
    member.is_at(&["payload", "snapshot", "health"]) || member.is_below(&["payload", "snapshot", "health"])
}

/// What the gateway says about itself.
fn is_machine(member: &Member<'_>) -> bool {
    let is_own = member.of.is_some_and(|entry| {
        let says = |name: &str, text: &str| entry.get(name).and_then(Value::as_str) == Some(text);
        says("reason", "self") && says("mode", "gateway")
    });
    if is_own {
        return matches!(
            member.name(),
            "host" | "ip" | "version" | "platform" | "deviceFamily" | "modelIdentifier" | "text"
        );
    }
    (member.is_below(&["payload", "server"]) && matches!(member.name(), "host" | "version" | "commit"))
        || matches!(
            member.name(),
            "pid" | "ppid" | "hostname" | "rss" | "heapUsed" | "heapTotal" | "loadAverage"
        )
}

fn is_address(member: &Member<'_>) -> bool {
    matches!(member.name(), "ip" | "remoteIp")
}

/// What a skill finds here.
fn is_skill(member: &Member<'_>) -> bool {
    member.subject == Subject::Answer("skills.status")
        && member.is_below(&["payload", "skills"])
        && member.path.iter().any(|segment| {
            matches!(
                segment,
                Segment::Key(
                    "eligible" | "missing" | "bins" | "install" | "configChecks" | "blockedByAllowlist"
                )
            )
        })
        || (member.subject == Subject::Answer("skills.bins") && member.is_below(&["payload"]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(subject: Subject<'_>, path: &[&str], recorded: &Value, here: &Value, expected: bool) {
        let path: Vec<Segment<'_>> = path.iter().map(|name| Segment::Key(name)).collect();
        let member = Member { subject, path: &path, of: None };
        assert_eq!(may_differ(&member, recorded, here), expected, "{path:?} {recorded} {here}");
    }

    #[test]
    fn members_that_may_differ() {
        let status = Subject::Answer("status");
        for name in ["ts", "durationMs", "age", "ageMs", "uptimeMs", "latencyMs", "restartExpectedMs", "seq"]
        {
            check(status, &["payload", name], &json!(1), &json!(2), true);
        }
        for name in ["tickIntervalMs", "everyMs", "timeoutMs", "count", "language", "page", "usage"] {
            check(status, &["payload", name], &json!(1), &json!(2), false);
        }
        check(
            status,
            &["payload", "updatedAt"],
            &json!(1_769_248_800_000_u64),
            &json!(1_769_248_900_000_u64),
            true,
        );
        check(status, &["payload", "updatedAt"], &json!(0), &json!(1_769_248_900_000_u64), false);
        check(status, &["payload", "ts"], &json!(1), &json!("2"), false);
        check(status, &["payload", "presence", "ip"], &json!("10.0.0.1"), &json!("127.0.0.1"), true);
        check(status, &["payload", "stateVersion", "health"], &json!(1), &json!(2), true);
        let hello = Subject::Answer("connect");
        check(hello, &["payload", "server", "version"], &json!("1"), &json!("2"), true);
        check(hello, &["payload", "version"], &json!("1"), &json!("2"), false);
        check(hello, &["payload", "snapshot", "health"], &json!({}), &json!({ "ok": true }), true);
        check(status, &["payload", "snapshot", "health"], &json!({}), &json!({ "ok": true }), false);
    }

    #[test]
    fn only_the_own_entry_is_about_the_machine() {
        let own = json!({ "mode": "gateway", "reason": "self", "host": "a" });
        let other = json!({ "mode": "ui", "reason": "connect", "host": "a" });
        let path = [Segment::Key("payload"), Segment::Index(0), Segment::Key("host")];
        for (entry, expected) in [(&own, true), (&other, false)] {
            let member =
                Member { subject: Subject::Answer("system-presence"), path: &path, of: entry.as_object() };
            assert_eq!(may_differ(&member, &json!("a"), &json!("b")), expected, "{entry}");
        }
    }
}
