//! The facts of `gateway status`, before anybody says them.

use std::path::PathBuf;

use serde_json::Value;

use crate::client::target::TargetSource;
use crate::config::Issue;
use crate::platform::ports::PortHolder;
use crate::profile::ProfilePaths;
use crate::service::{Definition, Runtime, ServiceStatus, Words};
use crate::settings::BindMode;

/// Everything that was found out.
#[derive(Debug)]
pub(crate) struct Report {
    /// The profile.
    pub(crate) paths: ProfilePaths,
    /// What the service manager says.
    pub(crate) manager: Manager,
    /// The gateway of this profile that runs, as its runtime file says.
    pub(crate) process: Option<Process>,
    /// A harness that runs, by its process id; it may have a command in place of a gateway.
    pub(crate) harness: Option<u32>,
    /// The configuration that this command uses.
    pub(crate) config: ConfigFile,
    /// The configuration that the service uses, when it is another.
    pub(crate) service_config: Option<ConfigFile>,
    /// Bind mode.
    pub(crate) bind: BindMode,
    /// Address for the bind mode `custom`.
    pub(crate) custom_bind_host: Option<String>,
    /// The port of the gateway that runs, else of the one that would be started.
    pub(crate) port: Port,
    /// The port that the configuration names, when the gateway has another.
    pub(crate) configured_port: Option<Port>,
    /// Where a client looks for it.
    pub(crate) url: String,
    /// What named that address.
    pub(crate) target: TargetSource,
    /// Where its Control UI is; `None` when that is off.
    pub(crate) dashboard: Option<String>,
    /// What came of connecting; `None` when nobody was to.
    pub(crate) probe: Option<Probe>,
    /// The log file.
    pub(crate) log_file: PathBuf,
    /// The last error in it since the gateway that runs was started, or ever when none runs.
    pub(crate) last_error: Option<LogError>,
}

/// What the manager says.
#[derive(Debug)]
pub(crate) struct Manager {
    /// How it talks.
    pub(crate) words: Words,
    /// Why it cannot be asked, and what helps.
    pub(crate) unavailable: Option<(String, Vec<String>)>,
    /// What is installed.
    pub(crate) definition: Option<Definition>,
    /// How it is; `None` when nothing is installed or nobody could be asked.
    pub(crate) status: Option<ServiceStatus>,
    /// Whether the service outlives the user's last session, where that is a choice.
    pub(crate) lingers: Option<bool>,
    /// What would be otherwise if it were installed now, one line each.
    pub(crate) drift: Vec<String>,
    /// The last line that a service which has failed has printed.
    pub(crate) last_line: Option<String>,
    /// The command that shows what the service has printed.
    pub(crate) log_command: Option<String>,
    /// Other gateways that the manager knows; `None` when nobody looked.
    pub(crate) others: Option<Vec<Elsewhere>>,
}

/// A gateway that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Process {
    /// Process id.
    pub(crate) pid: u32,
    /// How it was started.
    pub(crate) mode: Mode,
    /// When it began to serve, Unix milliseconds.
    pub(crate) started_at_ms: u64,
}

/// How a gateway was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mode {
    /// By the manager, as this profile's service.
    Service,
    /// By a manager, under another name.
    Unit(String),
    /// By the development harness.
    Dev,
    /// By a person or a program.
    Foreground,
}

/// A configuration file.
#[derive(Debug)]
pub(crate) struct ConfigFile {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// Whether it is there.
    pub(crate) exists: bool,
    /// Why it cannot be used.
    pub(crate) issues: Vec<Issue>,
}

/// A port and who listens on it.
#[derive(Debug)]
pub(crate) struct Port {
    /// The number.
    pub(crate) number: u16,
    /// What names it: `running gateway`, `service args`, `env/config`.
    pub(crate) source: &'static str,
    /// Who listens; an error says why that is not known.
    pub(crate) holders: Result<Vec<PortHolder>, String>,
}

/// What came of connecting.
#[derive(Debug)]
pub(crate) enum Probe {
    /// It answered.
    Answered {
        /// From the first packet to the answer, milliseconds.
        latency_ms: u64,
        /// Its version.
        version: String,
        /// The name of its machine.
        host: Option<String>,
        /// Whose it is, when it is not this profile's.
        owner: Option<String>,
        /// Its answer to `status`.
        status: Value,
    },
    /// There is no answer.
    Silent {
        /// Why, in a few words.
        cause: String,
        /// What would help.
        fix: Option<String>,
    },
    /// It answered and let nobody in.
    Refused {
        /// Why, in a few words.
        cause: String,
        /// What would help.
        fix: Option<String>,
    },
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogError {
    /// When, as the log says it.
    pub(crate) time: String,
    /// What.
    pub(crate) message: String,
}

/// A gateway that a manager starts, besides this profile's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Elsewhere {
    /// Its name.
    pub(crate) name: String,
    /// Where it is defined.
    pub(crate) path: PathBuf,
    /// Its port, when its definition names one.
    pub(crate) port: Option<u16>,
}

// === impl Report ===

impl Report {
    /// The process that serves, and how it was started, when one does.
    pub(crate) fn running(&self) -> Option<(u32, &Mode)> {
        let by_file = self.process.as_ref().map(|process| (process.pid, &process.mode));
        by_file.or_else(|| Some((self.manager.running()?, &Mode::Service)))
    }

    /// `systemd (enabled)`.
    pub(crate) fn service_line(&self) -> String {
        let manager = &self.manager;
        let words = manager.words;
        let state = match (&manager.definition, &manager.status, &manager.unavailable) {
            (_, Some(status), _) if status.loaded => words.loaded,
            (Some(_), Some(_), _) => words.not_loaded,
            (Some(_), None, _) => "installed",
            (None, _, Some(_)) => "not available",
            (None, _, None) => "not installed",
        };
        format!("{} ({state})", words.label)
    }

    /// `running in the foreground (PID 12345)`.
    pub(crate) fn runtime_line(&self) -> String {
        match self.running() {
            Some((pid, Mode::Service)) => format!("running (PID {pid})"),
            Some((pid, Mode::Unit(name))) => format!("running as {name} (PID {pid})"),
            Some((pid, Mode::Dev)) => format!("running in dev mode (PID {pid})"),
            Some((pid, Mode::Foreground)) => format!("running in the foreground (PID {pid})"),
            None if self.answers_unknown() => self.unknown_line(),
            None => match (self.harness, &self.manager.status) {
                (Some(pid), _) => format!("no gateway; the development harness runs (PID {pid})"),
                (None, Some(status)) if self.manager.definition.is_some() || status.loaded => {
                    let facts: Vec<String> = [
                        status.sub_state.as_ref().filter(|_| status.runtime == Runtime::Starting).cloned(),
                        status.last_exit.map(|code| format!("last exit {code}")),
                        status.restarts.filter(|count| *count > 0).map(|count| format!("{count} restarts")),
                    ]
                    .into_iter()
                    .flatten()
                    .collect();
                    let word = status.runtime.as_str();
                    if facts.is_empty() { word.to_owned() } else { format!("{word} ({})", facts.join(", ")) }
                }
                (None, _) => "not running".to_owned(),
            },
        }
    }

    /// Whether a gateway answers here of which this profile knows nothing: another program's, or one that a harness
    /// runs as a command.
    pub(crate) fn answers_unknown(&self) -> bool {
        let answers = matches!(self.probe, Some(Probe::Answered { .. } | Probe::Refused { .. }));
        answers && self.running().is_none() && !self.is_elsewhere()
    }

    fn unknown_line(&self) -> String {
        if let Some(pid) = self.harness {
            return format!("running a command in dev mode (PID of the harness {pid})");
        }
        match self.port.holders.as_deref() {
            Ok([PortHolder { process: Some(process), .. }]) => {
                format!("running, and not of this profile (PID {}, {})", process.pid, process.command)
            }
            _ => "running, and not of this profile".to_owned(),
        }
    }

    /// Whether the gateway that is meant was named, and need not be on this machine.
    pub(crate) fn is_elsewhere(&self) -> bool {
        matches!(self.target, TargetSource::Flag | TargetSource::Remote)
    }

    /// Whether a gateway answers; without a probe, whether one runs.
    pub(crate) fn is_up(&self) -> bool {
        match &self.probe {
            Some(probe) => !matches!(probe, Probe::Silent { .. }),
            None => self.running().is_some() || self.harness.is_some(),
        }
    }
}

// === impl Manager ===

impl Manager {
    /// The process of the service, when it runs.
    pub(crate) fn running(&self) -> Option<u32> {
        let status = self.status.as_ref()?;
        (status.runtime == Runtime::Running).then_some(status.pid)?
    }
}
