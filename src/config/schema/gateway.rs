//! `gateway`.

use serde::{Deserialize, Serialize};

use crate::settings::{AuthMode, BindMode, Secret, TailscaleMode};

/// `gateway`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Gateway {
    /// Whether this machine runs the gateway. A start is refused unless it says `local`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<GatewayMode>,
    /// Port, 1–65535.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// Bind mode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bind: Option<BindMode>,
    /// Address for the bind mode `custom`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_bind_host: Option<String>,
    /// The Control UI.
    pub control_ui: ControlUi,
    /// Authentication.
    pub auth: GatewayAuth,
    /// Addresses of proxies whose forwarding headers are believed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trusted_proxies: Vec<String>,
    /// Tailscale exposure.
    pub tailscale: GatewayTailscale,
    /// Where clients find a gateway on another machine.
    pub remote: GatewayRemote,
    /// Reloading.
    pub reload: GatewayReload,
    /// TLS.
    pub tls: GatewayTls,
    /// HTTP endpoints.
    pub http: GatewayHttp,
    /// Nodes.
    pub nodes: GatewayNodes,
}

/// `gateway.mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GatewayMode {
    /// The gateway runs here.
    Local,
    /// It runs elsewhere, and this machine is a client.
    Remote,
}

/// `gateway.controlUi`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ControlUi {
    /// Whether it is served.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Path prefix.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_path: Option<String>,
    /// Whether a browser may connect without device identity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_insecure_auth: Option<bool>,
    /// Origins that may connect besides our own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowed_origins: Vec<String>,
    /// Directory of the built UI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
}

/// `gateway.auth`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GatewayAuth {
    /// Mode; when unset it follows from what is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<AuthMode>,
    /// Shared token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<Secret>,
    /// Shared password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
    /// Whether Tailscale identity headers are accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_tailscale: Option<bool>,
}

/// `gateway.tailscale`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GatewayTailscale {
    /// Mode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<TailscaleMode>,
    /// Whether the exposure ends with the gateway.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reset_on_exit: Option<bool>,
}

/// `gateway.remote`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GatewayRemote {
    /// WebSocket URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// How it is reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transport: Option<RemoteTransport>,
    /// Its token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<Secret>,
    /// Its password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
    /// SHA-256 fingerprint of its certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_fingerprint: Option<String>,
    /// `user@host` for the tunnel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssh_target: Option<String>,
    /// Key file for the tunnel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssh_identity: Option<String>,
}

/// `gateway.remote.transport`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RemoteTransport {
    /// Through an SSH tunnel.
    Ssh,
    /// Directly.
    Direct,
}

/// `gateway.reload`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GatewayReload {
    /// What an edit of the configuration does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<ReloadMode>,
    /// Quiet time before an edit counts, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debounce_ms: Option<u64>,
}

/// `gateway.reload.mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReloadMode {
    /// Edits are not applied.
    Off,
    /// Every edit restarts.
    Restart,
    /// What can be applied in place is; the rest waits for a restart.
    Hot,
    /// In place where possible, else by a restart.
    Hybrid,
}

/// `gateway.tls`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GatewayTls {
    /// Whether TLS is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Whether a missing certificate is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_generate: Option<bool>,
    /// Certificate, PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cert_path: Option<String>,
    /// Private key, PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_path: Option<String>,
    /// Certificate authority, PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_path: Option<String>,
}

/// `gateway.http`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GatewayHttp {
    /// The endpoints.
    pub endpoints: HttpEndpoints,
}

/// `gateway.http.endpoints`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HttpEndpoints {
    /// `POST /v1/chat/completions`.
    pub chat_completions: HttpEndpoint,
    /// `POST /v1/responses`.
    pub responses: HttpEndpoint,
}

/// What the endpoints have in common.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HttpEndpoint {
    /// Whether it is served.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Largest request body in bytes (`responses` only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_body_bytes: Option<u64>,
}

/// `gateway.nodes`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GatewayNodes {
    /// Which node's browser is used.
    pub browser: NodesBrowser,
    /// Commands that are allowed besides the usual ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allow_commands: Vec<String>,
    /// Commands that are never allowed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deny_commands: Vec<String>,
}

/// `gateway.nodes.browser`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodesBrowser {
    /// How the node is chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<NodesBrowserMode>,
    /// The node, by id or name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
}

/// `gateway.nodes.browser.mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NodesBrowserMode {
    /// The only node with a browser.
    Auto,
    /// The one that `node` names.
    Manual,
    /// None.
    Off,
}
