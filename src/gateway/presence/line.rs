//! Presence lines: `Node: HOST (IP) · app VERSION · last input Ns ago · mode MODE · reason REASON`.

use serde_json::{Map, Value};

use super::PresenceEntry;

/// How a presence line starts.
pub(super) const PREFIX: &str = "Node:";

/// The entry that a `system-event` makes: what the line says, unless a parameter of the right type says it too.
pub(super) fn entry(text: &str, params: &Map<String, Value>, now_ms: u64) -> PresenceEntry {
    let parsed = parse(text);
    let given = |name: &str| {
        let text = params.get(name)?.as_str()?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    let list = |name: &str| -> Vec<String> {
        let items = params.get(name).and_then(Value::as_array);
        items.into_iter().flatten().filter_map(|item| item.as_str().map(str::to_owned)).collect()
    };
    PresenceEntry {
        host: given("host").or(parsed.host),
        ip: given("ip").or(parsed.ip),
        version: given("version").or(parsed.version),
        platform: given("platform"),
        device_family: given("deviceFamily"),
        model_identifier: given("modelIdentifier"),
        mode: given("mode").or(parsed.mode),
        last_input_seconds: params
            .get("lastInputSeconds")
            .and_then(Value::as_u64)
            .or(parsed.last_input_seconds),
        reason: given("reason").or(parsed.reason),
        text: text.to_owned(),
        ts: now_ms,
        device_id: given("deviceId"),
        roles: list("roles"),
        scopes: list("scopes"),
        instance_id: given("instanceId"),
        is_transient: false,
    }
}

/// What a presence line changed, as a line; `None` when that is nothing worth telling.
pub(super) fn change(before: &PresenceEntry, after: &PresenceEntry) -> Option<String> {
    let mut parts = Vec::new();
    if before.host != after.host || before.ip != after.ip {
        let host = after.host.as_deref().unwrap_or("Unknown");
        let ip = after.ip.as_ref().map(|ip| format!(" ({ip})")).unwrap_or_default();
        parts.push(format!("{PREFIX} {host}{ip}"));
    }
    let mut changed = |label: &str, before: &Option<String>, after: &Option<String>| {
        if let Some(value) = after.as_ref().filter(|_| before != after) {
            parts.push(format!("{label} {value}"));
        }
    };
    changed("app", &before.version, &after.version);
    changed("mode", &before.mode, &after.mode);
    if !after.reason.as_deref().is_some_and(is_routine) {
        changed("reason", &before.reason, &after.reason);
    }
    (!parts.is_empty()).then(|| parts.join(" · "))
}

/// Reasons that come at intervals and mean nothing.
fn is_routine(reason: &str) -> bool {
    let reason = reason.to_lowercase();
    reason.starts_with("periodic") || reason == "heartbeat"
}

fn parse(text: &str) -> PresenceEntry {
    let mut entry = PresenceEntry::default();
    let Some(rest) = text.trim().strip_prefix(PREFIX) else { return entry };
    let mut parts = rest.split('·').map(str::trim);
    let place = parts.next().unwrap_or_default();
    match place.split_once('(') {
        Some((host, ip)) => {
            entry.host = some(host);
            entry.ip = some(ip.trim_end_matches(')'));
        }
        None => entry.host = some(place),
    }
    for part in parts {
        if let Some(version) = part.strip_prefix("app ") {
            entry.version = some(version);
        } else if let Some(mode) = part.strip_prefix("mode ") {
            entry.mode = some(mode);
        } else if let Some(reason) = part.strip_prefix("reason ") {
            entry.reason = some(reason);
        } else if let Some(ago) = part.strip_prefix("last input ") {
            entry.last_input_seconds = ago.strip_suffix("s ago").and_then(|seconds| seconds.parse().ok());
        }
    }
    entry
}

fn some(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
