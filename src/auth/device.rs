//! Device identities: Ed25519 keys, their ids, and the signature of `connect` (`wire-protocol` C.5).

use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, URL_SAFE_NO_PAD};
use ed25519_dalek::pkcs8::DecodePublicKey;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

/// Written without padding, read with and without: clients do both.
const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A device's public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceKey(VerifyingKey);

/// Why a key or a signature is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeviceKeyError {
    /// Not a key.
    #[error("device public key invalid")]
    Key,
    /// Not a signature of this key over this text.
    #[error("device signature invalid")]
    Signature,
}

/// The fields that a device signs.
#[derive(Debug, Clone, Copy)]
pub struct SignedFields<'a> {
    /// Device id.
    pub device_id: &'a str,
    /// `client.id`.
    pub client_id: &'a str,
    /// `client.mode`.
    pub client_mode: &'a str,
    /// Effective role.
    pub role: &'a str,
    /// Scopes exactly as sent; empty when absent.
    pub scopes: &'a [String],
    /// When it signs, Unix milliseconds.
    pub signed_at_ms: u64,
    /// `auth.token`, empty when absent.
    pub token: &'a str,
    /// Nonce of the challenge; without one the older form of the text is signed.
    pub nonce: Option<&'a str>,
}

/// The device id of a key as it stands on the wire: lower-case hexadecimal SHA-256 of its bytes, whether or not
/// they are a point of the curve. `None` when there are no bytes to be had.
pub fn id_of(public_key: &str) -> Option<String> {
    if is_pem(public_key) {
        DeviceKey::parse(public_key).ok().map(|key| key.device_id())
    } else {
        decode(public_key).map(|bytes| hex(&Sha256::digest(bytes)))
    }
}

impl DeviceKey {
    /// Reads a key as it stands on the wire: base64url of the 32 bytes, or PEM.
    pub fn parse(text: &str) -> Result<Self, DeviceKeyError> {
        if is_pem(text) {
            return VerifyingKey::from_public_key_pem(text.trim()).map(Self).map_err(|_| DeviceKeyError::Key);
        }
        let bytes = decode(text).ok_or(DeviceKeyError::Key)?;
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| DeviceKeyError::Key)?;
        VerifyingKey::from_bytes(&bytes).map(Self).map_err(|_| DeviceKeyError::Key)
    }

    /// The public half of a signing key.
    pub fn of(key: &SigningKey) -> Self {
        Self(key.verifying_key())
    }

    /// Device id: lower-case hexadecimal SHA-256 of the 32 bytes.
    pub fn device_id(&self) -> String {
        hex(&Sha256::digest(self.0.as_bytes()))
    }

    /// Base64url of the 32 bytes, without padding.
    pub fn to_base64url(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.as_bytes())
    }

    /// Verifies a signature over `text`.
    ///
    /// Strictly: keys of small order, for which one signature fits many texts, are refused. Honest keys are
    /// never of small order, so no real client notices.
    pub fn verify(&self, text: &str, signature: &str) -> Result<(), DeviceKeyError> {
        let bytes = decode(signature).ok_or(DeviceKeyError::Signature)?;
        let signature = Signature::from_slice(&bytes).map_err(|_| DeviceKeyError::Signature)?;
        self.0.verify_strict(text.as_bytes(), &signature).map_err(|_| DeviceKeyError::Signature)
    }
}

impl SignedFields<'_> {
    /// The text that is signed.
    pub fn text(&self) -> String {
        let scopes = self.scopes.join(",");
        let Self { device_id, client_id, client_mode, role, signed_at_ms, token, .. } = self;
        let fields = format!("{device_id}|{client_id}|{client_mode}|{role}|{scopes}|{signed_at_ms}|{token}");
        match self.nonce {
            Some(nonce) => format!("v2|{fields}|{nonce}"),
            None => format!("v1|{fields}"),
        }
    }

    /// Signs the text; base64url without padding.
    pub fn sign(&self, key: &SigningKey) -> String {
        URL_SAFE_NO_PAD.encode(key.sign(self.text().as_bytes()).to_bytes())
    }
}

/// Decodes base64url, and the ordinary alphabet as well, as JavaScript clients may send it.
fn decode(text: &str) -> Option<Vec<u8>> {
    BASE64URL.decode(text.trim().replace('+', "-").replace('/', "_")).ok()
}

/// Base64url may say BEGIN, but has no spaces.
fn is_pem(text: &str) -> bool {
    text.contains("BEGIN PUBLIC KEY")
}

/// Hexadecimal digits of bytes, in lower case.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests;
