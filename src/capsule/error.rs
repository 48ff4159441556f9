//! What can be wrong with a capsule, or with making one.

use std::io;
use std::path::PathBuf;

/// Why a capsule cannot be read or written. The texts are for the person at the terminal.
#[derive(Debug, thiserror::Error)]
pub enum CapsuleError {
    /// The system refused to read it.
    #[error("failed to read {path}: {source}")]
    Unreadable {
        /// What.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is something else.
    #[error("{path} is no capsule: {problem}")]
    NoCapsule {
        /// The file.
        path: PathBuf,
        /// How that is known.
        problem: String,
    },
    /// It was made by a later version.
    #[error(
        "{path} is a capsule of format {format}, and this version reads format 1; use the version of clawdbot that made it, or a later one"
    )]
    OtherFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: String,
    },
    /// It is not as it was written.
    #[error("{path} is damaged: {problem}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where, and how.
        problem: String,
    },
    /// It holds what no capsule holds.
    #[error("{path} is not to be trusted: {problem}")]
    Hostile {
        /// The file.
        path: PathBuf,
        /// Which entry, and why.
        problem: String,
    },
    /// It unpacks to more than is allowed.
    #[error("{path} is too large: {problem}")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// What is more than what.
        problem: String,
    },
    /// Where it should be unpacked there is something already.
    #[error("{0} is not empty; name a directory that is not there")]
    Occupied(PathBuf),
    /// The system refused to write.
    #[error("failed to write {path}: {source}")]
    Unwritable {
        /// What.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}
