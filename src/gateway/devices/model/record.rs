//! The records of the two files, typed, with whatever else stood in them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::json::{put, put_rest, take_bool, take_ms, take_object, take_text, take_texts};

/// Characters of a text that a device says about itself; the rest is cut off.
const MAX_TEXT: usize = 256;

/// Scopes of a request, and characters of each; what exceeds that is left out.
const MAX_SCOPES: usize = 32;
const MAX_SCOPE: usize = 64;

/// What a device says about itself when it connects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeviceMetadata {
    /// Name for people.
    pub display_name: Option<String>,
    /// Operating system.
    pub platform: Option<String>,
    /// `client.id` of `connect`.
    pub client_id: Option<String>,
    /// `client.mode` of `connect`.
    pub client_mode: Option<String>,
    /// Address, unless an untrusted proxy hides it.
    pub remote_ip: Option<String>,
}

/// A device token. Its value is a secret: `Debug` and [`DeviceToken::redacted`] leave it out.
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceToken {
    /// 32 lower-case hexadecimal characters.
    pub(super) token: String,
    /// The role that it is for.
    pub role: String,
    /// The scopes that it covers.
    pub scopes: Vec<String>,
    /// When the first token of this role was issued, Unix milliseconds.
    pub created_at_ms: u64,
    /// When this token replaced another one.
    pub rotated_at_ms: Option<u64>,
    /// When it was revoked; a revoked token never verifies.
    pub revoked_at_ms: Option<u64>,
    /// When it last verified.
    pub last_used_at_ms: Option<u64>,
    rest: Map<String, Value>,
}

/// A paired device: one entry of `paired.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairedDevice {
    /// Lower-case hexadecimal SHA-256 of the raw public key.
    pub device_id: String,
    /// Base64url of the raw public key.
    pub public_key: String,
    /// What it said about itself last.
    pub metadata: DeviceMetadata,
    /// The role of its last connection.
    pub role: Option<String>,
    /// The roles it may take.
    pub roles: Vec<String>,
    /// The scopes it may have.
    pub scopes: Vec<String>,
    /// Its tokens by role.
    pub tokens: BTreeMap<String, DeviceToken>,
    /// When it was paired first, Unix milliseconds.
    pub created_at_ms: u64,
    /// When it was approved last, Unix milliseconds.
    pub approved_at_ms: u64,
    rest: Map<String, Value>,
}

/// A pairing request: one entry of `pending.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairingRequest {
    /// Names the request in `device.pair.approve`.
    pub request_id: String,
    /// The device that asks.
    pub device_id: String,
    /// Base64url of its raw public key.
    pub public_key: String,
    /// What it says about itself.
    pub metadata: DeviceMetadata,
    /// The role it asks for.
    pub role: Option<String>,
    /// The roles it asks for.
    pub roles: Vec<String>,
    /// The scopes it asks for.
    pub scopes: Vec<String>,
    /// Whether it is approved without asking a person (local clients).
    pub silent: bool,
    /// Whether the device is paired already and asks for more.
    pub is_repair: bool,
    /// When it was made, Unix milliseconds.
    pub ts: u64,
    rest: Map<String, Value>,
}

// === impl DeviceMetadata ===

impl DeviceMetadata {
    fn take(object: &mut Map<String, Value>) -> Self {
        Self {
            display_name: take_text(object, "displayName"),
            platform: take_text(object, "platform"),
            client_id: take_text(object, "clientId"),
            client_mode: take_text(object, "clientMode"),
            remote_ip: take_text(object, "remoteIp"),
        }
    }

    fn put(&self, object: &mut Map<String, Value>) {
        put(object, "displayName", self.display_name.clone());
        put(object, "platform", self.platform.clone());
        put(object, "clientId", self.client_id.clone());
        put(object, "clientMode", self.client_mode.clone());
    }

    /// The same, no longer than what is worth keeping.
    pub(super) fn bounded(&self) -> Self {
        let cut = |text: &Option<String>| text.as_ref().map(|text| text.chars().take(MAX_TEXT).collect());
        Self {
            display_name: cut(&self.display_name),
            platform: cut(&self.platform),
            client_id: cut(&self.client_id),
            client_mode: cut(&self.client_mode),
            remote_ip: cut(&self.remote_ip),
        }
    }

    /// Takes over what `newer` says, and keeps the rest.
    pub(super) fn refresh(&mut self, newer: &Self) {
        let replace = |old: &mut Option<String>, new: &Option<String>| {
            if new.is_some() {
                old.clone_from(new);
            }
        };
        replace(&mut self.display_name, &newer.display_name);
        replace(&mut self.platform, &newer.platform);
        replace(&mut self.client_id, &newer.client_id);
        replace(&mut self.client_mode, &newer.client_mode);
        replace(&mut self.remote_ip, &newer.remote_ip);
    }
}

/// As many scopes as a request may name; none that no program knows could be that long.
pub(super) fn bounded_scopes(scopes: &[String]) -> Vec<String> {
    scopes.iter().filter(|scope| scope.chars().count() <= MAX_SCOPE).take(MAX_SCOPES).cloned().collect()
}

// === impl DeviceToken ===

impl DeviceToken {
    pub(super) fn new(token: String, role: &str, scopes: &[String], now_ms: u64) -> Self {
        Self {
            token,
            role: role.to_owned(),
            scopes: scopes.to_vec(),
            created_at_ms: now_ms,
            rotated_at_ms: None,
            revoked_at_ms: None,
            last_used_at_ms: None,
            rest: Map::new(),
        }
    }

    /// The token itself, for `hello-ok` and the file.
    pub fn expose(&self) -> &str {
        &self.token
    }

    /// When this very token was issued, Unix milliseconds.
    pub fn issued_at_ms(&self) -> u64 {
        self.rotated_at_ms.unwrap_or(self.created_at_ms)
    }

    /// Everything but the token, for `device.pair.list`.
    pub fn redacted(&self) -> Value {
        let mut object = Map::new();
        self.put(&mut object);
        Value::Object(object)
    }

    pub(super) fn from_json(mut object: Map<String, Value>) -> Option<Self> {
        Some(Self {
            token: take_text(&mut object, "token")?,
            role: take_text(&mut object, "role")?,
            scopes: take_texts(&mut object, "scopes"),
            created_at_ms: take_ms(&mut object, "createdAtMs").unwrap_or_default(),
            rotated_at_ms: take_ms(&mut object, "rotatedAtMs"),
            revoked_at_ms: take_ms(&mut object, "revokedAtMs"),
            last_used_at_ms: take_ms(&mut object, "lastUsedAtMs"),
            rest: object,
        })
    }

    fn to_json(&self) -> Value {
        let mut object = Map::new();
        put(&mut object, "token", Some(self.token.clone()));
        self.put(&mut object);
        put_rest(&mut object, &self.rest);
        Value::Object(object)
    }

    fn put(&self, object: &mut Map<String, Value>) {
        put(object, "role", Some(self.role.clone()));
        put(object, "scopes", Some(self.scopes.clone()));
        put(object, "createdAtMs", Some(self.created_at_ms));
        put(object, "rotatedAtMs", self.rotated_at_ms);
        put(object, "revokedAtMs", self.revoked_at_ms);
        put(object, "lastUsedAtMs", self.last_used_at_ms);
    }
}

impl std::fmt::Debug for DeviceToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("DeviceToken").field(&self.redacted()).finish()
    }
}

// === impl PairedDevice ===

impl PairedDevice {
    /// The device that an approved request makes.
    pub(super) fn new(request: &PairingRequest, now_ms: u64) -> Self {
        Self {
            device_id: request.device_id.clone(),
            public_key: request.public_key.clone(),
            metadata: DeviceMetadata::default(),
            role: None,
            roles: Vec::new(),
            scopes: Vec::new(),
            tokens: BTreeMap::new(),
            created_at_ms: now_ms,
            approved_at_ms: now_ms,
            rest: Map::new(),
        }
    }

    /// Reads an entry of `paired.json`; `None` when it has no key and so cannot be used.
    pub(super) fn from_json(device_id: &str, mut object: Map<String, Value>) -> Option<Self> {
        let tokens = take_object(&mut object, "tokens").unwrap_or_default();
        let token = |(role, value): (String, Value)| match value {
            Value::Object(token) => Some((role, DeviceToken::from_json(token)?)),
            _ => None,
        };
        object.shift_remove("deviceId");
        let created_at_ms = take_ms(&mut object, "createdAtMs").unwrap_or_default();
        Some(Self {
            device_id: device_id.to_owned(),
            public_key: take_text(&mut object, "publicKey")?,
            metadata: DeviceMetadata::take(&mut object),
            role: take_text(&mut object, "role"),
            roles: take_texts(&mut object, "roles"),
            scopes: take_texts(&mut object, "scopes"),
            tokens: tokens.into_iter().filter_map(token).collect(),
            created_at_ms,
            approved_at_ms: take_ms(&mut object, "approvedAtMs").unwrap_or(created_at_ms),
            rest: object,
        })
    }

    /// The entry of `paired.json`, secrets included.
    pub(super) fn to_json(&self) -> Value {
        let tokens = self.tokens.iter().map(|(role, token)| (role.clone(), token.to_json())).collect();
        let mut object = self.members(Some(Value::Object(tokens)).filter(|_| !self.tokens.is_empty()));
        put_rest(&mut object, &self.rest);
        Value::Object(object)
    }

    /// Whether the device may take a role.
    pub fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|known| known == role) || self.role.as_deref() == Some(role)
    }

    /// The entry of `device.pair.list`, tokens without their values.
    pub fn redacted(&self) -> Value {
        let tokens: Vec<Value> = self.tokens.values().map(DeviceToken::redacted).collect();
        Value::Object(self.members(Some(Value::Array(tokens)).filter(|_| !self.tokens.is_empty())))
    }

    fn members(&self, tokens: Option<Value>) -> Map<String, Value> {
        let mut object = Map::new();
        put(&mut object, "deviceId", Some(self.device_id.clone()));
        put(&mut object, "publicKey", Some(self.public_key.clone()));
        self.metadata.put(&mut object);
        put(&mut object, "role", self.role.clone());
        put(&mut object, "roles", Some(self.roles.clone()));
        put(&mut object, "scopes", Some(self.scopes.clone()));
        put(&mut object, "remoteIp", self.metadata.remote_ip.clone());
        put(&mut object, "tokens", tokens);
        put(&mut object, "createdAtMs", Some(self.created_at_ms));
        put(&mut object, "approvedAtMs", Some(self.approved_at_ms));
        object
    }
}

// === impl PairingRequest ===

impl PairingRequest {
    /// A new request.
    pub(super) fn new(request_id: String, device_id: &str, public_key: &str, ts: u64) -> Self {
        Self {
            request_id,
            device_id: device_id.to_owned(),
            public_key: public_key.to_owned(),
            metadata: DeviceMetadata::default(),
            role: None,
            roles: Vec::new(),
            scopes: Vec::new(),
            silent: false,
            is_repair: false,
            ts,
            rest: Map::new(),
        }
    }

    /// Reads an entry of `pending.json`; `None` when it cannot be used.
    pub(super) fn from_json(request_id: &str, mut object: Map<String, Value>) -> Option<Self> {
        object.shift_remove("requestId");
        Some(Self {
            request_id: request_id.to_owned(),
            device_id: take_text(&mut object, "deviceId")?,
            public_key: take_text(&mut object, "publicKey")?,
            metadata: DeviceMetadata::take(&mut object),
            role: take_text(&mut object, "role"),
            roles: take_texts(&mut object, "roles"),
            scopes: take_texts(&mut object, "scopes"),
            silent: take_bool(&mut object, "silent").unwrap_or_default(),
            is_repair: take_bool(&mut object, "isRepair").unwrap_or_default(),
            ts: take_ms(&mut object, "ts").unwrap_or_default(),
            rest: object,
        })
    }

    /// The request as files, events, and `device.pair.list` show it.
    pub fn to_json(&self) -> Value {
        let mut object = Map::new();
        put(&mut object, "requestId", Some(self.request_id.clone()));
        put(&mut object, "deviceId", Some(self.device_id.clone()));
        put(&mut object, "publicKey", Some(self.public_key.clone()));
        self.metadata.put(&mut object);
        put(&mut object, "role", self.role.clone());
        put(&mut object, "roles", Some(self.roles.clone()));
        put(&mut object, "scopes", Some(self.scopes.clone()));
        put(&mut object, "remoteIp", self.metadata.remote_ip.clone());
        put(&mut object, "silent", Some(self.silent));
        put(&mut object, "isRepair", Some(self.is_repair));
        put(&mut object, "ts", Some(self.ts));
        put_rest(&mut object, &self.rest);
        Value::Object(object)
    }
}
