//! One thing that is not as it should be. Pure.

use std::path::PathBuf;

use crate::config::Place;
use crate::config::edit::ConfigPath;

/// How bad it is. Only errors make the examination fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something does not work, or is open to others.
    Error,
    /// Something will not work some day, or not as one would think.
    Warning,
    /// Worth knowing.
    Info,
}

/// What was looked at, in the order in which it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// The configuration and `.env`.
    Config,
    /// Who may read what is secret.
    Secrets,
    /// The state directory itself.
    StateDirectory,
    /// The files in it.
    StateFiles,
    /// Limits of the system.
    Limits,
    /// The gateway as a service.
    Service,
    /// Who runs on the state.
    Instance,
    /// Who holds the port.
    Port,
    /// Who may connect.
    Auth,
    /// Tailscale.
    Tailscale,
    /// The gateway that runs.
    Gateway,
    /// The clock.
    Clock,
}

/// What helps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fix {
    /// A command line for a shell.
    Command(String),
    /// Something that no command does.
    Advice(String),
}

/// What `--fix` may do.
#[derive(Debug, Clone, PartialEq)]
pub enum Repair {
    /// Take permissions away from others; `allowed` are those that may stay.
    Restrict {
        /// The file or directory, no link.
        path: PathBuf,
        /// The permissions that may stay.
        allowed: u32,
    },
    /// Make a directory that only this user may enter.
    MakeDirectory(PathBuf),
    /// Remove what a gateway that is gone left behind.
    RemoveRuntimeFile,
    /// Move keys of the configuration to where they count. All at once: one alone may not be valid.
    MoveKeys {
        /// From where to where.
        moves: Vec<(ConfigPath, ConfigPath)>,
        /// Hash of the text that this was decided for.
        hash: String,
    },
}

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Its name for scripts; stays the same over versions.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is found.
    pub message: String,
    /// Why it matters.
    pub why: String,
    /// What helps.
    pub fix: Option<Fix>,
    /// What `--fix` does about it.
    pub repair: Option<Repair>,
    /// Where in a file it is.
    pub place: Option<Place>,
}

// === impl Severity ===

impl Severity {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

// === impl Check ===

impl Check {
    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Secrets => "secrets",
            Self::StateDirectory => "state-directory",
            Self::StateFiles => "state-files",
            Self::Limits => "limits",
            Self::Service => "service",
            Self::Instance => "instance",
            Self::Port => "port",
            Self::Auth => "auth",
            Self::Tailscale => "tailscale",
            Self::Gateway => "gateway",
            Self::Clock => "clock",
        }
    }

    /// The heading for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Config => "Configuration",
            Self::Secrets => "Secrets",
            Self::StateDirectory => "State directory",
            Self::StateFiles => "State files",
            Self::Limits => "Limits of the system",
            Self::Service => "Service",
            Self::Instance => "One gateway per state",
            Self::Port => "Port",
            Self::Auth => "Authentication",
            Self::Tailscale => "Tailscale",
            Self::Gateway => "Running gateway",
            Self::Clock => "Clock",
        }
    }
}

// === impl Finding ===

impl Finding {
    /// An error.
    pub(super) fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message.into())
    }

    /// A warning.
    pub(super) fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, message.into())
    }

    /// Worth knowing.
    pub(super) fn info(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Info, message.into())
    }

    fn new(code: &'static str, severity: Severity, message: String) -> Self {
        Self { code, severity, message, why: String::new(), fix: None, repair: None, place: None }
    }

    /// Why it matters.
    pub(super) fn why(mut self, text: impl Into<String>) -> Self {
        self.why = text.into();
        self
    }

    /// The command that helps.
    pub(super) fn command(mut self, line: impl Into<String>) -> Self {
        self.fix = Some(Fix::Command(line.into()));
        self
    }

    /// What helps, when no command does.
    pub(super) fn advice(mut self, text: impl Into<String>) -> Self {
        self.fix = Some(Fix::Advice(text.into()));
        self
    }

    /// What `--fix` does about it.
    pub(super) fn repair(mut self, repair: Repair) -> Self {
        self.repair = Some(repair);
        self
    }

    /// Where it is.
    pub(super) fn at(mut self, place: Option<Place>) -> Self {
        self.place = place;
        self
    }

    /// Whether both are about the same thing, before and after a repair.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.code == other.code && self.repair == other.repair && self.message == other.message
    }
}
