//! The rules that always hold, by name.

use serde_json::Value;

use crate::capsule::replay::compare::{Segment, Subject};

/// Every rule that always holds, and what it lets pass.
pub const BUILT_IN: [(&str, &str); 12] = [
    (
        "ids",
        "identifiers, nonces, and tokens that the gateway makes: the same one always stands for the same one",
    ),
    ("hashes", "what a gateway computes from content in which something else differs"),
    ("times", "moments, durations, and ages, as numbers and inside texts"),
    ("counters", "`seq`, `stateVersion`, and cursors"),
    ("ports", "ports of this machine"),
    ("paths", "the home directory, which lies elsewhere: it is compared as /capsule/home"),
    ("addresses", "`ip` and `remoteIp` of clients, which all come from this machine now"),
    ("machine", "what the gateway says about the machine and the program: host, version, platform, pid"),
    (
        "presence",
        "the order of the presence list, who is still in it after its five minutes, and who has just gone",
    ),
    ("skills", "what skills find on the machine: `eligible`, `missing`, `bins`, and the like"),
    ("logs", "answers to logs.tail"),
    (
        "timers",
        "events that a clock sends, or that come together when there are several (tick, health, heartbeat, presence, cron, shutdown), and `snapshot.health` as a client finds it",
    ),
];

/// Events that come when a clock says so, or together when several of them would come at once: how many there are, and
/// what each of them says, is chance. What they tell of is asked for as well, and compared there.
pub(in crate::capsule::replay) fn is_timed(event: &str) -> bool {
    matches!(event, "tick" | "health" | "heartbeat" | "presence" | "cron" | "shutdown")
}

/// Whether what is said differs from one moment to the next, so that a comparison means nothing.
pub(in crate::capsule::replay) fn says_nothing(subject: &Subject<'_>) -> bool {
    match subject {
        Subject::Event(name) => is_timed(name),
        Subject::Answer(method) => *method == "logs.tail",
    }
}

/// Whether the list at this place has no order of its own.
pub(in crate::capsule::replay) fn is_list_without_order(subject: &Subject<'_>, path: &[Segment<'_>]) -> bool {
    match path {
        [.., Segment::Key("presence")] => true,
        [Segment::Key("payload")] => *subject == Subject::Answer("system-presence"),
        _ => false,
    }
}

/// Whether an item of such a list is there until everybody was told of it, which takes a moment: a client that has gone,
/// and that nothing but its connection told from others.
pub(in crate::capsule::replay) fn is_passing(item: &Value) -> bool {
    item.get("reason").and_then(Value::as_str) == Some("disconnect")
        && item.get("deviceId").is_none()
        && item.get("instanceId").is_none()
}
