//! Which gateway a command means, and what to authenticate with. Pure but for [`RunningGateway::read`].

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::config::schema::{Gateway, GatewayMode};
use crate::platform::{fs, pid, regular};
use crate::profile::{EnvMap, vars};
use crate::settings::{BindMode, Secret};
use crate::tls::{Fingerprint, NoFingerprint};

/// How much later than it says a gateway's process may have started: clocks are adjusted.
const START_TOLERANCE_MS: u64 = 5_000;

/// The largest runtime file that is read, in bytes.
const SIZE_LIMIT: u64 = 1 << 20;

/// What a running gateway says about itself in `<STATE>/gateway.json`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunningGateway {
    /// Process id.
    pub pid: u32,
    /// When it began to serve, Unix milliseconds.
    #[serde(default)]
    pub started_at_ms: u64,
    /// Where it listens first.
    pub url: String,
    /// Everywhere it listens.
    #[serde(default)]
    pub urls: Vec<String>,
    /// SHA-256 of its certificate, when it speaks TLS.
    #[serde(default)]
    pub tls_fingerprint: Option<String>,
    /// The profile's name; absent for the default profile.
    #[serde(default)]
    pub profile: Option<String>,
}

/// What a command has to go by.
#[derive(Debug, Clone, Copy)]
pub struct TargetRequest<'a> {
    /// `--url`.
    pub url: Option<&'a str>,
    /// `--token`.
    pub token: Option<&'a Secret>,
    /// `--password`.
    pub password: Option<&'a Secret>,
    /// `--tls-fingerprint`.
    pub tls_fingerprint: Option<Fingerprint>,
    /// The profile's gateway, when one runs.
    pub running: Option<&'a RunningGateway>,
    /// Section `gateway` of the profile's configuration.
    pub config: &'a Gateway,
    /// The environment, with the profile's `.env` below it.
    pub env: &'a EnvMap,
    /// The environment of the process alone: what a person has exported by hand.
    pub exported: &'a EnvMap,
    /// The profile's port when nothing else names one.
    pub default_port: u16,
}

/// Where to connect, and with what.
#[derive(Debug, Clone)]
pub struct Target {
    /// WebSocket URL.
    pub url: String,
    /// What named it.
    pub source: TargetSource,
    /// Shared token.
    pub token: Option<Secret>,
    /// Shared password.
    pub password: Option<Secret>,
    /// What its certificate has to be, when that is known; an error when the configuration names something else
    /// than a fingerprint.
    pub pin: Option<Result<Fingerprint, NoFingerprint>>,
    /// Whether it is one that this profile's device tokens may be sent to.
    pub is_known: bool,
}

/// What named a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetSource {
    /// `--url`.
    Flag,
    /// The runtime file of this process.
    Running(u32),
    /// `gateway.remote.url`.
    Remote,
    /// `gateway.mode` is `remote`, but there is no URL.
    RemoteMissing,
    /// The profile's port on this machine.
    Local,
}

/// Decides which gateway is meant: `--url`, else the profile's running gateway, else the configuration.
pub fn resolve(request: &TargetRequest<'_>) -> Target {
    let remote_mode = request.config.mode == Some(GatewayMode::Remote);
    let remote_url = request.config.remote.url.as_deref().map(str::trim).filter(|url| !url.is_empty());
    let (url, source) = if let Some(url) = request.url {
        (url.trim().to_owned(), TargetSource::Flag)
    } else if let Some(running) = request.running {
        (running.nearest().to_owned(), TargetSource::Running(running.pid))
    } else if !remote_mode {
        (local_url(request), TargetSource::Local)
    } else if let Some(url) = remote_url {
        (url.to_owned(), TargetSource::Remote)
    } else {
        (local_url(request), TargetSource::RemoteMissing)
    };
    let is_remote =
        source == TargetSource::Remote || (remote_url == Some(url.as_str()) && request.running.is_none());
    // Secrets of this machine's gateway do not go to whatever address somebody pastes after `--url`.
    let is_known = source != TargetSource::Flag || is_remote || is_loopback(&url);
    let secret = |flag: Option<&Secret>, variable: &str, local: &Option<Secret>, remote: &Option<Secret>| {
        let from_config = if is_remote { remote } else { local };
        let env = if is_known { request.env } else { request.exported };
        let from_env = env.get(variable).filter(|_| !is_remote).map(Secret::new);
        flag.cloned()
            .or(from_env)
            .or_else(|| from_config.clone().filter(|_| is_known))
            .filter(|secret| !secret.expose().is_empty())
    };
    let (auth, remote) = (&request.config.auth, &request.config.remote);
    let running = request.running.filter(|running| running.all().any(|own| is_same_gateway(&url, own)));
    let configured = remote.tls_fingerprint.as_deref().filter(|text| is_remote && !text.trim().is_empty());
    let known = running.and_then(|running| running.tls_fingerprint.as_deref()).or(configured);
    let pin = request.tls_fingerprint.map(Ok).or_else(|| known.map(Fingerprint::parse));
    Target {
        token: secret(request.token, vars::GATEWAY_TOKEN, &auth.token, &remote.token),
        password: secret(request.password, vars::GATEWAY_PASSWORD, &auth.password, &remote.password),
        pin,
        url,
        source,
        is_known,
    }
}

/// The port in a URL; that of the scheme when it names none.
pub fn port_of(url: &str) -> Option<u16> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let after_address = authority.rsplit(']').next()?;
    match after_address.rsplit_once(':') {
        Some((_, port)) => port.parse().ok(),
        None => Some(if scheme == "wss" { 443 } else { 80 }),
    }
}

/// The address of the Control UI of the gateway at a WebSocket URL, when it is served below `base_path`.
pub fn page(url: &str, base_path: &str) -> String {
    format!("{}{base_path}/", http(url))
}

/// The address of plain requests at a WebSocket URL, without a slash at its end.
pub fn http(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or(url).trim_end_matches('/');
    match url.split_once("://") {
        Some(("wss" | "https", rest)) => format!("https://{rest}"),
        Some((_, rest)) => format!("http://{rest}"),
        None => format!("http://{url}"),
    }
}

/// Whether a URL leads to the gateway at `own`, as it is written there or by another name of this machine.
fn is_same_gateway(url: &str, own: &str) -> bool {
    url == own
        || (url.starts_with("wss://")
            && own.starts_with("wss://")
            && is_loopback(url)
            && is_loopback(own)
            && port_of(url) == port_of(own))
}

impl RunningGateway {
    /// Where this machine's commands reach it: who comes by another address is from elsewhere, and has to be approved.
    pub fn nearest(&self) -> &str {
        self.all().find(|url| is_loopback(url)).unwrap_or(&self.url)
    }

    /// Every URL that it answers at.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.url).chain(&self.urls).map(String::as_str)
    }

    /// Reads a runtime file. `None` when there is none, when it cannot be read, and when its process is gone.
    pub fn read(path: &Path) -> Option<Self> {
        let text = regular::read_text(path, SIZE_LIMIT).ok()?;
        let running: Self = serde_json::from_str(&text).ok()?;
        let of: Provenance = serde_json::from_str(&text).ok()?;
        if !of.is_about(path.parent()?) || !pid::exists(running.pid) {
            return None;
        }
        if let (Some(then), Some(now)) = (of.process_start, pid::start_mark(running.pid)) {
            return (then == now).then_some(running);
        }
        // A process that started later is another one, to which the number was given again.
        let is_later = pid::started_at_ms(running.pid)
            .is_some_and(|started| started > running.started_at_ms.saturating_add(START_TOLERANCE_MS));
        (!is_later).then_some(running)
    }
}

/// What a runtime file says about itself.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Provenance {
    /// The state directory that it is about.
    state_dir: Option<PathBuf>,
    /// When the process started, as the system counts it.
    process_start: Option<u64>,
}

impl Provenance {
    /// Whether the file is about the directory that it lies in. One in a copy of a state directory is about the
    /// original, whose gateway is nobody's business here.
    fn is_about(&self, directory: &Path) -> bool {
        let Some(meant) = &self.state_dir else { return true };
        matches!((fs::identity(meant), fs::identity(directory)), (Ok(meant), Ok(found)) if meant == found)
    }
}

impl Target {
    /// Whether the gateway should be on this machine and of this profile.
    pub fn is_own(&self) -> bool {
        matches!(self.source, TargetSource::Running(_) | TargetSource::Local | TargetSource::RemoteMissing)
    }
}

impl std::fmt::Display for TargetSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Flag => f.write_str("cli --url"),
            Self::Running(pid) => write!(f, "running gateway (PID {pid})"),
            Self::Remote => f.write_str("config gateway.remote.url"),
            Self::RemoteMissing => f.write_str("missing gateway.remote.url (fallback local)"),
            Self::Local => f.write_str("local loopback"),
        }
    }
}

fn local_url(request: &TargetRequest<'_>) -> String {
    let config = request.config;
    let port = request.env.port().or(config.port).unwrap_or(request.default_port);
    let scheme = if config.tls.enabled == Some(true) { "wss" } else { "ws" };
    let custom = config.custom_bind_host.as_deref().filter(|_| config.bind == Some(BindMode::Custom));
    // An address that stands for all addresses includes loopback.
    let custom = custom.and_then(|host| host.parse::<IpAddr>().ok()).filter(|ip| !ip.is_unspecified());
    match custom {
        Some(IpAddr::V6(ip)) => format!("{scheme}://[{ip}]:{port}"),
        Some(IpAddr::V4(ip)) => format!("{scheme}://{ip}:{port}"),
        None => format!("{scheme}://127.0.0.1:{port}"),
    }
}

/// Whether a URL leads to this machine and nowhere else.
pub fn is_loopback(url: &str) -> bool {
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
    // `ws://127.0.0.1@elsewhere/` names elsewhere.
    let host = authority.rsplit('@').next().unwrap_or_default();
    let name = crate::auth::locality::host_name(host);
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests;
