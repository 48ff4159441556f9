//! What the supervisor has to say: facts for the person and for `--events json`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::plan::Problem;
use super::state::Generation;
use crate::harness::exec::Tier;
use crate::harness::ipc::StartupSummary;
use crate::recording::Recording;
use crate::watch::Cause;

/// What made the supervisor act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// The harness started.
    Start,
    /// A file changed.
    File {
        /// Why it is watched.
        cause: Cause,
        /// The file.
        path: PathBuf,
        /// For the configuration: the dotted paths whose values differ.
        keys: Vec<String>,
    },
    /// A signal asked for it, for example `SIGHUP`.
    Signal(&'static str),
    /// A key was pressed.
    Key(char),
    /// The serving generation died.
    Crash,
    /// The last good plan comes back.
    Rollback,
}

/// How long the parts of a reload took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timing {
    /// From the last event of the edit to spawn.
    pub debounce: Duration,
    /// From spawn to `Ready`.
    pub prepare: Duration,
    /// From `Drain` to `Released`.
    pub drain: Duration,
    /// From `Activate` to `Serving`.
    pub activate: Duration,
    /// From the last event of the edit to `Serving`.
    pub total: Duration,
}

/// What serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Service {
    /// Our own gateway, as it reported itself.
    Gateway(StartupSummary),
    /// A command.
    Command(CommandSummary),
}

/// A command that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandSummary {
    /// As it was given.
    pub command: String,
    /// How it is reached.
    pub tier: Tier,
    /// Where clients reach it; nowhere when it is no server.
    pub addresses: Vec<SocketAddr>,
    /// The port that it has bound itself.
    pub own_port: Option<u16>,
    /// Process id.
    pub pid: u32,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A generation was spawned.
    Starting {
        /// Its number.
        generation: Generation,
        /// Why.
        triggers: Vec<Trigger>,
        /// Whether another one serves meanwhile.
        replaces: Option<Generation>,
    },
    /// A generation serves.
    Serving {
        /// Its number.
        generation: Generation,
        /// Why it was started.
        triggers: Vec<Trigger>,
        /// What serves.
        service: Service,
        /// How long it took.
        timing: Timing,
    },
    /// A candidate came to nothing; the running one was not touched.
    Kept {
        /// The candidate.
        candidate: Generation,
        /// Why it was started.
        triggers: Vec<Trigger>,
        /// Process id of the one that serves.
        pid: u32,
        /// What happened to the candidate.
        reason: String,
    },
    /// A generation ended without being asked to and nobody serves.
    Crashed {
        /// Its number.
        generation: Generation,
        /// Process id, if it got that far.
        pid: Option<u32>,
        /// What happened.
        reason: String,
        /// When the next attempt starts; `None` when none will.
        retry_in: Option<Duration>,
        /// Whether the next attempt uses the last good plan instead of the current one.
        rollback: bool,
    },
    /// The build before a command has succeeded.
    Built {
        /// How long it took.
        took: Duration,
    },
    /// The build before a command has failed; what runs goes on.
    BuildFailed {
        /// What changed.
        triggers: Vec<Trigger>,
        /// How it ended.
        reason: String,
    },
    /// A command that was taken for no server turns out to be one.
    Revealed {
        /// Its number.
        generation: Generation,
        /// What it is.
        summary: CommandSummary,
    },
    /// A command has done its work; the next edit starts it again.
    Finished {
        /// Its number.
        generation: Generation,
        /// Its process id.
        pid: u32,
    },
    /// The serving generation did not answer its heartbeat and is killed.
    Hung {
        /// Its number.
        generation: Generation,
        /// Process id.
        pid: u32,
    },
    /// A generation did not end in time and is killed.
    Escalated {
        /// Its number.
        generation: Generation,
        /// `SIGTERM` or `SIGKILL`.
        signal: &'static str,
    },
    /// An edit was refused before anything was started.
    Refused {
        /// What changed.
        triggers: Vec<Trigger>,
        /// What is wrong with it.
        problem: Problem,
    },
    /// An edit of the configuration that was refused before is mended, and nothing effective is left of it.
    Mended,
    /// An edit of the configuration was taken over by the generation that serves, as the configuration asks for.
    Applied {
        /// The generation.
        generation: Generation,
        /// Its process id.
        pid: u32,
        /// What changed.
        triggers: Vec<Trigger>,
        /// Dotted paths that keep their old values until there is another generation.
        waiting: Vec<String>,
        /// From the last event of the edit.
        took: Duration,
    },
    /// An edit of the configuration is not acted upon because the configuration says so.
    Ignored {
        /// The dotted paths whose values differ.
        keys: Vec<String>,
    },
    /// A recording has begun, has ended, or could not go on.
    Recording(Recording),
    /// Everything that matters is watched.
    Armed {
        /// Watched directories.
        directories: usize,
        /// Files below them.
        files: usize,
        /// How long it took.
        took: Duration,
    },
    /// Some edits are noticed later than they could be, or not at all.
    Degraded {
        /// Why, and what to do about it.
        message: String,
    },
    /// A file that every generation writes itself is not watched while one starts.
    Quarantined {
        /// The file.
        path: PathBuf,
    },
    /// A generation wrote a line to its standard error.
    Output {
        /// Its number.
        generation: Generation,
        /// The line.
        line: String,
    },
    /// The harness stops.
    Stopping {
        /// Whether it does so without waiting.
        at_once: bool,
    },
    /// Nothing runs any more.
    Stopped {
        /// Exit code of the harness.
        code: u8,
    },
}

// === impl Service ===

impl Service {
    /// Its process id.
    pub fn pid(&self) -> u32 {
        match self {
            Self::Gateway(summary) => summary.pid,
            Self::Command(summary) => summary.pid,
        }
    }
}
