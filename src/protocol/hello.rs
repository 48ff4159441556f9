//! The answer to a successful `connect` (`wire-protocol` C.11).

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::frame::StateVersion;
use super::limits::{MAX_BUFFERED, MAX_PAYLOAD, TICK_INTERVAL_MS};
use super::methods::{EVENTS, Method};
use super::replay::HelloReplay;
use super::role::Role;

/// Payload of the response to `connect`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HelloOk {
    /// Always `hello-ok`.
    #[serde(rename = "type")]
    pub kind: HelloType,
    /// The protocol version of the connection.
    pub protocol: u64,
    /// Who answers.
    pub server: ServerInfo,
    /// What it can do.
    pub features: Features,
    /// The state at this moment.
    pub snapshot: Snapshot,
    /// Where the canvas host is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canvas_host_url: Option<String>,
    /// The device token; absent without a device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<HelloAuth>,
    /// Limits that the client should respect.
    pub policy: Policy,
    /// How the replay of missed events begins; only for who asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay: Option<HelloReplay>,
}

/// The type tag of [`HelloOk`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HelloType {
    /// `hello-ok`.
    HelloOk,
}

/// The `server` member of [`HelloOk`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServerInfo {
    /// Version of the program.
    pub version: String,
    /// Source revision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Host name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Identifies this connection.
    pub conn_id: String,
}

/// The `features` member of [`HelloOk`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Features {
    /// Methods that can be called.
    pub methods: Vec<Cow<'static, str>>,
    /// Events that can arrive.
    pub events: Vec<Cow<'static, str>>,
}

/// The `snapshot` member of [`HelloOk`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// Presence entries (`wire-protocol` B.5).
    pub presence: Value,
    /// The last health summary; `{}` before the first one.
    pub health: Value,
    /// Versions of the two above.
    pub state_version: StateVersion,
    /// How long the gateway has been running.
    pub uptime_ms: u64,
    /// Its configuration file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_path: Option<String>,
    /// Its state directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_dir: Option<String>,
    /// What session aliases stand for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_defaults: Option<SessionDefaults>,
}

/// The `sessionDefaults` member of [`Snapshot`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionDefaults {
    /// The default agent.
    pub default_agent_id: String,
    /// The alias of its main session.
    pub main_key: String,
    /// What the alias stands for.
    pub main_session_key: String,
    /// `per-sender` or `global`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
}

/// The `auth` member of [`HelloOk`]: the device token of this connection's role. `Debug` leaves the token out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HelloAuth {
    /// The token.
    pub device_token: String,
    /// The role that it is for.
    pub role: Role,
    /// The scopes that it covers.
    pub scopes: Vec<String>,
    /// When it was issued, Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued_at_ms: Option<u64>,
}

/// The `policy` member of [`HelloOk`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Policy {
    /// Largest inbound message, bytes.
    pub max_payload: usize,
    /// Un-flushed outbound bytes above which a receiver counts as slow.
    pub max_buffered_bytes: usize,
    /// Interval of the `tick` event, milliseconds.
    pub tick_interval_ms: u64,
}

impl Features {
    /// What this gateway can do, from the same table that requests are checked against.
    pub fn served() -> Self {
        Self {
            methods: Method::advertised().map(|method| method.name().into()).collect(),
            events: EVENTS.map(Cow::Borrowed).into(),
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            max_payload: MAX_PAYLOAD,
            max_buffered_bytes: MAX_BUFFERED,
            tick_interval_ms: TICK_INTERVAL_MS,
        }
    }
}

impl std::fmt::Debug for HelloAuth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HelloAuth")
            .field("role", &self.role)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}
