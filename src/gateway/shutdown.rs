//! A running gateway, and its end: stop accepting, finish, flush, release, announce, close.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::DropGuard;
use tokio_util::task::TaskTracker;

use super::announced::Announced;
use super::claim::{RuntimeFile, StateClaim};
use super::context::Gateway;
use super::doors::Doors;
use super::drain::Phase;
use super::events::{EventFrame, EventName};
use super::replay;
use super::requests::Request;
use super::start::StartupReport;
use crate::logging::subsystem;
use crate::protocol::close::Close;

/// A gateway that serves.
#[derive(Debug)]
pub struct Running {
    pub(super) gateway: Arc<Gateway>,
    /// `None` once it is released.
    pub(super) claim: Option<StateClaim>,
    pub(super) runtime_file: RuntimeFile,
    pub(super) report: StartupReport,
    pub(super) doors: Doors,
    pub(super) announced: Announced,
    pub(super) background: JoinSet<()>,
    /// What clients ask of whoever runs the gateway.
    pub(super) asked: mpsc::Receiver<Request>,
    pub(super) connections: TaskTracker,
    /// Ends every connection when dropped.
    pub(super) kill: DropGuard,
}

impl Running {
    /// What to tell the user.
    pub fn report(&self) -> StartupReport {
        self.report.clone()
    }

    /// The next thing that a client asks of whoever runs the gateway. Cancel-safe.
    pub async fn requested(&mut self) -> Request {
        match self.asked.recv().await {
            Some(request) => request,
            // The gateway holds the other side, so this is its end.
            None => std::future::pending().await,
        }
    }

    /// Stops accepting, lets handshakes and requests in flight finish (bounded), writes what is unwritten, and
    /// releases the state lock. Established connections stay open. A second call does nothing.
    pub async fn quiesce(&mut self) {
        drop(self.hand_over().await);
    }

    /// The same, but the claim on the state is handed to the gateway that follows in this process. `None` when it was
    /// released already.
    pub async fn hand_over(&mut self) -> Option<StateClaim> {
        let claim = self.claim.take()?;
        let lifecycle = &self.gateway.lifecycle;
        lifecycle.advance(Phase::Quiescing);
        self.gateway.mark("quiescing");
        self.doors.closed().await;
        // The name is free before the next generation takes it.
        self.announced.withdraw().await;
        if !lifecycle.settled().await {
            tracing::debug!(target: subsystem::GATEWAY, "released the state with work under way");
        }
        // Before the last flush, so that nothing is decided after it.
        lifecycle.advance(Phase::Released);
        self.gateway.mark("released");
        self.gateway.devices.close().await;
        self.gateway.cron.close().await;
        self.leave_events().await;
        Some(claim)
    }

    /// Leaves what clients may have missed to the next generation. Without it they are told that they missed
    /// something.
    async fn leave_events(&self) {
        let Some(saved) = self.gateway.clients.seal() else { return };
        let path = replay::path(&self.gateway.paths.state_dir);
        let written = tokio::task::spawn_blocking(move || replay::save(&path, &saved)).await;
        if let Err(error) = written.map_err(io::Error::other).flatten() {
            tracing::warn!(target: subsystem::GATEWAY, %error, "failed to leave events to the next generation");
        }
    }

    /// Broadcasts `shutdown`, closes every connection with 1012, and waits for the peers at most `grace`.
    /// `restart_expected_ms` is `None` for a stop. Quiesces first unless that was done.
    pub async fn goodbye(mut self, restart_expected_ms: Option<u64>, grace: Duration) {
        self.quiesce().await;
        let gateway = &self.gateway;
        let reason = if restart_expected_ms.is_some() { "gateway restarting" } else { "gateway stopping" };
        tracing::info!(target: subsystem::GATEWAY, clients = gateway.clients.count(), "{reason}");
        let payload = json!({ "reason": reason, "restartExpectedMs": restart_expected_ms });
        gateway.clients.broadcast(&EventFrame::new(EventName::Shutdown, &payload, None));
        gateway.clients.close_all(&Close::service_restart(), grace);
        gateway.lifecycle.advance(Phase::Closing);
        if restart_expected_ms.is_none() {
            self.runtime_file.remove(&gateway.paths);
        }
        self.background.shutdown().await;
        self.connections.close();
        if tokio::time::timeout(grace, self.connections.wait()).await.is_err() {
            tracing::debug!(target: subsystem::GATEWAY, connections = self.connections.len(), "cut off connections that did not end");
        }
        drop(self.kill);
        self.connections.wait().await;
        end_of_recording(&self.gateway).await;
    }
}

/// Waits until the journal is written.
async fn end_of_recording(gateway: &Arc<Gateway>) {
    if gateway.recorder.session().is_none() {
        return;
    }
    gateway.mark("end");
    let recorder = Arc::clone(&gateway.recorder);
    if tokio::task::spawn_blocking(move || recorder.stop()).await.is_err() {
        tracing::error!(target: subsystem::GATEWAY, "the end of the recording is not written");
    }
}
