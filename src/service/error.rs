//! What can go wrong between this program and a service manager.

use std::io;
use std::path::PathBuf;

use crate::platform::exec::ExecError;

/// Why a service manager did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// There is no such manager here, or it cannot be reached. The text is complete; `hints` are commands and advice.
    #[error("{detail}")]
    Unavailable {
        /// What is missing, for example `systemctl --user unavailable: Failed to connect to bus`.
        detail: String,
        /// What helps, one line each.
        hints: Vec<String>,
    },
    /// A command of the manager failed.
    #[error("{step} failed: {said}")]
    Step {
        /// The step, for example `systemctl restart`.
        step: String,
        /// What the manager said, in one line.
        said: String,
    },
    /// A command of the manager said something that is no answer.
    #[error("failed to understand {command}: {said}")]
    Answer {
        /// The command.
        command: String,
        /// What it said, shortened to one line.
        said: String,
    },
    /// The environment names the service in a way that cannot be a name.
    #[error("{variable} is no name for a service: {name:?} (use letters, numbers, \"_\", \"-\", \".\" only)")]
    Name {
        /// The variable.
        variable: &'static str,
        /// Its value.
        name: String,
    },
    /// A command of the manager gave no answer.
    #[error(transparent)]
    Exec(#[from] ExecError),
    /// The definition cannot be read.
    #[error("failed to read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The definition cannot be written or removed.
    #[error("failed to write {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}
