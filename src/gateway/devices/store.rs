//! The device book on disk: `<STATE>/devices/paired.json` and `pending.json` (`wire-protocol` part G).
//!
//! Changes are written behind, off the runtime's thread: at once when a device gained or lost something, at most
//! every few seconds when only a time of last use changed. Before the state is handed over, everything that
//! matters is on the disk; waiting for the disk because of a time of last use would only make clients wait, who
//! connect again right after and are noted then.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::Notify;

use super::DeviceBook;
use super::model::Changes;
use crate::gateway::state_file::{self, read, set_aside};
use crate::platform::stamp::{self, Stamp};

/// Routine changes are written no more often than this.
const COALESCE: Duration = Duration::from_secs(5);

/// The book with its files.
#[derive(Debug)]
pub(crate) struct DeviceStore {
    files: Files,
    state: Mutex<State>,
    /// Something changed.
    changed: Notify,
    /// Something changed that must not be lost.
    urgent: Notify,
    /// Held while files are written, so that an older content never overwrites a newer one.
    writing: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct State {
    book: DeviceBook,
    unsaved: Changes,
    /// Whether something among `unsaved` must not be lost.
    is_urgent: bool,
    /// The files belong to somebody else.
    is_closed: bool,
    /// What the files were when they were read.
    stamps: [Option<Stamp>; 2],
}

#[derive(Debug, Clone)]
struct Files {
    paired: PathBuf,
    pending: PathBuf,
}

/// Whether a change of the book may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Urgency {
    /// A time of last use, an address: losing it costs nothing.
    Routine,
    /// A pairing, a token.
    Urgent,
}

// === impl DeviceStore ===

impl DeviceStore {
    /// Reads the files of a state directory. What cannot be read counts as empty for now: only the process that
    /// holds the state may do something about it ([`DeviceStore::take_over`]). Blocks.
    pub(crate) fn open(state_dir: &Path, now_ms: u64) -> Arc<Self> {
        let directory = state_dir.join("devices");
        let files = Files { paired: directory.join("paired.json"), pending: directory.join("pending.json") };
        let mut stamps = files.stamps();
        let mut load = |path: &Path, stamp: usize| {
            read(path).unwrap_or_else(|_| {
                // Differs from every stamp that the file can have, so that it is looked at again.
                stamps[stamp] = None;
                Value::Null
            })
        };
        let (paired, pending) = (load(&files.paired, 0), load(&files.pending, 1));
        let state = State {
            book: DeviceBook::from_json(&paired, &pending, now_ms),
            unsaved: Changes::default(),
            is_urgent: false,
            is_closed: false,
            stamps,
        };
        Arc::new(Self {
            files,
            state: Mutex::new(state),
            changed: Notify::new(),
            urgent: Notify::new(),
            writing: tokio::sync::Mutex::default(),
        })
    }

    /// To be called once the state is ours: reads the files again if they changed, and moves a file that cannot
    /// be used aside, so that it is never overwritten. Blocks.
    pub(crate) fn take_over(&self, now_ms: u64) {
        let mut state = self.lock();
        let stamps = self.files.stamps();
        if state.stamps == stamps {
            return;
        }
        let load = |path: &Path| {
            read(path).unwrap_or_else(|error| {
                set_aside(path, &error, now_ms);
                Value::Null
            })
        };
        state.book = DeviceBook::from_json(&load(&self.files.paired), &load(&self.files.pending), now_ms);
        state.stamps = stamps;
    }

    /// Works on the book; `urgency` judges the result.
    pub(crate) fn with<T>(
        &self,
        work: impl FnOnce(&mut DeviceBook) -> T,
        urgency: impl FnOnce(&T) -> Urgency,
    ) -> T {
        let mut state = self.lock();
        let result = work(&mut state.book);
        let changes = state.book.take_changes();
        if changes == Changes::default() {
            return result;
        }
        state.unsaved.paired |= changes.paired;
        state.unsaved.pending |= changes.pending;
        if urgency(&result) == Urgency::Urgent {
            state.is_urgent = true;
            self.urgent.notify_one();
        }
        drop(state);
        self.changed.notify_one();
        result
    }

    /// Writes changes behind, until it is cancelled. [`DeviceStore::close`] writes the rest.
    pub(crate) async fn write_behind(&self) {
        loop {
            self.changed.notified().await;
            self.flush().await;
            // Elapsing is as good a reason to go on as an urgent change.
            let _ = tokio::time::timeout(COALESCE, self.urgent.notified()).await;
        }
    }

    /// Writes what is unwritten. A failure is logged, and the change kept for the next attempt.
    pub(crate) async fn flush(&self) {
        let writing = self.writing.lock().await;
        self.flush_while(&writing).await;
    }

    /// [`DeviceStore::flush`] for whoever holds the right to write already.
    async fn flush_while(&self, _writing: &tokio::sync::MutexGuard<'_, ()>) {
        let (changes, paired, pending) = {
            let mut state = self.lock();
            let changes = std::mem::take(&mut state.unsaved);
            state.is_urgent = false;
            (
                changes,
                changes.paired.then(|| state.book.paired_json()),
                changes.pending.then(|| state.book.pending_json()),
            )
        };
        if changes == Changes::default() || self.lock().is_closed {
            return;
        }
        let files = self.files.clone();
        let written =
            tokio::task::spawn_blocking(move || files.write(paired.as_ref(), pending.as_ref())).await;
        let failure = match written {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        };
        tracing::error!(error = failure, "failed to write the paired devices");
        let mut state = self.lock();
        state.unsaved.paired |= changes.paired;
        state.unsaved.pending |= changes.pending;
        state.is_urgent = true;
    }

    /// Writes what must not be lost, and nothing more from then on.
    pub(crate) async fn close(&self) {
        // A write that is under way has to end before somebody else may write. It may fail, too: only then is it
        // known what is still to be written.
        let writing = self.writing.lock().await;
        if self.lock().is_urgent {
            self.flush_while(&writing).await;
        }
        let mut state = self.lock();
        state.is_closed = true;
        if state.is_urgent {
            tracing::error!("changes of the paired devices are lost: they could not be written");
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Files ===

impl Files {
    fn stamps(&self) -> [Option<Stamp>; 2] {
        [&self.paired, &self.pending].map(|path| stamp::of(path))
    }

    fn write(&self, paired: Option<&Value>, pending: Option<&Value>) -> io::Result<()> {
        for (path, content) in [(&self.paired, paired), (&self.pending, pending)] {
            if let Some(content) = content {
                state_file::write(path, content)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
