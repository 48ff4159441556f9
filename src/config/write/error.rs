//! Why a configuration was not written. The file is as it was.

use std::io;
use std::path::PathBuf;

use super::super::edit::{ConfigPath, EditError, RewriteError};
use super::super::{Issue, Place};

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The file cannot be read as it is, so that nothing in it can be changed.
    #[error("the configuration cannot be read")]
    Unreadable(Vec<Issue>),
    /// It would not be a valid configuration afterwards.
    #[error("Config validation failed")]
    Invalid(Vec<Issue>),
    /// The change has no meaning for this document.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// The text resists.
    #[error(transparent)]
    Rewrite(#[from] RewriteError),
    /// The value stands in a file that the configuration includes.
    #[error("{path} is set in an included file")]
    Included {
        /// What was to be changed.
        path: ConfigPath,
        /// Where it stands.
        place: Box<Place>,
    },
    /// What an included file says would be merged with the change.
    #[error("an included file has a part in what is to be changed")]
    Merged {
        /// The files that are included.
        files: Vec<PathBuf>,
    },
    /// Whoever asked for the change does not want what comes of it; the text says why.
    #[error("{0}")]
    Refused(String),
    /// Somebody else has changed the file since it was looked at.
    #[error("the configuration was changed meanwhile")]
    Conflict,
    /// Another process keeps writing.
    #[error("another process has been writing {} for {seconds} seconds", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
        /// How long it was waited for.
        seconds: u64,
    },
    /// The system refuses.
    #[error("failed to {action} {}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}
