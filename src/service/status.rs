//! What a manager says of the gateway's service.

/// Whether it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runtime {
    /// It runs.
    Running,
    /// The manager is starting it, or waits to do so again.
    Starting,
    /// It was stopped, or never started.
    Stopped,
    /// It ended by itself, and the manager has given up.
    Failed,
    /// The manager's answer does not tell.
    Unknown,
}

/// A manager's answer. What it did not say is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceStatus {
    /// Whether the manager would start it by itself: enabled, loaded, registered.
    pub loaded: bool,
    /// Whether it runs.
    pub runtime: Runtime,
    /// The manager's own word for that, for example `active`.
    pub state: Option<String>,
    /// Its finer word, for example `auto-restart`.
    pub sub_state: Option<String>,
    /// Process of the gateway.
    pub pid: Option<u32>,
    /// Exit status of the last run.
    pub last_exit: Option<i32>,
    /// Why the last run ended, in the manager's words.
    pub last_reason: Option<String>,
    /// How often the manager has started it again by itself.
    pub restarts: Option<u32>,
    /// When it ran last, in the manager's words.
    pub last_run: Option<String>,
    /// Anything else worth showing in one line.
    pub detail: Option<String>,
}

impl ServiceStatus {
    /// Of a service that the manager does not know.
    pub(super) fn absent() -> Self {
        Self {
            loaded: false,
            runtime: Runtime::Stopped,
            state: None,
            sub_state: None,
            pid: None,
            last_exit: None,
            last_reason: None,
            restarts: None,
            last_run: None,
            detail: None,
        }
    }
}

impl Runtime {
    /// The word for people and in JSON. `running`, `stopped`, and `unknown` are the published ones.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Starting => "starting",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }
}
