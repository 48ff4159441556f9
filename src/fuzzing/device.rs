//! Keys and signatures of devices.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};

use super::sections::sections;
use crate::auth::device::{DeviceKey, SignedFields, id_of};

/// Reads a key, a signature, and a text that is signed.
///
/// # Panics
///
/// When a key is not the same after it was written, or has another id; when an honest signature is refused, or one
/// that is not the signer's own is taken.
pub fn device(data: &[u8]) {
    let Ok(input) = std::str::from_utf8(data) else { return };
    let [key, signature, text] = sections(input);
    let bytes = URL_SAFE_NO_PAD.decode(key).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    if bytes.is_some_and(|bytes| VerifyingKey::from_bytes(&bytes).is_ok()) {
        assert!(DeviceKey::parse(key).is_ok(), "a key that is not taken: {key}");
    }
    if let Ok(known) = DeviceKey::parse(key) {
        assert_eq!(DeviceKey::parse(&known.to_base64url()).as_ref(), Ok(&known), "{key}");
        assert_eq!(id_of(key), Some(known.device_id()), "{key}");
        assert_eq!(id_of(&known.to_base64url()), Some(known.device_id()), "{key}");
        // Nobody here has the other half of it, and a signature of somebody else is not among the seeds.
        assert!(known.verify(text, signature).is_err(), "a forged signature: {input}");
    }
    signed_honestly(data, text, signature);
}

fn signed_honestly(data: &[u8], text: &str, forged: &str) {
    let signer = SigningKey::from_bytes(&Sha256::digest(data).into());
    let key = DeviceKey::of(&signer);
    assert_eq!(id_of(&key.to_base64url()), Some(key.device_id()));
    let scopes: Vec<String> = text.split(',').map(str::to_owned).collect();
    let mut fields = SignedFields {
        device_id: &key.device_id(),
        client_id: "test",
        client_mode: "test",
        role: "operator",
        scopes: &scopes,
        signed_at_ms: u64::from(data.first().copied().unwrap_or_default()),
        token: forged,
        nonce: (!text.is_empty()).then_some(text),
    };
    let signature = fields.sign(&signer);
    assert_eq!(key.verify(&fields.text(), &signature), Ok(()));
    assert!(key.verify(&fields.text(), forged).is_err(), "a forged signature: {forged}");
    let other = format!("{}x", fields.text());
    assert!(key.verify(&other, &signature).is_err(), "a signature for another text");
    fields.nonce = None;
    assert!(text.is_empty() || key.verify(&fields.text(), &signature).is_err(), "the nonce is not signed");
}
