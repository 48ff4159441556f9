//! The seam between the commands and the three service managers.

use std::collections::BTreeMap;
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

impl Words {
    /// What it is called in a sentence: `systemd service`, `LaunchAgent`.
    pub fn noun(self) -> String {
        if self.label == "systemd" { "systemd service".to_owned() } else { self.label.to_owned() }
    }

    /// The word for whether it is loaded.
    pub fn loaded(self, loaded: bool) -> &'static str {
        if loaded { self.loaded } else { self.not_loaded }
    }
}

/// What somebody types to do it without this program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByHand {
    /// Starts the service.
    pub start: String,
    /// Stops it.
    pub stop: String,
    /// Shows what it printed last.
    pub log: String,
}

/// One service of one manager. An implementation is made for one profile: it knows its names, its home directory, and
/// the [`crate::platform::exec::CommandRunner`] that reaches the manager. Every method blocks, each command of the
/// manager at most as long as its time limit. A manager that cannot be reached is [`ServiceError::Unavailable`]
/// whatever it was asked.
pub trait ServiceManager: fmt::Debug + Send + Sync {
    /// How it talks.
    fn words(&self) -> Words;

    /// The commands that do the same.
    fn by_hand(&self) -> ByHand;

    /// Where the definition stands, or would stand.
    fn definition_path(&self) -> &Path;

    /// The definition for `spec`, as [`Self::install`] would write it. Pure.
    fn render(&self, spec: &ServiceSpec) -> String;

    /// Understands a definition in the manager's own words, for example a rendered one. Pure.
    fn parse(&self, text: &str) -> Definition;

    /// The definition that is installed; `None` when there is none. Reads a file and does not ask the manager.
    fn definition(&self) -> Result<Option<Definition>, ServiceError>;

    /// Definitions of other gateways next to it, as far as they can be found.
    fn others(&self) -> Vec<Definition> {
        Vec::new()
    }

    /// What the manager says of it.
    fn status(&self) -> Result<ServiceStatus, ServiceError>;

    /// Whether the manager can be reached. Whoever asks for the status anyway finds out by that.
    fn available(&self) -> Result<(), ServiceError> {
        self.status().map(drop)
    }

    /// The last lines that the service itself printed in its last run, as far as the manager kept them.
    fn last_lines(&self, _most: usize) -> Vec<String> {
        Vec::new()
    }

    /// The variables that the manager gives every service.
    fn environment(&self) -> Result<BTreeMap<String, String>, ServiceError> {
        Ok(BTreeMap::new())
    }

    /// Whether the service outlives the user's last session; `None` where that is no choice or cannot be told.
    fn lingers(&self) -> Option<bool> {
        None
    }

    /// Has it outlive the user's last session.
    fn linger(&self) -> Result<(), ServiceError> {
        Ok(())
    }

    /// Writes the definition in place of what stands there and tells the manager. Starts nothing. When a step fails,
    /// what stood there before stands there again.
    fn install(&self, spec: &ServiceSpec) -> Result<(), ServiceError>;

    /// Stops it and removes the definition.
    fn uninstall(&self) -> Result<(), ServiceError>;

    /// Starts it, and returns when it serves; loads a definition first that the manager has forgotten.
    fn start(&self) -> Result<(), ServiceError>;

    /// Stops it, and returns when it has stopped.
    fn stop(&self) -> Result<(), ServiceError>;

    /// Stops and starts it in one operation of the manager, and returns when it serves.
    fn restart(&self) -> Result<(), ServiceError>;
}
