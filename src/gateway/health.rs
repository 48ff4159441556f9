//! The health summary: taken from the session stores, cached, refreshed on demand (`wire-protocol` D.1).
//!
//! One task takes all summaries, so that any number of clients that ask at once cost one reading. It never runs
//! on its own: whoever wants a refresh says so.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::{Notify, watch};

use super::agents::Roster;
use super::context::Gateway;
use super::events::{EventFrame, EventName};
use super::sessions::{self, Stores};

/// Pause between two refreshes, so that many connects in a row do not become many broadcasts.
const PAUSE: Duration = Duration::from_millis(50);

/// The cache and the bell.
#[derive(Debug)]
pub(crate) struct Health {
    cached: Mutex<Cached>,
    wanted: Notify,
    running: AtomicBool,
    /// How many refreshes have finished.
    finished: watch::Sender<u64>,
}

/// What is known of the sessions, for whoever asks and for whoever comes.
#[derive(Debug)]
pub(crate) struct Summary {
    /// As part of a hello.
    pub(crate) value: Value,
    /// As the answer to `health`, which is asked often.
    pub(crate) text: Arc<str>,
}

#[derive(Debug, Clone)]
struct Cached {
    summary: Option<Arc<Summary>>,
    taken_at_ms: u64,
    version: u64,
}

// === impl Health ===

impl Health {
    /// Nothing is known yet.
    pub(crate) fn new() -> Self {
        Self {
            cached: Mutex::new(Cached { summary: None, taken_at_ms: 0, version: 1 }),
            wanted: Notify::new(),
            running: AtomicBool::new(false),
            finished: watch::Sender::new(0),
        }
    }

    /// +1 on each refresh; starts at 1.
    pub(crate) fn version(&self) -> u64 {
        self.lock().version
    }

    /// The last summary and when it was taken.
    pub(crate) fn cached(&self) -> Option<(Arc<Summary>, u64)> {
        let cached = self.lock();
        Some((Arc::clone(cached.summary.as_ref()?), cached.taken_at_ms))
    }

    /// Asks for a refresh. One that is running already is as good.
    pub(crate) fn want(&self) {
        if !self.running.load(Ordering::Relaxed) {
            self.wanted.notify_one();
        }
    }

    /// Asks for a refresh and waits for it.
    pub(crate) async fn refreshed(&self) -> Option<Arc<Summary>> {
        let mut finished = self.finished.subscribe();
        self.want();
        // The sender lives in `self`, so waiting cannot fail.
        let _ = finished.changed().await;
        self.cached().map(|(summary, _)| summary)
    }

    fn lock(&self) -> MutexGuard<'_, Cached> {
        self.cached.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes a summary whenever one is wanted, and broadcasts it; until it is cancelled.
pub(crate) async fn refresh_on_demand(gateway: &Gateway) {
    let health = &gateway.health;
    loop {
        health.wanted.notified().await;
        health.running.store(true, Ordering::Relaxed);
        let (live, clock) = (gateway.live(), gateway.clock);
        let taken = tokio::task::spawn_blocking(move || summarize(&live.roster, &live.stores, clock)).await;
        match taken {
            Ok(value) => {
                let summary = Arc::new(Summary { text: value.to_string().into(), value });
                {
                    let mut cached = health.lock();
                    cached.taken_at_ms = gateway.now_ms();
                    cached.version += 1;
                    cached.summary = Some(Arc::clone(&summary));
                }
                let version = Some(gateway.state_version());
                gateway.announce(&EventFrame::new(EventName::Health, &summary.value, version));
            }
            Err(error) => tracing::error!(%error, "failed to take the health summary"),
        }
        health.running.store(false, Ordering::Relaxed);
        health.finished.send_modify(|finished| *finished += 1);
        tokio::time::sleep(gateway.clients.pause(PAUSE)).await;
    }
}

/// Reads the stores of all agents. Blocks.
fn summarize(roster: &Roster, stores: &Stores, clock: fn() -> u64) -> Value {
    let now_ms = clock();
    let default_id = roster.default_id();
    let agents: Vec<Value> = stores
        .agents(roster)
        .iter()
        .map(|id| {
            let mut agent = json!({ "agentId": id });
            if let Some(name) = roster.get(id).and_then(|agent| agent.name.as_deref()) {
                agent["name"] = name.into();
            }
            agent["isDefault"] = (id == default_id).into();
            agent["heartbeat"] = no_heartbeat();
            agent["sessions"] = sessions::recent(&stores.read(id), now_ms);
            agent
        })
        .collect();
    json!({
        "ok": true,
        "ts": now_ms,
        "durationMs": clock().saturating_sub(now_ms),
        "channels": {},
        "channelOrder": [],
        "channelLabels": {},
        "heartbeatSeconds": 0,
        "defaultAgentId": default_id,
        "agents": agents,
        "sessions": sessions::recent(&stores.read(default_id), now_ms),
    })
}

/// No heartbeat runs in this gateway, whatever the configuration asks for, and the summary says so.
fn no_heartbeat() -> Value {
    json!({ "enabled": false, "every": "disabled", "everyMs": null, "prompt": "", "target": "last", "ackMaxChars": 300 })
}
