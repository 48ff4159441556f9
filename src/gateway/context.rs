//! What every connection and every method shares: the gateway itself, without its sockets.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::time::Instant;

use super::agents::{MAIN, Roster, expand_home};
use super::clients::Clients;
use super::devices::DeviceStore;
use super::drain::Lifecycle;
use super::events::{EventFrame, EventName};
use super::health::Health;
use super::presence::{Presence, PresenceEntry};
use super::sessions::Stores;
use super::system_events::SystemEvents;
use super::throttle::Throttle;
use crate::config::{Config, ConfigSnapshot};
use crate::platform::{clock, host};
use crate::profile::EnvMap;
use crate::profile::ProfilePaths;
use crate::protocol::frame::StateVersion;
use crate::protocol::hello::SessionDefaults;
use crate::settings::GatewaySettings;

/// Version of this program, as clients are told.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The gateway.
#[derive(Debug)]
pub(crate) struct Gateway {
    pub(crate) paths: ProfilePaths,
    pub(crate) settings: GatewaySettings,
    pub(crate) snapshot: ConfigSnapshot,
    pub(crate) config: Config,
    /// The environment that the configuration is read with.
    pub(crate) env: EnvMap,
    pub(crate) generation: u64,
    pub(crate) roster: Arc<Roster>,
    pub(crate) stores: Arc<Stores>,
    pub(crate) lifecycle: Arc<Lifecycle>,
    pub(crate) clients: Clients,
    pub(crate) health: Health,
    pub(crate) devices: Arc<DeviceStore>,
    /// Addresses that the gateway listens on.
    pub(crate) own_addresses: Vec<IpAddr>,
    /// The wall clock.
    pub(crate) clock: fn() -> u64,
    started: Instant,
    presence: Mutex<Presence>,
    system_events: Mutex<SystemEvents>,
    throttle: Mutex<Throttle>,
}

/// What a gateway is told by its caller.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) paths: ProfilePaths,
    pub(crate) env: EnvMap,
    pub(crate) snapshot: ConfigSnapshot,
    pub(crate) settings: GatewaySettings,
    pub(crate) generation: u64,
    pub(crate) own_addresses: Vec<IpAddr>,
}

// === impl Gateway ===

impl Gateway {
    /// Loads what a gateway needs to know. Blocks for a few small files.
    pub(crate) fn load(facts: Facts) -> Arc<Self> {
        let Facts { paths, env, snapshot, settings, generation, own_addresses } = facts;
        let config = Config::from_resolved(&snapshot.resolved);
        let clock: fn() -> u64 = clock::unix_ms;
        Arc::new(Self {
            roster: Arc::new(Roster::of(&config)),
            stores: Arc::new(Stores::new(&paths.state_dir, config.session.store.as_deref(), &paths.home)),
            lifecycle: Lifecycle::new(),
            clients: Clients::new(),
            health: Health::new(),
            devices: DeviceStore::open(&paths.state_dir, clock()),
            presence: Mutex::new(Presence::new(own_presence(clock()))),
            system_events: Mutex::default(),
            throttle: Mutex::default(),
            started: Instant::now(),
            paths,
            settings,
            snapshot,
            config,
            env,
            generation,
            own_addresses,
            clock,
        })
    }

    /// Now, Unix milliseconds.
    pub(crate) fn now_ms(&self) -> u64 {
        (self.clock)()
    }

    /// How long the gateway has been running.
    pub(crate) fn uptime_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// The presence list. Do not hold it across a broadcast.
    pub(crate) fn presence(&self) -> MutexGuard<'_, Presence> {
        self.presence.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Texts that wait for the main session.
    pub(crate) fn system_events(&self) -> MutexGuard<'_, SystemEvents> {
        self.system_events.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Failed authentications.
    pub(crate) fn throttle(&self) -> MutexGuard<'_, Throttle> {
        self.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Versions of presence and health.
    pub(crate) fn state_version(&self) -> StateVersion {
        StateVersion { presence: self.presence().version(), health: self.health.version() }
    }

    /// Tells everybody who is there.
    pub(crate) fn broadcast_presence(&self) {
        let list: Value = self.presence().json(self.now_ms());
        let version = Some(self.state_version());
        self.clients.broadcast(&EventFrame::new(EventName::Presence, &json!({ "presence": list }), version));
    }

    /// The workspace of an agent; `None` for an agent that is not known, or has none of its own.
    pub(crate) fn workspace_of(&self, agent: &str) -> Option<PathBuf> {
        let configured = self.roster.get(agent)?.workspace.as_deref();
        match configured {
            Some(workspace) => Some(expand_home(workspace, &self.paths.home)),
            None if agent == self.roster.default_id() => Some(self.settings.workspace.clone()),
            None => None,
        }
    }

    /// What session aliases stand for.
    pub(crate) fn session_defaults(&self) -> SessionDefaults {
        SessionDefaults {
            default_agent_id: self.roster.default_id().to_owned(),
            main_key: MAIN.to_owned(),
            main_session_key: self.roster.main_session_key(),
            scope: Some(self.roster.scope_name().to_owned()),
        }
    }
}

/// The gateway's own entry in the presence list.
fn own_presence(now_ms: u64) -> PresenceEntry {
    let host = host::facts();
    let ip = host::primary_address().map(|address| address.to_string());
    let place = ip.as_ref().map(|ip| format!(" ({ip})")).unwrap_or_default();
    PresenceEntry {
        text: format!("Gateway: {}{place} · app {VERSION} · mode gateway · reason self", host.name),
        host: Some(host.name.clone()),
        ip,
        version: Some(VERSION.to_owned()),
        platform: Some(format!("{} {}", host.os, host.release).trim_end().to_owned()),
        device_family: Some(host.family.to_owned()),
        model_identifier: Some(host.arch.to_owned()),
        mode: Some("gateway".to_owned()),
        reason: Some("self".to_owned()),
        ts: now_ms,
        ..PresenceEntry::default()
    }
}
