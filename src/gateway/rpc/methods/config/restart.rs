//! What a client is told about the restart that a written configuration leads to.

use serde_json::{Value, json};

use crate::config::reload::{self, Verdict};
use crate::config::schema::ReloadMode;
use crate::config::{self, ConfigSnapshot};

/// The published default and bound of `restartDelayMs`.
const DELAY_MS: u64 = 2000;
const LONGEST_MS: u64 = 60_000;

/// The delay that a client asked for, in milliseconds.
pub(super) fn delay_ms(asked: Option<u64>) -> u64 {
    asked.unwrap_or(DELAY_MS).min(LONGEST_MS)
}

/// Whether taking `next` over needs a restart of a gateway that runs with `current`.
pub(super) fn is_needed(current: &ConfigSnapshot, next: &ConfigSnapshot) -> bool {
    let changed = config::effective_changes(current, next);
    matches!(reload::decide(ReloadMode::Hybrid, changed), Verdict::Restart { .. })
}

/// The `restart` member. `mode` is `none`, which the published gateway does not know, when none follows: the values
/// are taken over in place, or nothing that counts has changed.
pub(super) fn describe(method: &str, delay_ms: u64, needed: bool) -> Value {
    json!({
        "ok": true,
        "pid": std::process::id(),
        "signal": "SIGUSR1",
        "delayMs": delay_ms,
        "reason": method,
        "mode": if needed { "emit" } else { "none" },
    })
}

/// The `sentinel` member. No file is written: no agent waits for its news yet.
pub(super) fn sentinel(method: &str, now_ms: u64, session_key: Option<&str>, note: Option<&str>) -> Value {
    let mut payload = json!({
        "kind": "config-apply",
        "status": "ok",
        "ts": now_ms,
        "message": note,
        "doctorHint": null,
        "stats": { "mode": method },
    });
    if let Some(session_key) = session_key {
        payload["sessionKey"] = session_key.into();
    }
    json!({ "path": null, "payload": payload })
}
