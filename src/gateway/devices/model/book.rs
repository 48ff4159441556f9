//! Devices and requests by id, and the life of a request: asked, approved or rejected, expired.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::record::{DeviceMetadata, PairedDevice, PairingRequest, bounded_scopes};
use crate::protocol::limits::PAIRING_TTL_MS;

/// Requests that wait at most: anybody who reaches the gateway can make them.
const MAX_PENDING: usize = 64;

/// All devices and pairing requests that are known.
#[derive(Debug, Clone, Default)]
pub struct DeviceBook {
    pub(super) paired: BTreeMap<String, PairedDevice>,
    pending: BTreeMap<String, PairingRequest>,
    /// Entries of `paired.json` that cannot be used. They stay in the file as they are.
    unusable: Map<String, Value>,
    pub(super) changes: Changes,
}

/// Which of the two files has to be written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Changes {
    /// `paired.json`.
    pub paired: bool,
    /// `pending.json`.
    pub pending: bool,
}

/// What a device asks for.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    /// Device id.
    pub device_id: &'a str,
    /// Base64url of the raw public key.
    pub public_key: &'a str,
    /// What it says about itself.
    pub metadata: &'a DeviceMetadata,
    /// The role.
    pub role: &'a str,
    /// The effective scopes.
    pub scopes: &'a [String],
    /// Whether it may be approved without asking a person.
    pub silent: bool,
}

/// A request that was approved or rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// The request.
    pub request_id: String,
    /// Its device.
    pub device_id: String,
}

impl DeviceBook {
    /// Reads the two files' contents. Entries that cannot be used are left alone; requests among them, and expired
    /// ones, are left out.
    pub fn from_json(paired: &Value, pending: &Value, now_ms: u64) -> Self {
        let mut unusable = paired.as_object().cloned().unwrap_or_default();
        let paired = entries(paired, PairedDevice::from_json);
        unusable.retain(|id, _| !paired.contains_key(id));
        let mut book = Self {
            paired,
            pending: entries(pending, PairingRequest::from_json),
            unusable,
            changes: Changes::default(),
        };
        book.prune(now_ms);
        book
    }

    /// Content of `paired.json`.
    pub fn paired_json(&self) -> Value {
        let mut file = self.unusable.clone();
        file.extend(self.paired.iter().map(|(id, device)| (id.clone(), device.to_json())));
        file.into()
    }

    /// Content of `pending.json`.
    pub fn pending_json(&self) -> Value {
        self.pending.iter().map(|(id, request)| (id.clone(), request.to_json())).collect::<Map<_, _>>().into()
    }

    /// What has changed since the last call.
    pub fn take_changes(&mut self) -> Changes {
        std::mem::take(&mut self.changes)
    }

    /// A paired device.
    pub fn get(&self, device_id: &str) -> Option<&PairedDevice> {
        self.paired.get(device_id)
    }

    /// A pairing request, expired or not.
    pub fn request(&self, request_id: &str) -> Option<&PairingRequest> {
        self.pending.get(request_id)
    }

    /// All paired devices, by id.
    pub fn devices(&self) -> impl Iterator<Item = &PairedDevice> {
        self.paired.values()
    }

    /// Result of `device.pair.list`: requests newest first, devices last approved first, tokens redacted.
    pub fn list(&mut self, now_ms: u64) -> Value {
        self.prune(now_ms);
        let mut pending: Vec<&PairingRequest> = self.pending.values().collect();
        pending.sort_by_key(|request| std::cmp::Reverse(request.ts));
        let mut paired: Vec<&PairedDevice> = self.paired.values().collect();
        paired.sort_by_key(|device| std::cmp::Reverse(device.approved_at_ms));
        json!({
            "pending": pending.into_iter().map(PairingRequest::to_json).collect::<Vec<_>>(),
            "paired": paired.into_iter().map(PairedDevice::redacted).collect::<Vec<_>>(),
        })
    }

    /// The device's pending request, made from `fresh_id` unless there is one; says whether it was made.
    ///
    /// A request that exists is returned as it is, so that retrying does not change what a person approves.
    pub fn ensure_pending(
        &mut self,
        asked: &Asked<'_>,
        now_ms: u64,
        fresh_id: &str,
    ) -> (PairingRequest, bool) {
        self.prune(now_ms);
        if let Some(existing) = self.pending.values().find(|request| request.device_id == asked.device_id) {
            return (existing.clone(), false);
        }
        if self.pending.len() >= MAX_PENDING {
            self.drop_one_for(asked.metadata.remote_ip.as_deref());
        }
        let mut request = PairingRequest::new(fresh_id.to_owned(), asked.device_id, asked.public_key, now_ms);
        request.metadata = asked.metadata.bounded();
        request.role = Some(asked.role.to_owned());
        request.roles = vec![asked.role.to_owned()];
        request.scopes = bounded_scopes(asked.scopes);
        request.silent = asked.silent;
        request.is_repair = self.paired.contains_key(asked.device_id);
        self.pending.insert(request.request_id.clone(), request.clone());
        self.changes.pending = true;
        (request, true)
    }

    /// Approves a request: its device gets the requested roles and scopes on top of those that it has.
    ///
    /// `None` when there is no such request (any more).
    pub fn approve(&mut self, request_id: &str, now_ms: u64) -> Option<Resolution> {
        self.prune(now_ms);
        let request = self.pending.remove(request_id)?;
        let device = self
            .paired
            .entry(request.device_id.clone())
            .or_insert_with(|| PairedDevice::new(&request, now_ms));
        device.public_key.clone_from(&request.public_key);
        device.metadata.refresh(&request.metadata);
        if let Some(own) = device.role.clone() {
            unite(&mut device.roles, std::slice::from_ref(&own));
        }
        unite(&mut device.roles, &request.roles);
        unite(&mut device.roles, request.role.as_slice());
        unite(&mut device.scopes, &request.scopes);
        if request.role.is_some() {
            device.role.clone_from(&request.role);
        }
        device.approved_at_ms = now_ms;
        self.changes = Changes { paired: true, pending: true };
        Some(Resolution { request_id: request.request_id, device_id: request.device_id })
    }

    /// Rejects a request. `None` when there is no such request (any more).
    pub fn reject(&mut self, request_id: &str, now_ms: u64) -> Option<Resolution> {
        self.prune(now_ms);
        let request = self.pending.remove(request_id)?;
        self.changes.pending = true;
        Some(Resolution { request_id: request.request_id, device_id: request.device_id })
    }

    /// Takes over what a paired device says about itself now. Grants nothing: the role is one that it has.
    pub fn refresh(&mut self, device_id: &str, metadata: &DeviceMetadata, role: &str) {
        let Some(device) = self.paired.get_mut(device_id) else { return };
        let before = device.clone();
        device.metadata.refresh(&metadata.bounded());
        if device.has_role(role) {
            device.role = Some(role.to_owned());
        }
        self.changes.paired |= *device != before;
    }

    /// Makes room: the oldest request of the same address goes, else the oldest of all. An address that floods
    /// drives out its own requests first.
    fn drop_one_for(&mut self, address: Option<&str>) {
        let oldest = self
            .pending
            .values()
            .min_by_key(|request| (request.metadata.remote_ip.as_deref() != address, request.ts));
        if let Some(id) = oldest.map(|request| request.request_id.clone()) {
            self.pending.remove(&id);
        }
    }

    /// Drops expired requests.
    fn prune(&mut self, now_ms: u64) {
        let before = self.pending.len();
        self.pending.retain(|_, request| now_ms.abs_diff(request.ts) <= PAIRING_TTL_MS);
        self.changes.pending |= self.pending.len() != before;
    }
}

/// Adds to `list` what it does not have yet.
fn unite(list: &mut Vec<String>, more: &[String]) {
    for item in more {
        if !list.contains(item) {
            list.push(item.clone());
        }
    }
}

fn entries<T>(file: &Value, read: fn(&str, Map<String, Value>) -> Option<T>) -> BTreeMap<String, T> {
    let read_entry =
        |(id, value): (&String, &Value)| Some((id.clone(), read(id, value.as_object()?.clone())?));
    file.as_object().into_iter().flatten().filter_map(read_entry).collect()
}
