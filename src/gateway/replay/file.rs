//! The way to the next generation: `<STATE>/gateway-replay.json`, written when one ends and taken when one begins. It
//! holds texts of events and no token. Reading and writing block.

use std::io;
use std::path::{Path, PathBuf};

use super::book::Book;
use super::saved::Saved;
use crate::gateway::state_file;
use crate::platform::atomic;

/// Where it is.
pub(crate) fn path(state_dir: &Path) -> PathBuf {
    state_dir.join("gateway-replay.json")
}

/// Leaves it for the next generation. Does not wait for the disk: after a crash of the machine nobody comes back.
pub(crate) fn save(path: &Path, saved: &Saved) -> io::Result<()> {
    atomic::publish(path, &serde_json::to_vec(saved)?)
}

/// Takes what the generation before left. What cannot be used is told, and its clients are told that they missed
/// something.
pub(crate) fn take(path: &Path, now_ms: u64) -> Option<Book> {
    let content = state_file::take(path, now_ms);
    if content.is_null() {
        return None;
    }
    if let Err(error) = std::fs::remove_file(path) {
        // It would be taken twice, and somebody would be told the same twice.
        tracing::warn!(path = %path.display(), %error, "failed to remove the events of the last generation; not used");
        return None;
    }
    let read = serde_json::from_value::<Saved>(content).map_err(|error| error.to_string());
    match read.and_then(|saved| Book::restore(saved, now_ms).map_err(|error| error.to_string())) {
        Ok(book) => Some(book),
        Err(problem) => {
            tracing::warn!(path = %path.display(), problem, "the events of the last generation cannot be used");
            None
        }
    }
}
