//! Devices prove themselves again, with the throw-away keys of the capsule.

use std::borrow::Cow;
use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::auth::device::{DeviceKey, SignedFields};
use crate::protocol::PROTOCOL_VERSION;
use crate::protocol::connect::ConnectParams;

/// The keys of a capsule, by the id of their device.
#[derive(Clone, Default)]
pub struct Keys(HashMap<String, SigningKey>);

/// What lets clients in that have no token of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// The shared token.
    pub token: Option<String>,
    /// The shared password.
    pub password: Option<String>,
}

/// Why the keys of a capsule cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeysError {
    /// It is not a list of keys.
    #[error("keys.json: {0}")]
    Form(String),
    /// A seed is not 32 bytes in base64url.
    #[error("keys.json: the seed of {0} is none")]
    Seed(String),
}

/// How a client has signed when it was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Signed {
    /// When the message came, Unix milliseconds.
    pub(super) recorded_ms: u64,
    /// Now, Unix milliseconds.
    pub(super) now_ms: u64,
    /// Whether the signature was refused, and is to be refused again.
    pub(super) was_wrong: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stored {
    device_id: String,
    seed: String,
}

// === impl Keys ===

impl Keys {
    /// Reads `keys.json`.
    pub fn read(text: &str) -> Result<Self, KeysError> {
        let stored: Vec<Stored> =
            serde_json::from_str(text).map_err(|error| KeysError::Form(error.to_string()))?;
        let key = |stored: Stored| {
            let seed =
                URL_SAFE_NO_PAD.decode(&stored.seed).ok().and_then(|seed| <[u8; 32]>::try_from(seed).ok());
            match seed {
                Some(seed) => Ok((stored.device_id, SigningKey::from_bytes(&seed))),
                None => Err(KeysError::Seed(stored.device_id)),
            }
        };
        stored.into_iter().map(key).collect::<Result<_, _>>().map(Self)
    }

    /// The first message of a client as it has to be sent now; as it is, when no device proves itself in it.
    ///
    /// A clock that was wrong is wrong by as much again, and a nonce that was wrong stays as it is.
    pub(super) fn signed<'a>(&self, frame: &'a str, signed: Signed) -> Cow<'a, str> {
        if !frame.contains("\"device\"") {
            return Cow::Borrowed(frame);
        }
        self.anew(frame, signed).map_or(Cow::Borrowed(frame), Cow::Owned)
    }

    /// The first message, with this id, of a client that was there before the recording, and with which `agreed` was
    /// agreed.
    pub(super) fn joining(
        &self,
        id: &str,
        agreed: &str,
        nonce: &str,
        access: &Access,
        now_ms: u64,
    ) -> String {
        let agreed: Value = serde_json::from_str(agreed).unwrap_or_default();
        let mut params = json!({ "minProtocol": PROTOCOL_VERSION, "maxProtocol": PROTOCOL_VERSION });
        for name in ["role", "scopes", "client", "caps", "commands", "permissions", "pathEnv"] {
            if let Some(value) = agreed.get(name).filter(|value| !value.is_null()) {
                params[name] = value.clone();
            }
        }
        if let Some(token) = &access.token {
            params["auth"] = json!({ "token": token });
        } else if let Some(password) = &access.password {
            params["auth"] = json!({ "password": password });
        }
        let key = agreed["deviceId"].as_str().and_then(|id| self.0.get(id)).map(DeviceKey::of);
        if let Some(key) = key {
            params["device"] = json!({
                "id": key.device_id(), "publicKey": key.to_base64url(), "signature": "", "signedAt": now_ms,
                "nonce": nonce,
            });
        }
        let frame = json!({ "type": "req", "id": id, "method": "connect", "params": params }).to_string();
        let signed = Signed { recorded_ms: now_ms, now_ms, was_wrong: false };
        self.signed(&frame, signed).into_owned()
    }

    fn anew(&self, frame: &str, signed: Signed) -> Option<String> {
        let mut frame: Value = serde_json::from_str(frame).ok()?;
        let params = frame.get_mut("params")?;
        let read: ConnectParams = serde_json::from_value(params.clone()).ok()?;
        let proof = read.device.as_ref()?;
        let signed_at_ms = (proof.signed_at.saturating_add(signed.now_ms)).saturating_sub(signed.recorded_ms);
        let device = params.get_mut("device")?;
        device["signedAt"] = signed_at_ms.into();
        if signed.was_wrong {
            return Some(frame.to_string());
        }
        // Of a device that says another id than that of its key, the key decides.
        let id = DeviceKey::parse(&proof.public_key).ok()?.device_id();
        let key = self.0.get(&id)?;
        let fields = SignedFields {
            device_id: &proof.id,
            client_id: &read.client.id,
            client_mode: &read.client.mode,
            role: read.role.as_deref().unwrap_or("operator"),
            scopes: read.scopes.as_deref().unwrap_or_default(),
            signed_at_ms,
            token: read.token().unwrap_or_default(),
            nonce: proof.nonce.as_deref().map(str::trim).filter(|nonce| !nonce.is_empty()),
        };
        device["signature"] = fields.sign(key).into();
        Some(frame.to_string())
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("devices", &self.0.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> (Keys, DeviceKey) {
        let seed = [7; 32];
        let key = DeviceKey::of(&SigningKey::from_bytes(&seed));
        let stored = json!([{ "deviceId": key.device_id(), "publicKey": key.to_base64url(), "seed": URL_SAFE_NO_PAD.encode(seed) }]);
        (Keys::read(&stored.to_string()).unwrap(), key)
    }

    fn frame(key: &DeviceKey, nonce: Option<&str>) -> String {
        let mut device = json!({ "id": key.device_id(), "publicKey": key.to_base64url(), "signature": "old", "signedAt": 900 });
        if let Some(nonce) = nonce {
            device["nonce"] = nonce.into();
        }
        json!({ "type": "req", "id": "1", "method": "connect", "params": {
            "minProtocol": 3, "maxProtocol": 3, "role": "node", "scopes": ["a", "b"], "auth": { "token": "t" },
            "client": { "id": "cli", "version": "1", "platform": "p", "mode": "cli" }, "device": device } })
        .to_string()
    }

    #[test]
    fn devices_sign_again_and_are_believed() {
        let (keys, key) = keys();
        let signed = Signed { recorded_ms: 1000, now_ms: 5000, was_wrong: false };
        for (nonce, text) in [
            (Some("n"), format!("v2|{}|cli|cli|node|a,b|4900|t|n", key.device_id())),
            (None, format!("v1|{}|cli|cli|node|a,b|4900|t", key.device_id())),
        ] {
            let frame: Value = serde_json::from_str(&keys.signed(&frame(&key, nonce), signed)).unwrap();
            let device = &frame["params"]["device"];
            assert_eq!(device["signedAt"], 4900);
            key.verify(&text, device["signature"].as_str().unwrap()).unwrap();
        }
    }

    #[test]
    fn who_was_there_before_connects_again() {
        let (keys, key) = keys();
        let agreed = json!({
            "role": "node", "scopes": [], "deviceId": key.device_id(), "caps": null, "commands": ["a"],
            "client": { "id": "cli", "version": "1", "platform": "p", "mode": "cli" },
        });
        let access = Access { token: Some("t".to_owned()), password: None };
        let frame = keys.joining("j", &agreed.to_string(), "n", &access, 5000);
        let frame: Value = serde_json::from_str(&frame).unwrap();
        let (params, device) = (&frame["params"], &frame["params"]["device"]);
        assert_eq!((&params["commands"], params.get("caps")), (&json!(["a"]), None));
        let text = format!("v2|{}|cli|cli|node||5000|t|n", key.device_id());
        key.verify(&text, device["signature"].as_str().unwrap()).unwrap();
    }

    #[test]
    fn what_was_wrong_stays_wrong() {
        let (keys, key) = keys();
        let signed = Signed { recorded_ms: 1000, now_ms: 5000, was_wrong: true };
        let wrong: Value = serde_json::from_str(&keys.signed(&frame(&key, Some("n")), signed)).unwrap();
        assert_eq!(wrong["params"]["device"]["signature"], "old");
        let signed = Signed { was_wrong: false, ..signed };
        for unchanged in ["{}", "\"device\"", r#"{"params":{"device":{}}}"#] {
            assert_eq!(keys.signed(unchanged, signed), unchanged);
        }
        let unknown = frame(&DeviceKey::of(&SigningKey::from_bytes(&[8; 32])), None);
        assert_eq!(keys.signed(&unknown, signed), unknown);
    }

    #[test]
    fn keys_that_cannot_be_used_are_named() {
        assert!(Keys::read("{}").is_err());
        let error = Keys::read(r#"[{"deviceId":"d","publicKey":"p","seed":"x"}]"#).unwrap_err();
        assert_eq!(error.to_string(), "keys.json: the seed of d is none");
    }
}
