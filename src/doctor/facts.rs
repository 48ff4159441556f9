//! What was found on the machine, before anybody has judged it. Values only; `gather` finds them.
//!
//! `None` where a question was not answered in time: what depends on it is not judged then, and that is told.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::finding::Check;
use crate::config::edit::ConfigPath;
use crate::config::{Config, ConfigSnapshot};
use crate::platform::disk::Room;
use crate::platform::ports::PortHolder;
use crate::platform::tailscale::{Status, TailscaleError};
use crate::profile::{ProfilePaths, shorten};
use crate::service::{Definition, ServiceStatus};
use crate::settings::GatewaySettings;

/// Everything.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    /// The profile.
    pub(super) paths: &'a ProfilePaths,
    /// Now, Unix milliseconds.
    pub(super) now_ms: u64,
    /// Who asks; `None` where there are no such numbers.
    pub(super) user: Option<u32>,
    /// What was not answered in time.
    pub(super) late: Vec<Check>,
    /// Shared with questions that may still be under way.
    pub(super) config: Option<Arc<ConfigFacts>>,
    pub(super) state: Option<StateFacts>,
    /// Files of the state that are there, and what is wrong with them.
    pub(super) files: Option<Vec<StateFile>>,
    pub(super) limits: Option<LimitFacts>,
    /// Where there is a service manager.
    pub(super) service: Option<ServiceFacts>,
    pub(super) instance: Option<InstanceFacts>,
    pub(super) port: Option<PortFacts>,
    /// Only when it is configured.
    pub(super) tailscale: Option<Result<Status, TailscaleError>>,
    /// Only when a gateway runs.
    pub(super) answer: Option<Answer>,
}

/// The configuration.
#[derive(Debug)]
pub(super) struct ConfigFacts {
    pub(super) snapshot: ConfigSnapshot,
    /// Why the profile's `.env` cannot be used.
    pub(super) dotenv: Option<String>,
    /// What it says; nothing when it cannot be used.
    pub(super) config: Config,
    /// What a gateway would run with.
    pub(super) settings: Option<GatewaySettings>,
    /// Why none would, apart from `gateway.mode`.
    pub(super) refusal: Option<String>,
    /// Keys that can be moved to where they count.
    pub(super) moves: Vec<(ConfigPath, ConfigPath)>,
    /// Whether it is valid with them moved, comments included.
    pub(super) moves_fit: bool,
    /// Files with secrets.
    pub(super) secrets: Vec<SecretFile>,
    /// The token of the environment is another one than that of the configuration.
    pub(super) other_token: bool,
    /// The directory of the Control UI, when somebody names one that holds none.
    pub(super) empty_control_ui: Option<PathBuf>,
}

/// A file that holds secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SecretFile {
    /// Where it is, links resolved.
    pub(super) path: PathBuf,
    /// Its permissions.
    pub(super) mode: u32,
    /// Whether others can get to it, as far as its directory tells.
    pub(super) reachable: bool,
    /// Whether a gateway does not start with it.
    pub(super) is_key: bool,
}

/// What is in the place of the state directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nothing.
    Missing,
    /// A link that leads nowhere.
    BrokenLink,
    /// Something else.
    NoDirectory,
    /// It.
    Directory,
}

/// The state directory.
#[derive(Debug, Clone)]
pub(super) struct StateFacts {
    pub(super) standing: Standing,
    /// It, links resolved.
    pub(super) real: PathBuf,
    pub(super) mode: Option<u32>,
    pub(super) owner: Option<u32>,
    /// Why no file can be made in it.
    pub(super) unwritable: Option<String>,
    /// Entries of it that belong to others, the first few.
    pub(super) foreign: Vec<PathBuf>,
    /// Who keeps it in step with other machines.
    pub(super) synchronised_by: Option<&'static str>,
    /// The kind of its file system, when that is a network's.
    pub(super) network: Option<&'static str>,
    /// What interrupted writes left.
    pub(super) leftovers: Vec<PathBuf>,
    /// What was moved aside because it could not be read.
    pub(super) set_aside: Vec<PathBuf>,
    /// The time of the newest file, Unix milliseconds.
    pub(super) newest_ms: Option<u64>,
    /// Room on its disk.
    pub(super) room: Option<Room>,
}

/// A file of the state, as its reader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateFile {
    /// Where it is.
    pub path: PathBuf,
    /// What is in it, for people, for example `paired devices`.
    pub holds: &'static str,
    /// What becomes of it, and of what was in it.
    pub consequence: &'static str,
    /// Why it cannot be read.
    pub problem: Option<String>,
}

/// Limits of the system.
#[derive(Debug, Clone)]
pub(super) struct LimitFacts {
    /// Files that a gateway may have open.
    pub(super) open_files: u64,
    /// Why one more directory cannot be watched.
    pub(super) unwatchable: Option<Unwatchable>,
    /// `fs.inotify.max_user_watches`.
    pub(super) watches: Option<u64>,
    /// `fs.inotify.max_user_instances`.
    pub(super) instances: Option<u64>,
}

/// Which limit is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unwatchable {
    Watches,
    Instances,
}

/// The gateway as a service.
#[derive(Debug)]
pub(super) struct ServiceFacts {
    /// What is installed, if anything is.
    pub(super) definition: Result<Option<Definition>, String>,
    /// How it differs from what would be installed for the configuration.
    pub(super) drift: Vec<String>,
    /// Whether the program in it is there.
    pub(super) has_program: bool,
    /// What the manager says. Nobody asks it where nothing is installed.
    pub(super) status: Option<Result<ServiceStatus, String>>,
    /// Whether it outlives the user's last session, where that is a choice.
    pub(super) lingers: Option<bool>,
    /// The command that shows what it printed.
    pub(super) log: String,
}

/// Who runs on this state.
#[derive(Debug, Clone, Default)]
pub(super) struct InstanceFacts {
    /// Whether a gateway holds the lock.
    pub(super) is_locked: bool,
    /// Whether there is a runtime file.
    pub(super) has_runtime_file: bool,
    /// The process in the runtime file, when it is the gateway that runs.
    pub(super) running: Option<u32>,
    /// Whether a development harness holds its lock.
    pub(super) has_harness: bool,
    /// A gateway of the published program that uses the same configuration.
    pub(super) published: Option<u32>,
    /// Why the lock cannot be looked at.
    pub(super) problem: Option<String>,
}

/// Who listens where a gateway of this profile would.
#[derive(Debug, Clone)]
pub(super) struct PortFacts {
    pub(super) port: u16,
    pub(super) holders: Vec<PortHolder>,
}

/// What a gateway that runs says.
#[derive(Debug, Clone)]
pub(super) enum Answer {
    /// It lets us in.
    Hello {
        url: String,
        version: String,
        /// Its state directory, when it is another one.
        other_state: Option<PathBuf>,
        /// Its clock less ours, in milliseconds.
        skew_ms: Option<i64>,
    },
    /// It does not let us in.
    Refuses { url: String, reason: String },
    /// It does not answer.
    Silent { url: String, cause: String },
}

// === impl ServiceFacts ===

impl ServiceFacts {
    /// Nothing is installed.
    pub(super) fn none() -> Self {
        Self {
            definition: Ok(None),
            drift: Vec::new(),
            has_program: false,
            status: None,
            lingers: None,
            log: String::new(),
        }
    }
}

// === impl Facts ===

impl Facts<'_> {
    /// A path for people.
    pub(super) fn show(&self, path: &Path) -> String {
        shorten(path, &self.paths.home)
    }

    /// A path for a shell.
    pub(super) fn quote(&self, path: &Path) -> String {
        let shown = self.show(path);
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@%=:,".contains(c);
        let plain = shown.strip_prefix('~').unwrap_or(&shown);
        if plain.chars().all(is_plain) {
            return shown;
        }
        format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
    }

    /// A command of this program for this profile.
    pub(super) fn own(&self, rest: &str) -> String {
        format!("{} {rest}", self.paths.command())
    }
}
