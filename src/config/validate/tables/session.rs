//! `session`, and the rules by which messages are let through.

use super::super::kind::{COUNT, Kind, Object, TEXT, TEXTS, integer, key, required, strict};

pub(super) static SESSION: Object = strict(&[
    key("scope", Kind::Choice(&["per-sender", "global"])),
    key("dmScope", Kind::Choice(&["main", "per-peer", "per-channel-peer"])),
    key("identityLinks", Kind::Map(&TEXTS)),
    key("resetTriggers", TEXTS),
    key("idleMinutes", COUNT),
    key("reset", RESET),
    key("resetByType", Kind::Object(&strict(&[key("dm", RESET), key("group", RESET), key("thread", RESET)]))),
    key("resetByChannel", Kind::Map(&RESET)),
    key("store", TEXT),
    key("typingIntervalSeconds", COUNT),
    key("typingMode", TYPING_MODE),
    key("mainKey", TEXT),
    key("sendPolicy", Kind::Object(&POLICY)),
    key("agentToAgent", Kind::Object(&strict(&[key("maxPingPongTurns", integer(0.0, 5.0))]))),
]);

const RESET: Kind = Kind::Object(&strict(&[
    key("mode", Kind::Choice(&["daily", "idle"])),
    key("atHour", integer(0.0, 23.0)),
    key("idleMinutes", COUNT),
]));

pub(super) const TYPING_MODE: Kind = Kind::Choice(&["never", "instant", "thinking", "message"]);

const VERDICT: Kind = Kind::Choice(&["allow", "deny"]);

/// Who is let through: used for sending and for media.
pub(super) static POLICY: Object =
    strict(&[key("default", VERDICT), key("rules", Kind::List(&Kind::Object(&RULE)))]);

static RULE: Object = strict(&[
    required("action", VERDICT),
    key(
        "match",
        Kind::Object(&strict(&[
            key("channel", TEXT),
            key("chatType", Kind::Choice(&["direct", "group", "channel"])),
            key("keyPrefix", TEXT),
        ])),
    ),
]);
