//! What the watcher tells the driver.

use std::path::PathBuf;
use std::time::Duration;

use super::Batch;

/// One message of the watcher. When there are no more, its thread has ended.
#[derive(Debug, Clone)]
pub enum WatchEvent {
    /// Effective changes.
    Batch(Batch),
    /// Every directory is watched; from here on nothing is noticed late.
    Armed {
        /// Directories that are watched.
        directories: usize,
        /// Files in those of the trees, ignored ones included.
        files: usize,
        /// Time since the start of the watcher.
        took: Duration,
    },
    /// Changes are noticed later or not at all in some places.
    Degraded {
        /// For people: what is wrong, and the command that cures it. May have several lines.
        message: String,
        /// Whether the places are looked at regularly instead.
        polling: bool,
    },
    /// A file that every generation writes while it boots: ignored while one boots. Named once.
    Quarantined {
        /// The file.
        path: PathBuf,
    },
}
