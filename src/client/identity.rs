//! The device identity of this machine's clients: `<STATE>/identity/device.json`, in the published CLI's format.

use std::io;
use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey, EncodePublicKey, KeypairBytes};
use serde::{Deserialize, Serialize};

use crate::auth::device::DeviceKey;
use crate::platform::{atomic, clock, regular};

/// The largest identity file that is read, in bytes.
const SIZE_LIMIT: u64 = 1 << 20;

/// A key pair and the id that follows from it. `Debug` leaves the private key out.
#[derive(Clone)]
pub struct DeviceIdentity {
    key: SigningKey,
    device_id: String,
    public_key: String,
}

/// Why there is no identity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// The file cannot be read or written.
    #[error("failed to use the device identity {}: {cause}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: String,
    },
    /// The file is not an identity. It is never replaced silently: pairing hangs on it.
    #[error("failed to read the device identity {}: {cause}; remove the file to get a new identity", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
    /// The system has no randomness to give.
    #[error("failed to make a device identity: {0}")]
    Randomness(String),
}

// === impl IdentityError ===

impl IdentityError {
    /// What is wrong, for whoever names the file themselves.
    pub fn cause(&self) -> String {
        match self {
            Self::File { cause, .. } | Self::Content { cause, .. } | Self::Randomness(cause) => cause.clone(),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    version: u32,
    device_id: String,
    public_key_pem: String,
    private_key_pem: String,
    created_at_ms: u64,
}

impl DeviceIdentity {
    /// Whether this state directory has one already.
    pub fn exists(state_dir: &Path) -> bool {
        state_dir.join("identity").join("device.json").exists()
    }

    /// Whether the identity in this state directory, if there is one, can be used.
    pub fn check(state_dir: &Path) -> Result<(), IdentityError> {
        Self::load(&state_dir.join("identity").join("device.json")).map(drop)
    }

    /// The identity in this state directory, made on first use.
    ///
    /// Two processes that make it at the same time agree: the file is created whole or not at all, and whoever
    /// comes second reads the first one's.
    pub fn load_or_create(state_dir: &Path) -> Result<Self, IdentityError> {
        let path = state_dir.join("identity").join("device.json");
        let failed = |error: io::Error| IdentityError::File { path: path.clone(), cause: error.to_string() };
        if let Some(identity) = Self::load(&path)? {
            return Ok(identity);
        }
        let identity = Self::generate()?;
        let content = identity
            .to_file(clock::unix_ms())
            .map_err(|cause| IdentityError::File { path: path.clone(), cause })?;
        atomic::private_directory(&state_dir.join("identity")).map_err(failed)?;
        if atomic::create(&path, content.as_bytes()).map_err(failed)? {
            return Ok(identity);
        }
        Self::load(&path)?.ok_or_else(|| failed(io::ErrorKind::NotFound.into()))
    }

    /// A fresh identity that is not stored anywhere.
    pub fn generate() -> Result<Self, IdentityError> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(|error| IdentityError::Randomness(error.to_string()))?;
        Ok(Self::of(SigningKey::from_bytes(&secret)))
    }

    /// The identity of a key.
    pub fn of(key: SigningKey) -> Self {
        let public = DeviceKey::of(&key);
        Self { key, device_id: public.device_id(), public_key: public.to_base64url() }
    }

    /// Lower-case hexadecimal SHA-256 of the public key.
    pub fn device_id(&self) -> &str {
        &self.device_id
    }

    /// Base64url of the public key.
    pub fn public_key(&self) -> &str {
        &self.public_key
    }

    /// The private key, for signing.
    pub(super) fn key(&self) -> &SigningKey {
        &self.key
    }

    fn load(path: &Path) -> Result<Option<Self>, IdentityError> {
        let text = match regular::read_text(path, SIZE_LIMIT) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(IdentityError::File { path: path.to_owned(), cause: error.to_string() });
            }
        };
        let content = |cause: String| IdentityError::Content { path: path.to_owned(), cause };
        let file: File = serde_json::from_str(&text).map_err(|error| content(error.to_string()))?;
        // The id in the file is not looked at: the key decides.
        let key = SigningKey::from_pkcs8_pem(&file.private_key_pem)
            .map_err(|error| content(format!("privateKeyPem: {error}")))?;
        Ok(Some(Self::of(key)))
    }

    fn to_file(&self, now_ms: u64) -> Result<String, String> {
        // Without the public key beside the private one: OpenSSL, and so the published CLI, does not read that
        // form.
        let private = KeypairBytes { secret_key: self.key.to_bytes(), public_key: None };
        let file = File {
            version: 1,
            device_id: self.device_id.clone(),
            public_key_pem: self
                .key
                .verifying_key()
                .to_public_key_pem(LineEnding::LF)
                .map_err(|error| error.to_string())?,
            private_key_pem: private
                .to_pkcs8_pem(LineEnding::LF)
                .map_err(|error| error.to_string())?
                .to_string(),
            created_at_ms: now_ms,
        };
        serde_json::to_string_pretty(&file).map(|text| text + "\n").map_err(|error| error.to_string())
    }
}

impl std::fmt::Debug for DeviceIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeviceIdentity").field("device_id", &self.device_id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
