//! How a client of the load proves who it is.

use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// The secret of the gateways under load.
pub(crate) const TOKEN: &str = "a-secret-of-the-benchmark";

/// A client.
#[derive(Debug)]
pub(crate) enum Identity {
    /// A command-line client with the shared secret.
    Token,
    /// The same with a device key, whose signature is checked on each connection.
    Device(Box<Device>),
}

/// A device key with what is derived from it.
#[derive(Debug)]
pub(crate) struct Device {
    key: SigningKey,
    public: String,
    id: String,
}

impl Identity {
    /// Device number `number`.
    pub(crate) fn device(number: u8) -> Self {
        let key = SigningKey::from_bytes(&[number; 32]);
        let public = key.verifying_key().to_bytes();
        let id = Sha256::digest(public).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
        Self::Device(Box::new(Device { key, public: URL_SAFE_NO_PAD.encode(public), id }))
    }

    /// The `connect` request.
    pub(crate) fn connect(&self, nonce: &str) -> Value {
        let mut params = json!({
            "minProtocol": 3,
            "maxProtocol": 3,
            "client": { "id": "cli", "version": "1.0.0", "platform": "linux", "mode": "cli" },
            "role": "operator",
            "scopes": ["operator.admin"],
            "auth": { "token": TOKEN },
        });
        if let Self::Device(device) = self {
            params["device"] = device.proof(nonce);
        }
        json!({ "type": "req", "id": "connect", "method": "connect", "params": params })
    }
}

impl Device {
    fn proof(&self, nonce: &str) -> Value {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_millis();
        let signed_at = u64::try_from(now).expect("before the year 500 million");
        let text = format!("v2|{}|cli|cli|operator|operator.admin|{signed_at}|{TOKEN}|{nonce}", self.id);
        let signature = URL_SAFE_NO_PAD.encode(self.key.sign(text.as_bytes()).to_bytes());
        json!({
            "id": self.id,
            "publicKey": self.public,
            "signature": signature,
            "signedAt": signed_at,
            "nonce": nonce,
        })
    }
}
