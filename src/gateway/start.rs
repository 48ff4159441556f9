//! Settings and listeners → a gateway in standby → a running gateway.

use std::net::TcpListener;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::config::ConfigSnapshot;
use crate::profile::ProfilePaths;
use crate::settings::GatewaySettings;

/// Everything a gateway is made from. Nothing else is read from the process.
#[derive(Debug)]
pub struct GatewayInit {
    /// Paths of the profile.
    pub paths: ProfilePaths,
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
    _init: GatewayInit,
}

/// A gateway that serves.
#[derive(Debug)]
pub struct Running {
    _private: (),
}

/// What a start has to report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartupReport {
    /// Model reference of the default agent.
    pub model: String,
    /// `ws://HOST:PORT`, one per listener; IPv6 in brackets.
    pub urls: Vec<String>,
    /// Process id of the gateway.
    pub pid: u32,
    /// The log file.
    pub log_file: std::path::PathBuf,
}

/// Why a gateway could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another process holds the state lock.
    #[error("gateway already running locally: {0}")]
    Locked(String),
    /// A file of the state could not be read or written.
    #[error("failed to use the state directory: {0}")]
    State(String),
}

impl Standby {
    /// Loads the state and prepares everything that does not need to be exclusive.
    #[expect(clippy::unused_async, reason = "loading the state is I/O")]
    pub async fn prepare(init: GatewayInit) -> Result<Self, StartError> {
        Ok(Self { _init: init })
    }

    /// Takes the state lock, re-reads what may have changed since [`Standby::prepare`], and accepts.
    #[expect(clippy::unused_async, reason = "the accept loop starts here")]
    pub async fn activate(self) -> Result<Running, StartError> {
        Err(StartError::State("the gateway is not built yet".to_owned()))
    }
}

impl Running {
    /// What to tell the user.
    pub fn report(&self) -> StartupReport {
        StartupReport { model: String::new(), urls: Vec::new(), pid: 0, log_file: std::path::PathBuf::new() }
    }

    /// Stops accepting, lets handshakes and requests in flight finish (bounded), writes what is unwritten, and
    /// releases the state lock. Established connections stay open.
    #[expect(clippy::unused_async, reason = "the drain waits")]
    pub async fn quiesce(&mut self) {}

    /// Broadcasts `shutdown`, closes every connection with 1012, and waits for the peers at most `grace`.
    /// `restart_expected_ms` is `None` for a stop.
    #[expect(clippy::unused_async, reason = "the goodbye waits")]
    pub async fn goodbye(self, _restart_expected_ms: Option<u64>, _grace: Duration) {}
}
