//! The types that resolution produces.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{CanvasSettings, Console, ControlUiSettings, HookSettings, LogSettings, TlsSettings, WsLog};
use crate::auth::proxy::TrustedProxy;
use crate::config::schema::LogLevel;

/// A secret text: no `Display`, a redacted `Debug`, compared in constant time (`auth::shared_secret`).
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

/// Which addresses the gateway binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BindMode {
    /// 127.0.0.1, and `::1` when it can be bound.
    #[default]
    Loopback,
    /// Every private or global unicast address, and loopback.
    Lan,
    /// The tailnet's addresses.
    Tailnet,
    /// Loopback, and LAN when authentication is configured.
    Auto,
    /// `gateway.customBindHost`.
    Custom,
}

/// How clients authenticate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AuthMode {
    /// No shared secret is configured.
    #[default]
    None,
    /// Shared token.
    Token,
    /// Shared password.
    Password,
}

/// Tailscale exposure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TailscaleMode {
    /// Not exposed.
    #[default]
    Off,
    /// Within the tailnet.
    Serve,
    /// On the internet.
    Funnel,
}

/// What becomes of Tailscale's configuration of this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TailscaleSettings {
    /// How the gateway is exposed.
    pub mode: TailscaleMode,
    /// Whether the exposure ends with the gateway.
    pub reset_on_exit: bool,
}

/// A start that is refused; the text is for the person at the terminal, possibly several lines.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// 2 when the command line alone is wrong, otherwise 78: it fails again until somebody changes something.
    pub exit_code: u8,
    /// What was refused, why, and what fixes it.
    pub message: String,
}

/// What the command line said about the run, parsed but not resolved. Crosses the pipe to the child, which may be a
/// newer build that knows more flags.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "one per flag, as typed")]
#[serde(default)]
pub struct RunFlags {
    /// `--port`.
    pub port: Option<u16>,
    /// `--bind`.
    pub bind: Option<BindMode>,
    /// `--auth`.
    pub auth: Option<AuthMode>,
    /// `--token`.
    pub token: Option<Secret>,
    /// `--password`.
    pub password: Option<Secret>,
    /// `--tailscale`.
    pub tailscale: Option<TailscaleMode>,
    /// `--tailscale-reset-on-exit`; not given says nothing.
    #[serde(default)]
    pub tailscale_reset_on_exit: bool,
    /// `--allow-unconfigured`.
    pub allow_unconfigured: bool,
    /// `--force`. Whoever binds the sockets frees their port; a child, which inherits them, need not know.
    #[serde(skip)]
    pub force: bool,
    /// `--verbose`.
    pub verbose: bool,
    /// `--claude-cli-logs`.
    pub claude_cli_logs: bool,
    /// `--log-level`.
    pub log_level: Option<LogLevel>,
    /// `--ws-log`, `--compact`.
    pub ws_log: Option<WsLog>,
    /// `--record`: the directory of recordings.
    #[serde(default)]
    pub record: Option<PathBuf>,
    /// The recording that is being made: its directory.
    #[serde(default)]
    pub recording: Option<PathBuf>,
    /// The command line as typed, without the name of the program, for recordings.
    #[serde(default)]
    pub typed: Vec<Secret>,
    /// What is behind standard error.
    pub console: Console,
}

/// Authentication as resolved.
#[derive(Debug, Clone, Default)]
pub struct AuthSettings {
    /// The mode.
    pub mode: AuthMode,
    /// The shared token, if any.
    pub token: Option<Secret>,
    /// The shared password, if any.
    pub password: Option<Secret>,
    /// Whether an identity that Tailscale vouches for is enough.
    pub allow_tailscale: bool,
}

/// Where everything is recorded.
#[derive(Debug, Clone, Default)]
pub struct RecordingSettings {
    /// The directory of recordings: one that is begun while the gateway runs goes there.
    pub directory: PathBuf,
    /// The directory of the recording that is made from the start on, if one is.
    pub current: Option<PathBuf>,
    /// The command line, for a recording that is begun.
    pub typed: Vec<Secret>,
}

/// Everything a gateway runs with.
#[derive(Debug, Clone)]
pub struct GatewaySettings {
    /// Port to listen on; 0 lets the system choose (tests).
    pub port: u16,
    /// Bind mode.
    pub bind: BindMode,
    /// `gateway.customBindHost`.
    pub custom_bind_host: Option<String>,
    /// Authentication.
    pub auth: AuthSettings,
    /// Exposure by Tailscale.
    pub tailscale: TailscaleSettings,
    /// TLS of the port; `None` when it is off.
    pub tls: Option<TlsSettings>,
    /// `gateway.trustedProxies`.
    pub trusted_proxies: Vec<TrustedProxy>,
    /// `gateway.controlUi.allowedOrigins`.
    pub allowed_origins: Vec<String>,
    /// `gateway.controlUi.allowInsecureAuth`.
    pub allow_insecure_auth: bool,
    /// The Control UI.
    pub control_ui: ControlUiSettings,
    /// Model reference, for example `anthropic/claude-opus-4-5`.
    pub model: String,
    /// Workspace of the default agent, absolute.
    pub workspace: PathBuf,
    /// The HTTP hooks; `None` when they are off.
    pub hooks: Option<HookSettings>,
    /// The canvas; `None` when it is off.
    pub canvas: Option<CanvasSettings>,
    /// Whether the gateway runs in dev mode (loopback origins are legal).
    pub dev_mode: bool,
    /// The log.
    pub log: LogSettings,
    /// Recordings of every frame.
    pub recording: RecordingSettings,
}

// === impl BindMode ===

impl BindMode {
    /// The mode as it is written in the configuration and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Loopback => "loopback",
            Self::Lan => "lan",
            Self::Tailnet => "tailnet",
            Self::Auto => "auto",
            Self::Custom => "custom",
        }
    }
}

// === impl Secret ===

impl Secret {
    /// Wraps a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself, for comparison and for the wire.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}
