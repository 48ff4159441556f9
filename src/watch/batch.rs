//! What the watcher reports: changes that are effective as far as files can tell.

use std::path::PathBuf;
use std::time::Instant;

/// Effective changes that belong together.
#[derive(Debug, Clone)]
pub struct Batch {
    /// At least one, in the order of their last event, each path once.
    pub changes: Vec<Change>,
    /// When the first event of the batch was seen.
    pub first_event: Instant,
    /// When the last event of the batch was seen.
    pub last_event: Instant,
}

/// One file whose content differs from what was known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The file, absolute, spelled as in the specification. A directory when it has gone with its files, or when
    /// a file has gone from it whose name is not known any more.
    pub path: PathBuf,
    /// Why it is watched.
    pub cause: Cause,
    /// Whether it is gone.
    pub removed: bool,
}

/// Why a path is watched. A path that has several reasons has the first of this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// The configuration file or one of its includes.
    Config,
    /// The profile's `.env`.
    Env,
    /// The program itself.
    Executable,
    /// A file of the workspace.
    Workspace,
    /// A file below a `--watch PATH`.
    Extra,
}
