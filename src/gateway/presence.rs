//! Who is there: the gateway itself, its clients, and what `system-event` reports (`wire-protocol` B.5). Pure:
//! the time arrives as a value.

mod line;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::protocol::limits::{PRESENCE_MAX, PRESENCE_TTL_MS};

/// Characters of a text; the rest is cut off.
const MAX_TEXT: usize = 256;
/// Roles or scopes of an entry, and characters of each.
const MAX_ITEMS: usize = 32;
const MAX_ITEM: usize = 64;

/// One entry of the list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PresenceEntry {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) host: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ip: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) platform: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) device_family: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) model_identifier: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mode: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_input_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    pub(crate) text: String,
    /// When it was updated last, Unix milliseconds.
    pub(crate) ts: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) device_id: Option<String>,
    /// Every role it has had.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) roles: Vec<String>,
    /// Every scope it has had.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) scopes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) instance_id: Option<String>,
    /// Nothing but its connection tells it from others: once that is gone, and everybody was told, so is the
    /// entry. Clients that come by for one request would fill the list otherwise.
    #[serde(skip)]
    pub(crate) is_transient: bool,
}

/// The list, with its version.
#[derive(Debug)]
pub(crate) struct Presence {
    entries: BTreeMap<String, PresenceEntry>,
    /// Key of the gateway's own entry, which never expires.
    own: String,
    version: u64,
}

// === impl Presence ===

impl Presence {
    /// The list of a gateway that has just started: only itself.
    pub(crate) fn new(own: PresenceEntry) -> Self {
        let key = key(own.host.as_deref().unwrap_or("gateway"));
        Self { entries: BTreeMap::from([(key.clone(), own)]), own: key, version: 1 }
    }

    /// +1 on every change that is broadcast; starts at 1.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// The entries, newest first; expired ones are dropped, and the gateway's own is as of now.
    pub(crate) fn list(&mut self, now_ms: u64) -> Vec<&PresenceEntry> {
        if let Some(own) = self.entries.get_mut(&self.own) {
            own.ts = now_ms;
        }
        self.entries.retain(|_, entry| now_ms.abs_diff(entry.ts) <= PRESENCE_TTL_MS);
        let mut list: Vec<&PresenceEntry> = self.entries.values().collect();
        list.sort_by_key(|entry| std::cmp::Reverse(entry.ts));
        list
    }

    /// [`Presence::list`] as it goes over the wire.
    pub(crate) fn json(&mut self, now_ms: u64) -> Value {
        serde_json::to_value(self.list(now_ms)).unwrap_or_default()
    }

    /// A client connected, or is seen again. What it says replaces what was known; roles and scopes add up.
    pub(crate) fn connected(&mut self, id: &str, entry: PresenceEntry) {
        self.merge(&self.place(id), entry);
    }

    /// A client disconnected. `entry` is what it connected with, for its entry may have expired meanwhile.
    pub(crate) fn disconnected(&mut self, id: &str, entry: PresenceEntry, now_ms: u64) {
        let entry = PresenceEntry { reason: Some("disconnect".to_owned()), ts: now_ms, ..entry };
        self.merge(&self.place(id), entry);
    }

    /// Drops the transient entries that are disconnected; to be called once that was told.
    pub(crate) fn forget_transient(&mut self) {
        self.entries.retain(|_, entry| !entry.is_transient || entry.reason.as_deref() != Some("disconnect"));
    }

    /// A `system-event` with a text that is not blank. Returns what is queued for the main session: the text
    /// itself, or of a presence line only what it changed.
    pub(crate) fn system_event(
        &mut self,
        text: &str,
        params: &Map<String, Value>,
        now_ms: u64,
    ) -> Option<String> {
        let entry = line::entry(text, params, now_ms);
        let id = [&entry.device_id, &entry.instance_id, &entry.host, &entry.ip]
            .into_iter()
            .find_map(Option::clone)
            .unwrap_or_else(|| text.chars().take(64).collect());
        let place = self.place(&id);
        let before = self.entries.get(&place).cloned().unwrap_or_default();
        let after = self.merge(&place, entry);
        if text.starts_with(line::PREFIX) { line::change(&before, after) } else { Some(text.to_owned()) }
    }

    /// The key of somebody else than the gateway, whatever they call themselves.
    fn place(&self, id: &str) -> String {
        let key = key(id);
        if key == self.own { format!("{key} (client)") } else { key }
    }

    fn merge(&mut self, key: &str, newer: PresenceEntry) -> &PresenceEntry {
        let newer = newer.bounded();
        self.version += 1;
        if !self.entries.contains_key(key) && self.entries.len() >= PRESENCE_MAX {
            self.drop_oldest();
        }
        let entry = self.entries.entry(key.to_owned()).or_default();
        let older = std::mem::take(entry);
        let unite = |mut known: Vec<String>, more: Vec<String>| {
            for item in more {
                if known.len() < MAX_ITEMS && !known.contains(&item) {
                    known.push(item);
                }
            }
            known
        };
        *entry = PresenceEntry {
            host: newer.host.or(older.host),
            ip: newer.ip.or(older.ip),
            version: newer.version.or(older.version),
            platform: newer.platform.or(older.platform),
            device_family: newer.device_family.or(older.device_family),
            model_identifier: newer.model_identifier.or(older.model_identifier),
            mode: newer.mode.or(older.mode),
            last_input_seconds: newer.last_input_seconds.or(older.last_input_seconds),
            reason: newer.reason.or(older.reason),
            text: newer.text,
            ts: newer.ts,
            device_id: newer.device_id.or(older.device_id),
            roles: unite(older.roles, newer.roles),
            scopes: unite(older.scopes, newer.scopes),
            instance_id: newer.instance_id.or(older.instance_id),
            is_transient: newer.is_transient,
        };
        entry
    }

    fn drop_oldest(&mut self) {
        let others = self.entries.iter().filter(|(key, _)| **key != self.own);
        if let Some(oldest) = others.min_by_key(|(_, entry)| entry.ts).map(|(key, _)| key.clone()) {
            self.entries.remove(&oldest);
        }
    }
}

// === impl PresenceEntry ===

impl PresenceEntry {
    /// The same, no longer than what is worth showing.
    fn bounded(mut self) -> Self {
        let texts = [
            &mut self.host,
            &mut self.ip,
            &mut self.version,
            &mut self.platform,
            &mut self.device_family,
            &mut self.model_identifier,
            &mut self.mode,
            &mut self.reason,
            &mut self.device_id,
            &mut self.instance_id,
        ];
        for text in texts.into_iter().flatten().chain([&mut self.text]) {
            if let Some((end, _)) = text.char_indices().nth(MAX_TEXT) {
                text.truncate(end);
            }
        }
        for items in [&mut self.roles, &mut self.scopes] {
            items.retain(|item| item.chars().count() <= MAX_ITEM);
        }
        self
    }
}

fn key(id: &str) -> String {
    id.trim().to_lowercase().chars().take(MAX_TEXT).collect()
}

#[cfg(test)]
mod tests;
