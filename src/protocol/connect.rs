//! Parameters of `connect` (`wire-protocol` C.2). Validation against the schema comes first; these types hold
//! what was found valid.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Number, Value};

use super::error::RpcError;
use super::replay::{self, Resume};
use super::schemas::CONNECT;
use super::validate::validate;

/// Parameters of `connect`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectParams {
    /// Lowest protocol version the client speaks.
    #[serde(deserialize_with = "saturating")]
    pub min_protocol: u64,
    /// Highest protocol version the client speaks.
    #[serde(deserialize_with = "saturating")]
    pub max_protocol: u64,
    /// Who connects.
    pub client: ClientInfo,
    /// Capabilities, for example `system`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caps: Option<Vec<String>>,
    /// Commands that a node offers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commands: Option<Vec<String>>,
    /// Permissions that a node has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions: Option<BTreeMap<String, bool>>,
    /// `PATH` of a node host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_env: Option<String>,
    /// `operator` or `node`; absent is `operator`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Requested scopes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// Device identity with its proof.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceProof>,
    /// Shared secret or device token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<ConnectAuth>,
    /// Locale of a user interface.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// User agent of a browser.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// Where to go on, for who asks for the replay of missed events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay: Option<Resume>,
}

/// The `client` member of [`ConnectParams`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClientInfo {
    /// One of [`CLIENT_IDS`].
    pub id: String,
    /// Name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Version of the client program.
    pub version: String,
    /// Operating system.
    pub platform: String,
    /// Device family, for example `Linux`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_family: Option<String>,
    /// Model or processor architecture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_identifier: Option<String>,
    /// One of [`CLIENT_MODES`].
    pub mode: String,
    /// Identifies one installation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<String>,
}

/// The `device` member of [`ConnectParams`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeviceProof {
    /// Lower-case hexadecimal SHA-256 of the raw public key.
    pub id: String,
    /// Base64url of the raw 32 bytes, or PEM.
    pub public_key: String,
    /// Base64url of the Ed25519 signature over the payload text.
    pub signature: String,
    /// When it was signed, Unix milliseconds.
    #[serde(deserialize_with = "saturating")]
    pub signed_at: u64,
    /// The nonce of `connect.challenge`; may be absent for local clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
}

/// The `auth` member of [`ConnectParams`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ConnectAuth {
    /// Shared token or device token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// Shared password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}

/// Legal values of `client.id`.
pub const CLIENT_IDS: [&str; 12] = [
    "webchat-ui",
    "clawdbot-control-ui",
    "webchat",
    "cli",
    "gateway-client",
    "clawdbot-macos",
    "clawdbot-ios",
    "clawdbot-android",
    "node-host",
    "test",
    "fingerprint",
    "clawdbot-probe",
];

/// Legal values of `client.mode`.
pub const CLIENT_MODES: [&str; 7] = ["webchat", "cli", "ui", "backend", "node", "probe", "test"];

impl ConnectParams {
    /// Checks the parameters against the schema and reads them.
    pub fn parse(mut params: Value) -> Result<Self, RpcError> {
        // Not in the schema: who does not ask is told what the published gateway says of it.
        let resume = if replay::is_asked(&params) {
            params.as_object_mut().and_then(|params| params.shift_remove("replay")).and_then(Resume::read)
        } else {
            None
        };
        validate(&CONNECT, &params).map_err(|violations| violations.into_error("connect params"))?;
        let params: Self = serde_json::from_value(params)
            .map_err(|error| RpcError::invalid(format!("invalid connect params: {error}")))?;
        Ok(Self { replay: resume, ..params })
    }

    /// `auth.token`, unless it is empty.
    pub fn token(&self) -> Option<&str> {
        self.auth.as_ref()?.token.as_deref().filter(|token| !token.is_empty())
    }

    /// Whether the replay of missed events is asked for.
    pub fn asks_replay(&self) -> bool {
        self.caps.iter().flatten().any(|cap| cap == replay::CAPABILITY)
    }

    /// `auth.password`, unless it is empty.
    pub fn password(&self) -> Option<&str> {
        self.auth.as_ref()?.password.as_deref().filter(|password| !password.is_empty())
    }
}

/// Reads a number that was found to be whole and not negative. JSON has no largest integer; `1e30` is one.
fn saturating<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let number = Number::deserialize(deserializer)?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturation is meant")]
    let from_float = |float: f64| float as u64;
    Ok(number.as_u64().or_else(|| number.as_f64().map(from_float)).unwrap_or_default())
}
