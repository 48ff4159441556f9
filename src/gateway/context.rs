//! What every connection and every method shares: the gateway itself, without its sockets.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::agents::{MAIN, expand_home};
use super::canvas::Changes;
use super::clients::Clients;
use super::cron::{Scheduler, Wanted};
use super::devices::DeviceStore;
use super::drain::Lifecycle;
use super::events::{EventFrame, EventName};
use super::health::Health;
use super::heartbeats::Heartbeats;
use super::http::ControlUi;
use super::idempotency::Idempotency;
use super::live::Live;
use super::metrics::Metrics;
use super::nodes::{Calls, Subscriptions};
use super::presence::{Presence, PresenceEntry};
use super::questions::Questions;
use super::requests::Requests;
use super::skills::Skills;
use super::system_events::SystemEvents;
use super::tailnet::Tailnet;
use super::throttle::Throttle;
use super::traffic::Ration;
use super::usage::Usage;
use super::wizard;
use crate::config::ConfigSnapshot;
use crate::platform::{clock, host};
use crate::profile::{EnvMap, ProfilePaths, vars};
use crate::protocol::frame::StateVersion;
use crate::protocol::hello::SessionDefaults;
use crate::recording::Recorder;
use crate::settings::GatewaySettings;

/// Version of this program, as clients are told.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Pause between two broadcasts of the presence list, which is long where many clients come and go.
const PRESENCE_PAUSE: Duration = Duration::from_millis(50);

/// The gateway.
#[derive(Debug)]
pub(crate) struct Gateway {
    pub(crate) paths: ProfilePaths,
    pub(crate) generation: u64,
    pub(crate) lifecycle: Arc<Lifecycle>,
    pub(crate) clients: Clients,
    pub(crate) health: Health,
    pub(crate) devices: Arc<DeviceStore>,
    pub(crate) tailnet: Tailnet,
    /// Held while a small file of settings is changed.
    pub(crate) settings_files: tokio::sync::Mutex<()>,
    pub(crate) usage: Usage,
    pub(crate) skills: Skills,
    /// Commands that run on nodes.
    pub(crate) calls: Arc<Calls>,
    /// What was asked for before.
    pub(crate) idempotency: Arc<Idempotency>,
    /// Scheduled work.
    pub(crate) cron: Scheduler,
    /// Changes of the canvas.
    pub(crate) canvas: Changes,
    /// What nodes follow.
    pub(crate) subscriptions: Subscriptions,
    /// Commands that wait to be allowed.
    pub(crate) questions: Arc<Questions>,
    /// Records every frame, or does not.
    pub(crate) recorder: Arc<Recorder>,
    /// Held while a recording is begun or ended.
    pub(crate) recording: tokio::sync::Mutex<()>,
    /// Failed requests that were logged.
    pub(crate) failures: Ration,
    /// What is remembered about the files of the Control UI.
    pub(crate) control_ui: ControlUi,
    /// What is counted for whoever watches the gateway.
    pub(crate) metrics: Metrics,
    /// What only whoever runs the gateway can do.
    pub(crate) requests: Requests,
    /// The wall clock.
    pub(crate) clock: fn() -> u64,
    live: Mutex<Arc<Live>>,
    own_addresses: Mutex<Arc<[IpAddr]>>,
    started: Instant,
    presence: Mutex<Presence>,
    presence_changed: Notify,
    system_events: Mutex<SystemEvents>,
    heartbeats: Mutex<Heartbeats>,
    wizard: Mutex<wizard::Slot>,
    throttle: Mutex<Throttle>,
    hook_throttle: Mutex<Throttle>,
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
    pub(crate) requests: Requests,
}

// === impl Gateway ===

impl Gateway {
    /// Loads what a gateway needs to know. Blocks for a few small files.
    pub(crate) fn load(facts: Facts) -> Arc<Self> {
        let Facts { paths, env, snapshot, settings, generation, own_addresses, requests } = facts;
        let clock: fn() -> u64 = clock::unix_ms;
        let tailnet = Tailnet::new(env.raw(vars::PATH).map(str::to_owned));
        let live = Live::new(env, snapshot, settings, &paths);
        Arc::new(Self {
            tailnet,
            cron: Scheduler::new(Wanted::of(&live, &paths), clock),
            live: Mutex::new(live),
            own_addresses: Mutex::new(own_addresses.into()),
            lifecycle: Lifecycle::new(),
            clients: Clients::new(clock),
            health: Health::new(),
            devices: DeviceStore::open(&paths.state_dir, clock()),
            presence: Mutex::new(Presence::new(own_presence(clock()))),
            presence_changed: Notify::new(),
            system_events: Mutex::default(),
            heartbeats: Mutex::default(),
            wizard: Mutex::default(),
            settings_files: tokio::sync::Mutex::default(),
            usage: Usage::default(),
            skills: Skills::default(),
            questions: Arc::default(),
            calls: Arc::default(),
            idempotency: Arc::default(),
            canvas: Changes::default(),
            subscriptions: Subscriptions::default(),
            failures: Ration::default(),
            control_ui: ControlUi::default(),
            metrics: Metrics::new(),
            throttle: Mutex::default(),
            hook_throttle: Mutex::default(),
            started: Instant::now(),
            paths,
            requests,
            recorder: Arc::default(),
            recording: tokio::sync::Mutex::default(),
            generation,
            clock,
        })
    }

    /// The configuration and what follows from it, as it is now. Ask once for each answer.
    pub(crate) fn live(&self) -> Arc<Live> {
        Arc::clone(&self.live.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes another configuration over. Whatever is being answered keeps the old one.
    pub(crate) fn set_live(&self, live: Arc<Live>) {
        let canvas = live.settings.canvas.clone();
        *self.live.lock().unwrap_or_else(PoisonError::into_inner) = live;
        self.canvas.configured(canvas.as_ref());
    }

    /// Addresses that the gateway listens on.
    pub(crate) fn own_addresses(&self) -> Arc<[IpAddr]> {
        Arc::clone(&self.own_addresses.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The gateway listens on other addresses now.
    pub(crate) fn set_own_addresses(&self, addresses: Vec<IpAddr>) {
        *self.own_addresses.lock().unwrap_or_else(PoisonError::into_inner) = addresses.into();
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

    /// Heartbeats.
    pub(crate) fn heartbeats(&self) -> MutexGuard<'_, Heartbeats> {
        self.heartbeats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The wizard that runs.
    pub(crate) fn wizard(&self) -> MutexGuard<'_, wizard::Slot> {
        self.wizard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Failed authentications.
    pub(crate) fn throttle(&self) -> MutexGuard<'_, Throttle> {
        self.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wrong tokens of hooks: apart, so that a program with an old one locks nobody out of the gateway.
    pub(crate) fn hook_throttle(&self) -> MutexGuard<'_, Throttle> {
        self.hook_throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Versions of presence and health.
    pub(crate) fn state_version(&self) -> StateVersion {
        StateVersion { presence: self.presence().version(), health: self.health.version() }
    }

    /// Tells everybody, and nodes that follow a session once more, without a number.
    pub(crate) fn announce(&self, event: &EventFrame) {
        self.clients.broadcast(event);
        let followers = self.subscriptions.followers();
        if !followers.is_empty() {
            self.clients.copy_to(&followers, event);
        }
    }

    /// A heartbeat was asked for: everybody is told what became of it.
    pub(crate) fn ask_heartbeat(&self) {
        let told = self.heartbeats().asked(self.now_ms());
        self.clients.broadcast(&EventFrame::new(EventName::Heartbeat, &told, None));
    }

    /// Has everybody told who is there, soon.
    pub(crate) fn announce_presence(&self) {
        self.presence_changed.notify_one();
    }

    /// Tells everybody who is there whenever that was asked for, until it is cancelled.
    pub(crate) async fn broadcast_presence(&self) {
        loop {
            self.presence_changed.notified().await;
            let list: Value = self.presence().json(self.now_ms());
            let version = Some(self.state_version());
            let payload = json!({ "presence": list });
            self.clients.broadcast(&EventFrame::new(EventName::Presence, &payload, version));
            self.presence().forget_transient();
            tokio::time::sleep(self.clients.pause(PRESENCE_PAUSE)).await;
        }
    }

    /// The workspace of an agent; `None` for an agent that is not known, or has none of its own.
    pub(crate) fn workspace_of(&self, agent: &str) -> Option<PathBuf> {
        let live = self.live();
        let configured = live.roster.get(agent)?.workspace.as_deref();
        match configured {
            Some(workspace) => Some(expand_home(workspace, &self.paths.home)),
            None if agent == live.roster.default_id() => Some(live.settings.workspace.clone()),
            None => None,
        }
    }

    /// What session aliases stand for.
    pub(crate) fn session_defaults(&self) -> SessionDefaults {
        let roster = &self.live().roster;
        SessionDefaults {
            default_agent_id: roster.default_id().to_owned(),
            main_key: MAIN.to_owned(),
            main_session_key: roster.main_session_key(),
            scope: Some(roster.scope_name().to_owned()),
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
