//! What is to run as a service. Pure.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// The names under which managers know the gateway of one profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceNames {
    /// systemd unit, for example `clawdbot-gateway.service`.
    pub unit: String,
    /// launchd label, for example `com.clawdbot.gateway`.
    pub label: String,
    /// Scheduled Task, for example `Clawdbot Gateway`.
    pub task: String,
}

/// One gateway as a service, before a manager writes it in its own words. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceSpec {
    /// The names.
    pub names: ServiceNames,
    /// For people: `Clawdbot Gateway (profile: NAME, vVERSION)`.
    pub description: String,
    /// Absolute path of the program, then its arguments.
    pub argv: Vec<String>,
    /// Variables, as few as will do.
    pub environment: BTreeMap<String, String>,
    /// Where the manager puts what the program prints, where it has no journal.
    pub stdout_log: PathBuf,
    /// Likewise for standard error.
    pub stderr_log: PathBuf,
}
