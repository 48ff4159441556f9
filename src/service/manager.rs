//! The seam between the commands and the three service managers.

use std::fmt;
use std::path::Path;

use super::{Definition, ServiceError, ServiceSpec, ServiceStatus};

/// How a manager's state is said, in the published program's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// `systemd`, `LaunchAgent`, `Scheduled Task`.
    pub label: &'static str,
    /// `enabled`, `loaded`, `registered`.
    pub loaded: &'static str,
    /// `disabled`, `not loaded`, `missing`.
    pub not_loaded: &'static str,
}

/// One service of one manager. An implementation is made for one profile: it knows its names, its home directory, and
/// the [`crate::platform::exec::CommandRunner`] that reaches the manager. Every method blocks, each command of the
/// manager at most as long as its time limit.
pub trait ServiceManager: fmt::Debug + Send + Sync {
    /// How it talks.
    fn words(&self) -> Words;

    /// Whether the manager can be reached; called before anything below.
    fn available(&self) -> Result<(), ServiceError>;

    /// Where the definition stands, or would stand.
    fn definition_path(&self) -> &Path;

    /// The definition for `spec`, as [`Self::install`] would write it. Pure.
    fn render(&self, spec: &ServiceSpec) -> String;

    /// The definition that is installed; `None` when there is none.
    fn definition(&self) -> Result<Option<Definition>, ServiceError>;

    /// What the manager says of it.
    fn status(&self) -> Result<ServiceStatus, ServiceError>;

    /// Writes the definition in place of what stands there and tells the manager. Starts nothing. When a step fails,
    /// what stood there before stands there again.
    fn install(&self, spec: &ServiceSpec) -> Result<(), ServiceError>;

    /// Stops it and removes the definition.
    fn uninstall(&self) -> Result<(), ServiceError>;

    /// Starts it; loads a definition first that the manager has forgotten.
    fn start(&self) -> Result<(), ServiceError>;

    /// Stops it, and returns when it has stopped.
    fn stop(&self) -> Result<(), ServiceError>;

    /// Stops and starts it in one operation of the manager.
    fn restart(&self) -> Result<(), ServiceError>;
}
