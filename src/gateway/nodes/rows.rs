//! What clients are told of nodes: the devices that offer commands, paired and connected (`wire-protocol` D.6). Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::gateway::clients::Client;
use crate::gateway::connection::handshake::Session;
use crate::gateway::devices::PairedDevice;

/// One row; `None` when nobody knows the node.
pub(crate) fn describe<'a>(
    id: &str,
    paired: impl Iterator<Item = &'a PairedDevice>,
    connected: &[Client],
) -> Option<Value> {
    list(paired, connected).into_iter().find(|row| row["nodeId"] == id)
}

/// Rows of `node.list`: connected nodes first, then by name.
pub(crate) fn list<'a>(paired: impl Iterator<Item = &'a PairedDevice>, connected: &[Client]) -> Vec<Value> {
    let mut rows: BTreeMap<String, Value> = BTreeMap::new();
    for device in paired.filter(|device| device.has_role("node")) {
        rows.insert(device.device_id.clone(), paired_row(device));
    }
    for client in connected {
        let id = node_id(&client.session).to_owned();
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
pub(crate) fn node_id(session: &Session) -> &str {
    session.device_id.as_deref().unwrap_or(&session.client.id)
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
    row.insert("nodeId".to_owned(), node_id(&client.session).into());
    put(&mut row, "displayName", info.display_name.as_deref());
    put(&mut row, "platform", Some(&info.platform));
    put(&mut row, "version", Some(&info.version));
    put(&mut row, "deviceFamily", info.device_family.as_deref());
    put(&mut row, "modelIdentifier", info.model_identifier.as_deref());
    put(&mut row, "remoteIp", session.remote_ip.as_deref());
    row.extend(object(json!({ "caps": sorted(&session.caps), "commands": sorted(&session.commands) })));
    put(&mut row, "pathEnv", session.path_env.as_deref());
    if !session.permissions.is_empty() {
        row.insert("permissions".to_owned(), json!(session.permissions));
    }
    row.extend(object(json!({
        "connectedAtMs": client.connected_at_ms, "paired": is_paired, "connected": true,
    })));
    Value::Object(row)
}

/// Each once, in one order whatever order the node has said them in.
fn sorted(words: &[String]) -> BTreeSet<&str> {
    words.iter().map(|word| word.trim()).filter(|word| !word.is_empty()).collect()
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
