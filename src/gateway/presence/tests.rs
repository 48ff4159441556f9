use serde_json::json;

use super::*;

const NOW: u64 = 1_800_000_000_000;

fn presence() -> Presence {
    Presence::new(PresenceEntry { host: Some("Box".to_owned()), ts: NOW, ..PresenceEntry::default() })
}

fn client(host: &str, ts: u64, scopes: &[&str]) -> PresenceEntry {
    PresenceEntry {
        host: Some(host.to_owned()),
        reason: Some("connect".to_owned()),
        scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
        ts,
        ..PresenceEntry::default()
    }
}

fn hosts(presence: &mut Presence, now: u64) -> Vec<String> {
    presence.list(now).iter().map(|entry| entry.host.clone().unwrap()).collect()
}

#[test]
fn newest_first_and_the_expired_are_gone() {
    let mut presence = presence();
    presence.connected("one", client("one", NOW + 1, &[]));
    presence.connected("two", client("two", NOW + 2, &[]));
    assert_eq!(hosts(&mut presence, NOW + 3), ["Box", "two", "one"]);
    assert_eq!(hosts(&mut presence, NOW + 2 + PRESENCE_TTL_MS), ["Box", "two"]);
    assert_eq!(hosts(&mut presence, NOW + 10 * PRESENCE_TTL_MS), ["Box"]);
}

#[test]
fn scopes_add_up_and_a_disconnect_keeps_the_facts() {
    let mut presence = presence();
    presence.connected("Device", client("phone", NOW, &["a", "b"]));
    presence.connected("device", client("phone", NOW + 1, &["b", "c"]));
    presence.disconnected("device", client("phone", NOW + 1, &["b", "c"]), NOW + 2);
    let list = presence.list(NOW + 3);
    assert_eq!(list.len(), 2);
    assert_eq!(list[1].scopes, ["a", "b", "c"]);
    assert_eq!((list[1].host.as_deref(), list[1].reason.as_deref()), (Some("phone"), Some("disconnect")));
    assert_eq!(presence.version(), 4);
}

#[test]
fn the_list_is_bounded_and_never_loses_the_gateway() {
    let mut presence = presence();
    for number in 0..PRESENCE_MAX as u64 + 5 {
        presence.connected(&number.to_string(), client("client", NOW + number + 1, &[]));
    }
    assert_eq!(presence.entries.len(), PRESENCE_MAX);
    assert!(presence.entries.contains_key("box"));
}

#[test]
fn a_presence_line_is_taken_apart_and_only_its_changes_are_told() {
    let mut presence = presence();
    let none = Map::new();
    let line = "Node: pad (10.0.0.7) · app 1.2 · last input 5s ago · mode ui · reason launch";
    let told = presence.system_event(line, &none, NOW);
    assert_eq!(told.as_deref(), Some("Node: pad (10.0.0.7) · app 1.2 · mode ui · reason launch"));
    let entry = presence.entries["pad"].clone();
    assert_eq!((entry.ip.as_deref(), entry.last_input_seconds), (Some("10.0.0.7"), Some(5)));
    let again = "Node: pad (10.0.0.7) · app 1.3 · mode ui · reason periodic check";
    assert_eq!(presence.system_event(again, &none, NOW + 1).as_deref(), Some("app 1.3"));
    assert_eq!(presence.system_event(again, &none, NOW + 2), None);
}

#[test]
fn any_other_text_is_told_as_it_is() {
    let mut presence = presence();
    let params =
        json!({ "deviceId": "D1", "lastInputSeconds": "wrong", "roles": ["node", 7], "tags": ["x"] });
    let told = presence.system_event("Battery low", params.as_object().unwrap(), NOW);
    assert_eq!(told.as_deref(), Some("Battery low"));
    let entry = &presence.entries["d1"];
    assert_eq!(entry.roles, ["node"]);
    assert_eq!(entry.last_input_seconds, None);
}

#[test]
fn a_disconnect_after_the_entry_expired_leaves_no_ghost() {
    let mut presence = presence();
    presence.connected("one", client("one", NOW, &[]));
    let later = NOW + 2 * PRESENCE_TTL_MS;
    assert_eq!(hosts(&mut presence, later), ["Box"]);
    presence.disconnected("one", client("one", NOW, &[]), later);
    assert_eq!(hosts(&mut presence, later), ["Box", "one"]);
}

#[test]
fn nobody_takes_the_gateways_place_or_much_room() {
    let mut presence = presence();
    presence.connected("BOX", client(&"x".repeat(1000), NOW, &["a"]));
    presence.system_event("Node: box", &Map::new(), NOW);
    assert_eq!(presence.entries["box"].host.as_deref(), Some("Box"));
    assert!(presence.entries.values().all(|entry| entry.host.as_ref().is_none_or(|host| host.len() <= 256)));
}
