//! Proof of a device identity (`wire-protocol` C.5).

use serde_json::json;

use super::decide::{Facts, Rejection, Stage};
use crate::auth::device::{self, DeviceKey, DeviceKeyError, SignedFields};
use crate::protocol::connect::{ConnectParams, DeviceProof};
use crate::protocol::error::RpcError;
use crate::protocol::limits::SIGNATURE_SKEW_MS;
use crate::protocol::role::Role;

/// Verifies that the client holds the key whose id it names, for this connection.
pub(super) fn verify(
    proof: &DeviceProof,
    params: &ConnectParams,
    role: Role,
    facts: &Facts<'_>,
) -> Result<DeviceKey, Box<Rejection>> {
    let reject = |message: &str, hint: &str| {
        let error = RpcError::invalid(message).with_details(json!({ "hint": hint }));
        Rejection::new(Stage::Proof, error)
    };
    if device::id_of(&proof.public_key).is_none_or(|id| id != proof.id) {
        let hint = "device.id is the lower-case hexadecimal SHA-256 of the raw Ed25519 public key";
        return Err(reject("device identity mismatch", hint));
    }
    if facts.now_ms.abs_diff(proof.signed_at) > SIGNATURE_SKEW_MS {
        let error = RpcError::invalid("device signature expired").with_details(json!({
            "hint": "device.signedAt is the time of signing in Unix milliseconds; check the clock",
            "nowMs": facts.now_ms,
            "maxSkewMs": SIGNATURE_SKEW_MS,
        }));
        return Err(Rejection::new(Stage::Proof, error));
    }
    let nonce = proof.nonce.as_deref().map(str::trim).filter(|nonce| !nonce.is_empty());
    match nonce {
        None if !facts.peer.is_local => {
            let hint = "sign the nonce of this connection's connect.challenge event";
            return Err(reject("device nonce required", hint));
        }
        Some(nonce) if nonce != facts.nonce => {
            let hint = "every connection has its own nonce; sign the one of its connect.challenge event";
            return Err(reject("device nonce mismatch", hint));
        }
        _ => {}
    }
    let fields = SignedFields {
        device_id: &proof.id,
        client_id: &params.client.id,
        client_mode: &params.client.mode,
        role: role.as_str(),
        scopes: params.scopes.as_deref().unwrap_or_default(),
        signed_at_ms: proof.signed_at,
        token: params.token().unwrap_or_default(),
        nonce,
    };
    let verified = DeviceKey::parse(&proof.public_key)
        .and_then(|key| key.verify(&fields.text(), &proof.signature).map(|()| key));
    verified.map_err(|error| {
        let hint = match error {
            DeviceKeyError::Key => "device.publicKey is base64url of the 32 bytes of an Ed25519 key, or PEM",
            DeviceKeyError::Signature => {
                "sign v2|device.id|client.id|client.mode|role|scopes joined with ,|signedAt|auth.token|nonce"
            }
        };
        reject("device signature invalid", hint)
    })
}
