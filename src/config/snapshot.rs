//! What one reading of the configuration found.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Issue;

/// Result of reading the configuration once. Crosses the pipe to the child, so that a child runs with exactly
/// what the harness validated. Its `Debug` leaves out the document, which holds secrets.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ConfigSnapshot {
    /// The main file, absolute.
    pub path: PathBuf,
    /// Its text; `None` when it is missing.
    pub raw: Option<String>,
    /// Lower-case hexadecimal SHA-256 of `raw`, of the empty text when missing.
    pub hash: String,
    /// The main file and every include that was named, absolute: what a watcher has to follow.
    pub files: Vec<PathBuf>,
    /// The main file as parsed, before includes and substitution.
    pub parsed: Value,
    /// After includes and substitution: what validation and comparison look at.
    pub resolved: Value,
    /// Whether it can be used.
    pub outcome: Outcome,
    /// Warnings that do not prevent its use.
    pub warnings: Vec<Issue>,
}

/// Whether a configuration can be used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// There is no file.
    Missing,
    /// It cannot be used; all problems at once, in the order of the file.
    Invalid(Vec<Issue>),
    /// `resolved` is valid.
    Valid,
}

impl fmt::Debug for ConfigSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfigSnapshot")
            .field("path", &self.path)
            .field("hash", &self.hash)
            .field("files", &self.files)
            .field("outcome", &self.outcome)
            .field("warnings", &self.warnings)
            .finish_non_exhaustive()
    }
}
