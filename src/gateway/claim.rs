//! The claim on a state directory: the lock that only one gateway holds, and the file by which clients find it.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::time::Instant;

use super::start::StartError;
use crate::logging::subsystem;
use crate::platform::{atomic, lock};
use crate::profile::ProfilePaths;

/// How long a lock that is held is tried again.
const PATIENCE: Duration = Duration::from_millis(50);
/// Pause between two attempts.
const PAUSE: Duration = Duration::from_millis(1);

/// Content of `<STATE>/gateway.json`: the gateway that serves this state directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RuntimeFile {
    /// Process id.
    pub pid: u32,
    /// When that process started, as the system counts it; a number that was given again is another process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process_start: Option<u64>,
    /// When it began to serve, Unix milliseconds.
    pub started_at_ms: u64,
    /// `ws://HOST:PORT` of the first listener; `wss://` with TLS.
    pub url: String,
    /// The same of every listener.
    pub urls: Vec<String>,
    /// SHA-256 of the certificate, by which this machine's clients recognise it; absent without TLS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_fingerprint: Option<String>,
    /// Number of the generation.
    pub generation: u64,
    /// The profile's name; absent for the default profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// State directory.
    pub state_dir: PathBuf,
    /// Configuration file.
    pub config_path: PathBuf,
}

/// A held claim; given back when dropped.
#[derive(Debug)]
pub struct StateClaim {
    lock: lock::Lock,
}

impl StateClaim {
    /// Takes the state directory. Blocks for a few system calls, and up to [`PATIENCE`] while it is held: whoever
    /// only looks whether a gateway runs holds the lock for a moment too.
    pub(crate) async fn take(
        paths: &ProfilePaths,
        started_at_ms: u64,
        port: u16,
    ) -> Result<Self, StartError> {
        let failed = |source: io::Error| StartError::State { path: paths.gateway_lock.clone(), source };
        atomic::private_directory(&paths.state_dir).map_err(failed)?;
        let give_up = Instant::now() + PATIENCE;
        let attempt = loop {
            match lock::try_lock(&paths.gateway_lock).map_err(failed)? {
                lock::Attempt::Busy(_) if Instant::now() < give_up => tokio::time::sleep(PAUSE).await,
                attempt => break attempt,
            }
        };
        match attempt {
            lock::Attempt::Busy(holder) => Err(StartError::Locked(holder)),
            lock::Attempt::Held(lock) => {
                let mut claim = Self { lock };
                claim.describe(started_at_ms, port);
                Ok(claim)
            }
        }
    }

    /// Says who holds it. For people: a full disk must not prevent a start.
    pub(super) fn describe(&mut self, started_at_ms: u64, port: u16) {
        let facts = json!({ "pid": std::process::id(), "startedAtMs": started_at_ms, "port": port });
        if let Err(error) = self.lock.write(&facts.to_string()) {
            tracing::warn!(target: subsystem::GATEWAY, %error, "failed to write who holds the state lock");
        }
    }
}

impl RuntimeFile {
    /// Writes the file. A failure costs clients their way to us, and is logged; it does not prevent serving.
    pub(crate) fn write(&self, paths: &ProfilePaths) {
        let written = serde_json::to_vec_pretty(self)
            .map_err(io::Error::other)
            .and_then(|content| atomic::publish(&paths.runtime_file, &content));
        if let Err(error) = written {
            tracing::warn!(target: subsystem::GATEWAY, path = %paths.runtime_file.display(), %error, "failed to write the runtime file");
        }
    }

    /// Removes the file if it still is this one.
    pub(crate) fn remove(&self, paths: &ProfilePaths) {
        let ours = std::fs::read(&paths.runtime_file)
            .ok()
            .and_then(|bytes| serde_json::from_slice::<Self>(&bytes).ok())
            .is_some_and(|found| found == *self);
        if ours && let Err(error) = std::fs::remove_file(&paths.runtime_file) {
            tracing::warn!(target: subsystem::GATEWAY, path = %paths.runtime_file.display(), %error, "failed to remove the runtime file");
        }
    }
}
