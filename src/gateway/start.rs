//! Settings and listeners → a gateway in standby → a running gateway.

use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::addresses;
use super::announced::Announced;
use super::claim::{RuntimeFile, StateClaim};
use super::context::{Facts, Gateway};
use super::doors::Doors;
use super::drain::Phase;
use super::listener::{self, Acceptor};
use super::replay;
use super::requests::{Request, Requests};
use super::shutdown::Running;
use super::{cron, health, http, keepalive};
use crate::config::ConfigSnapshot;
use crate::logging::subsystem;
use crate::profile::{EnvMap, ProfilePaths};
use crate::settings::GatewaySettings;
use crate::tls::{ServerTls, TlsError};

/// Everything a gateway is made from. Nothing else is read from the process.
#[derive(Debug)]
pub struct GatewayInit {
    /// Paths of the profile.
    pub paths: ProfilePaths,
    /// The environment, with the profile's `.env` layered below it: what the configuration is read with.
    pub env: EnvMap,
    /// The configuration as read and validated.
    pub snapshot: ConfigSnapshot,
    /// The settings resolved from it.
    pub settings: GatewaySettings,
    /// Listening sockets, bound by the caller; the first is the one that start-up lines name with the PID.
    pub listeners: Vec<TcpListener>,
    /// Number of this generation, counted by the harness from 1; 1 without a harness.
    pub generation: u64,
}

/// A gateway that has loaded everything and accepts nothing yet.
#[derive(Debug)]
pub struct Standby {
    pub(super) gateway: Arc<Gateway>,
    listeners: Vec<(tokio::net::TcpListener, SocketAddr)>,
    tls: Option<ServerTls>,
    asked: mpsc::Receiver<Request>,
}

/// What a start has to report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartupReport {
    /// Model reference of the default agent.
    pub model: String,
    /// `ws://HOST:PORT`, one per listener (one per address for a listener on all addresses); IPv6 in brackets;
    /// `wss://` with TLS.
    pub urls: Vec<String>,
    /// SHA-256 of the certificate, with TLS.
    pub tls_fingerprint: Option<String>,
    /// Process id of the gateway.
    pub pid: u32,
    /// The log file.
    pub log_file: PathBuf,
}

/// Why a gateway could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another process holds the state lock; what it wrote about itself, a JSON object with `pid`,
    /// `startedAtMs`, and `port`.
    #[error("gateway already running locally: {0}")]
    Locked(String),
    /// A file of the state could not be read or written.
    #[error("failed to use the state directory: {path}: {source}", path = path.display())]
    State {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The certificate or its key cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// A listener cannot be used.
    #[error("failed to use a listening socket: {0}")]
    Listener(#[source] std::io::Error),
}

impl Standby {
    /// Loads the state and prepares everything that does not need to be exclusive. Reads a few small files and
    /// blocks meanwhile: nothing is served yet. Must run in the runtime that is to serve.
    #[expect(clippy::unused_async, reason = "whoever prepares need not know that nothing waits today")]
    pub async fn prepare(init: GatewayInit) -> Result<Self, StartError> {
        let GatewayInit { paths, env, snapshot, settings, listeners, generation } = init;
        let mut bound = Vec::with_capacity(listeners.len());
        for listener in listeners {
            let address = listener.local_addr().map_err(StartError::Listener)?;
            listener.set_nonblocking(true).map_err(StartError::Listener)?;
            let listener = tokio::net::TcpListener::from_std(listener).map_err(StartError::Listener)?;
            bound.push((listener, address));
        }
        let tls = settings.tls.as_ref().map(ServerTls::load).transpose()?;
        let own_addresses: Vec<IpAddr> =
            bound.iter().flat_map(|(_, address)| addresses::reachable(address.ip())).collect();
        let (requests, asked) = Requests::new();
        let recording = settings.recording.current.clone();
        let facts = Facts { paths, env, snapshot, settings, generation, own_addresses, requests };
        let gateway = Gateway::load(facts);
        if let Some(recording) = recording {
            gateway.go_on_recording(&recording);
        }
        Ok(Self { gateway, listeners: bound, tls, asked })
    }

    /// Takes the state lock, re-reads what may have changed since [`Standby::prepare`], and accepts.
    pub async fn activate(self) -> Result<Running, StartError> {
        self.activate_with(None).await
    }

    /// The same with the claim that the gateway before handed over, so that nobody comes in between. With a claim it
    /// does not fail.
    pub async fn activate_with(self, claim: Option<StateClaim>) -> Result<Running, StartError> {
        let Self { gateway, listeners, tls, asked } = self;
        let started_at_ms = gateway.now_ms();
        let port = listeners.first().map_or(gateway.live().settings.port, |(_, address)| address.port());
        let claim = match claim {
            Some(mut claim) => {
                claim.describe(started_at_ms, port);
                claim
            }
            None => StateClaim::take(&gateway.paths, started_at_ms, port).await?,
        };
        gateway.devices.take_over(started_at_ms);
        if let Some(book) = replay::take(&replay::path(&gateway.paths.state_dir), started_at_ms) {
            gateway.clients.go_on(book);
        }

        let urls: Vec<String> =
            listeners.iter().flat_map(|(_, address)| addresses::urls(*address, tls.is_some())).collect();
        let tls_fingerprint = tls.as_ref().map(|tls| tls.fingerprint.to_string());
        let runtime_file = RuntimeFile {
            pid: std::process::id(),
            process_start: crate::platform::pid::start_mark(std::process::id()),
            started_at_ms,
            url: urls.first().cloned().unwrap_or_default(),
            urls: urls.clone(),
            tls_fingerprint: tls_fingerprint.clone(),
            generation: gateway.generation,
            profile: gateway.paths.name.as_ref().map(|name| name.as_str().to_owned()),
            state_dir: gateway.paths.state_dir.clone(),
            config_path: gateway.paths.config_path.clone(),
        };
        let report = StartupReport {
            model: gateway.live().settings.model.clone(),
            urls,
            tls_fingerprint,
            pid: std::process::id(),
            log_file: gateway.live().settings.log.file.clone(),
        };

        gateway.lifecycle.advance(Phase::Serving);
        gateway.mark("serving");
        gateway.mark_config();
        let (connections, kill) = (TaskTracker::new(), CancellationToken::new());
        let acceptor = Acceptor {
            router: http::router(Arc::clone(&gateway)),
            connections: connections.clone(),
            tls: tls.map(|tls| TlsAcceptor::from(tls.config)),
            kill: kill.clone(),
            room: listener::room(),
            refusals: Arc::new(Semaphore::new(listener::MAX_REFUSALS)),
            gateway: Arc::clone(&gateway),
        };
        let mut doors = Doors::new(acceptor);
        for (listener, address) in listeners {
            doors.open(listener, address);
        }
        let background = spawn_background(&gateway);
        runtime_file.write(&gateway.paths);
        for url in &report.urls {
            tracing::info!(target: subsystem::GATEWAY, pid = report.pid, generation = gateway.generation, "listening on {url}");
        }
        if let Some(fingerprint) = &report.tls_fingerprint {
            tracing::info!(target: subsystem::GATEWAY, fingerprint, "TLS certificate SHA-256");
        }
        let mut announced = Announced::default();
        announced.follow(&gateway, doors.addresses(), report.tls_fingerprint.as_deref());
        let kill = kill.drop_guard();
        Ok(Running {
            gateway,
            claim: Some(claim),
            runtime_file,
            report,
            doors,
            announced,
            background,
            asked,
            connections,
            kill,
        })
    }
}

/// The tasks that outlive every connection.
fn spawn_background(gateway: &Arc<Gateway>) -> JoinSet<()> {
    let mut background = JoinSet::new();
    let shared = Arc::clone(gateway);
    background.spawn(async move { keepalive::tick(&shared).await });
    let shared = Arc::clone(gateway);
    background.spawn(async move { shared.broadcast_presence().await });
    let shared = Arc::clone(gateway);
    background.spawn(async move { health::refresh_on_demand(&shared).await });
    let shared = Arc::clone(gateway);
    background.spawn(async move { shared.devices.write_behind().await });
    let shared = Arc::clone(gateway);
    background.spawn(async move { cron::keep_time(&shared).await });
    let shared = Arc::clone(gateway);
    background.spawn(async move { shared.cron.write_behind().await });
    background
}
