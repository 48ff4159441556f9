//! The watcher from outside: start it, tell it what changed, end it.

use tokio::sync::mpsc;

use super::{Boot, Update, WatchEvent, WatchSpec};

/// Why a watcher cannot start. Limits of the system are no reason: they are reported as
/// [`WatchEvent::Degraded`].
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// An `--ignore` pattern is malformed.
    #[error("read the ignore pattern {glob:?}: {reason}")]
    Ignore {
        /// The pattern.
        glob: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The system refused a thread.
    #[error("start the watcher's thread: {0}")]
    Thread(#[from] std::io::Error),
}

/// A running watcher. Dropping it ends its thread, which is joined.
#[derive(Debug)]
pub struct WatchHandle {}

/// Starts a watcher and returns at once; everything is armed in the background, the most important first.
/// When `events` is full, changes are gathered until there is room; nothing is lost.
pub fn start(_spec: WatchSpec, _events: mpsc::Sender<WatchEvent>) -> Result<WatchHandle, WatchError> {
    Ok(WatchHandle {})
}

impl WatchHandle {
    /// Follows another set of configuration files or another workspace.
    pub fn update(&self, _update: Update) {}

    /// Says where a generation stands in its boot.
    pub fn note_boot(&self, _boot: Boot) {}

    /// Compares everything with what is known, as after a lost event.
    pub fn rescan(&self) {}
}
