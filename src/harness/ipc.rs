//! What harness and child tell each other: one JSON object per line, commands on the child's stdin, events on
//! its stdout.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::config::ConfigSnapshot;
use crate::profile::{EnvMap, ProfilePaths};
use crate::recording::Recording;
use crate::settings::RunFlags;

/// Version of these messages. A child of another version says so in [`ChildEvent::Hello`] and is not used.
pub const IPC_VERSION: u32 = 3;

/// Harness → child.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum SupervisorCommand {
    /// Load everything, accept nothing. The first message to every child.
    Prepare(Box<Prepare>),
    /// Take what only one may hold, and accept.
    Activate,
    /// Stop accepting, flush, release the state, then say goodbye and exit.
    Drain {
        /// What clients are told; `None` when nothing follows (stop).
        restart_expected_ms: Option<u64>,
    },
    /// Take another configuration over in place, answered with [`ChildEvent::Applied`]. What is fixed at start is the
    /// same in it.
    Apply(Box<Apply>),
    /// Record, or do not; answered with [`ChildEvent::Recording`] by a generation that serves.
    Record {
        /// What of it.
        record: Record,
    },
    /// Heartbeat; answered with [`ChildEvent::Pong`].
    Ping {
        /// Echoed.
        nonce: u64,
    },
}

/// Everything a child needs to know.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Prepare {
    /// Number of the generation, from 1.
    pub generation: u64,
    /// Paths of the profile.
    pub paths: ProfilePaths,
    /// Environment, with the profile's `.env` layered below it.
    pub env: EnvMap,
    /// Flags of the command line.
    pub flags: RunFlags,
    /// The configuration as the harness validated it.
    pub snapshot: ConfigSnapshot,
}

/// A configuration that needs no other generation.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Apply {
    /// Environment, with the profile's `.env` layered below it.
    pub env: EnvMap,
    /// The configuration as the harness validated it.
    pub snapshot: ConfigSnapshot,
}

/// What of a generation is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Record {
    /// Begin a recording, unless one is made.
    Begin,
    /// Go on with this one.
    To(PathBuf),
    /// Nothing any more.
    Nothing,
}

/// Child → harness.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ChildEvent {
    /// The child's executable has started; the first message of every child.
    Hello {
        /// [`IPC_VERSION`] of the child.
        ipc: u32,
        /// Process id.
        pid: u32,
    },
    /// Loaded; waits for `Activate`.
    Ready,
    /// Serving.
    Serving(StartupSummary),
    /// The state is released and nothing is accepted any more; the goodbye follows.
    Released,
    /// The configuration of an `Apply` counts; one for each, in their order.
    Applied,
    /// Where it records to has changed, or was asked for.
    Recording(Recording),
    /// A client asks that the configuration counts as it is on disk, whatever the reload mode is.
    ReloadRequested,
    /// Answer to `Ping`.
    Pong {
        /// From the ping.
        nonce: u64,
    },
    /// The start failed; the process ends.
    Failed {
        /// The exit code it would have in the foreground.
        exit_code: u8,
        /// For people, possibly several lines.
        message: String,
    },
}

/// What the child reports when it serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StartupSummary {
    /// Model reference of the default agent.
    pub model: String,
    /// `ws://HOST:PORT`, one per listener; `wss://` with TLS.
    pub urls: Vec<String>,
    /// SHA-256 of the certificate, with TLS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_fingerprint: Option<String>,
    /// Process id.
    pub pid: u32,
}
