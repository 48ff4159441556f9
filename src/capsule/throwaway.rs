//! Keys that take the places of those of devices, so that whoever replays can sign. Everybody can make them. Pure.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::auth::device::hex;

/// A key of `keys.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ThrowawayKey {
    /// SHA-256 of the public key, in hexadecimal digits: what a device is called.
    pub device_id: String,
    /// The public key, base64url.
    pub public_key: String,
    /// The private key, base64url.
    pub seed: String,
}

impl ThrowawayKey {
    /// The key of the device with this number, from 1.
    pub fn of(number: usize) -> Self {
        let seed: [u8; 32] = Sha256::digest(format!("clawdbot capsule device {number}")).into();
        let public = SigningKey::from_bytes(&seed).verifying_key().to_bytes();
        Self {
            device_id: hex(&Sha256::digest(public)),
            public_key: URL_SAFE_NO_PAD.encode(public),
            seed: URL_SAFE_NO_PAD.encode(seed),
        }
    }

    /// The public key in the ordinary alphabet, as in a PEM.
    pub(super) fn public_key_standard(&self) -> String {
        standard(&self.public_key)
    }
}

/// A public key in the ordinary alphabet.
pub(super) fn standard(public_key: &str) -> String {
    URL_SAFE_NO_PAD
        .decode(public_key)
        .map_or_else(|_| public_key.to_owned(), |key| STANDARD_NO_PAD.encode(key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::device::DeviceKey;

    #[test]
    fn a_key_is_that_of_a_device() {
        let key = ThrowawayKey::of(1);
        assert_eq!(DeviceKey::parse(&key.public_key).unwrap().device_id(), key.device_id);
        assert_ne!(key, ThrowawayKey::of(2));
        // It is in capsules that exist.
        assert_eq!(key.seed, "WQs3Kvuc49z1c9neqmAE13HgBZfdZOKFWLP5w3WgoLw");
    }
}
