//! Nodes: the devices that offer commands, paired and connected (`wire-protocol` D.6). Pure.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::clients::Client;
use super::devices::PairedDevice;
use crate::protocol::connect::ClientInfo;

const CANVAS: [&str; 8] = [
    "canvas.present",
    "canvas.hide",
    "canvas.navigate",
    "canvas.eval",
    "canvas.snapshot",
    "canvas.a2ui.push",
    "canvas.a2ui.pushJSONL",
    "canvas.a2ui.reset",
];
const CAMERA: [&str; 3] = ["camera.list", "camera.snap", "camera.clip"];
const SCREEN: [&str; 1] = ["screen.record"];
const LOCATION: [&str; 1] = ["location.get"];
const SMS: [&str; 1] = ["sms.send"];
const SYSTEM: [&str; 6] = [
    "system.run",
    "system.which",
    "system.notify",
    "system.execApprovals.get",
    "system.execApprovals.set",
    "browser.proxy",
];

/// The commands of a node that may be called: what it declares, as far as its platform's list and the
/// configuration allow. Blank and repeated declarations are dropped.
pub(crate) fn allowed_commands(
    client: &ClientInfo,
    declared: &[String],
    allow: &[String],
    deny: &[String],
) -> Vec<String> {
    let usual = usual_commands(client);
    let mut allowed: Vec<String> = Vec::new();
    for command in declared.iter().map(|command| command.trim()).filter(|command| !command.is_empty()) {
        let listed = |list: &[String]| list.iter().any(|entry| entry.trim() == command);
        let may = (usual.contains(&command) || listed(allow)) && !listed(deny);
        if may && !allowed.iter().any(|known| known == command) {
            allowed.push(command.to_owned());
        }
    }
    allowed
}

/// Rows of `node.list`: connected nodes first, then by name.
pub(crate) fn list<'a>(paired: impl Iterator<Item = &'a PairedDevice>, connected: &[Client]) -> Vec<Value> {
    let mut rows: BTreeMap<String, Value> = BTreeMap::new();
    for device in paired.filter(|device| device.has_role("node")) {
        rows.insert(device.device_id.clone(), paired_row(device));
    }
    for client in connected {
        let id = node_id(client).to_owned();
        let is_paired = rows.contains_key(&id);
        rows.insert(id, connected_row(client, is_paired));
    }
    let mut rows: Vec<Value> = rows.into_values().collect();
    rows.sort_by_cached_key(|row| {
        let name = row["displayName"].as_str().or(row["nodeId"].as_str()).unwrap_or_default();
        (row["connected"] != true, name.to_lowercase())
    });
    rows
}

/// A node's id: its device, else its client id.
fn node_id(client: &Client) -> &str {
    client.session.device_id.as_deref().unwrap_or(&client.session.client.id)
}

fn paired_row(device: &PairedDevice) -> Value {
    let mut row = Map::new();
    row.insert("nodeId".to_owned(), device.device_id.as_str().into());
    put(&mut row, "displayName", device.metadata.display_name.as_deref());
    put(&mut row, "platform", device.metadata.platform.as_deref());
    put(&mut row, "remoteIp", device.metadata.remote_ip.as_deref());
    row.extend(object(json!({ "caps": [], "commands": [], "paired": true, "connected": false })));
    Value::Object(row)
}

fn connected_row(client: &Client, is_paired: bool) -> Value {
    let (session, info) = (&client.session, &client.session.client);
    let mut row = Map::new();
    row.insert("nodeId".to_owned(), node_id(client).into());
    put(&mut row, "displayName", info.display_name.as_deref());
    put(&mut row, "platform", Some(&info.platform));
    put(&mut row, "version", Some(&info.version));
    put(&mut row, "deviceFamily", info.device_family.as_deref());
    put(&mut row, "modelIdentifier", info.model_identifier.as_deref());
    put(&mut row, "remoteIp", session.remote_ip.as_deref());
    row.extend(object(json!({ "caps": session.caps, "commands": session.commands })));
    put(&mut row, "pathEnv", session.path_env.as_deref());
    if !session.permissions.is_empty() {
        row.insert("permissions".to_owned(), json!(session.permissions));
    }
    row.extend(object(json!({
        "connectedAtMs": client.connected_at_ms, "paired": is_paired, "connected": true,
    })));
    Value::Object(row)
}

fn usual_commands(client: &ClientInfo) -> Vec<&'static str> {
    let family = client.device_family.as_deref().unwrap_or_default();
    let platform = [client.platform.as_str(), family].into_iter().find_map(|name| {
        let name = name.trim().to_lowercase();
        ["ios", "android", "mac", "darwin", "win", "linux"]
            .into_iter()
            .find(|prefix| name.starts_with(prefix))
    });
    let groups: &[&[&str]] = match platform {
        Some("ios") => &[&CANVAS, &CAMERA, &SCREEN, &LOCATION],
        Some("android") => &[&CANVAS, &CAMERA, &SCREEN, &LOCATION, &SMS],
        Some("mac" | "darwin") => &[&CANVAS, &CAMERA, &SCREEN, &LOCATION, &SYSTEM],
        Some(_) => &[&SYSTEM],
        None => &[&CANVAS, &CAMERA, &SCREEN, &LOCATION, &SMS, &SYSTEM],
    };
    groups.concat()
}

fn put(row: &mut Map<String, Value>, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        row.insert(name.to_owned(), value.into());
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(platform: &str, declared: &[&str], expect: &[&str]) {
        let client = json!({ "id": "node-host", "version": "1", "platform": platform, "mode": "node" });
        let client: ClientInfo = serde_json::from_value(client).unwrap();
        let own = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        let allowed =
            allowed_commands(&client, &own(declared), &own(&["custom.thing"]), &own(&["camera.clip"]));
        assert_eq!(allowed, expect);
    }

    #[test]
    fn commands_by_platform() {
        check("linux", &["system.run", "camera.snap", "system.run", " "], &["system.run"]);
        check("iOS 19", &["camera.snap", "camera.clip", "system.run"], &["camera.snap"]);
        check("android", &["sms.send", "custom.thing"], &["sms.send", "custom.thing"]);
        check("beos", &["sms.send", "system.run", "unheard.of"], &["sms.send", "system.run"]);
    }
}
