//! The system's watcher: directories, one by one, never recursively. Translates its events and its refusals.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use notify::{ErrorKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::mailbox::Mailbox;
use super::signal::{self, Signal};
use crate::platform::fs;

/// The watcher, or nothing when the system gives none.
#[derive(Debug)]
pub(super) struct Source {
    watcher: Option<RecommendedWatcher>,
}

/// Why a directory cannot be watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is gone.
    Missing,
    /// It may not be read.
    Unreadable,
    /// The kernel's table of watches is full.
    WatchLimit,
    /// No watcher could be opened: too many of them, or of open files.
    InstanceLimit,
    /// Anything else.
    Other(String),
}

impl Source {
    /// Opens a watcher whose events go to `mailbox`.
    pub(super) fn open(mailbox: &Arc<Mailbox>) -> Result<Self, Refusal> {
        let mailbox = Arc::clone(mailbox);
        let watcher =
            RecommendedWatcher::new(move |event| receive(&mailbox, event), notify::Config::default());
        watcher.map(|watcher| Self { watcher: Some(watcher) }).map_err(|error| refusal(&error))
    }

    /// A watcher that refuses everything, for when there is none.
    pub(super) fn none() -> Self {
        Self { watcher: None }
    }

    /// Whether there is a watcher.
    pub(super) fn is_open(&self) -> bool {
        self.watcher.is_some()
    }

    /// Watches the entries of a directory. Doing so again is harmless, and renews a watch that was lost.
    pub(super) fn watch(&mut self, directory: &Path) -> Result<(), Refusal> {
        let Some(watcher) = &mut self.watcher else { return Err(Refusal::InstanceLimit) };
        watcher.watch(directory, RecursiveMode::NonRecursive).map_err(|error| refusal(&error))
    }

    /// Ends that. A directory that is gone takes its watch with it, so there is nothing to fail.
    pub(super) fn unwatch(&mut self, directory: &Path) {
        if let Some(watcher) = &mut self.watcher {
            _ = watcher.unwatch(directory);
        }
    }
}

/// Runs on the watcher's own thread: must not wait, or nothing could be watched meanwhile.
fn receive(mailbox: &Mailbox, event: notify::Result<notify::Event>) {
    match event {
        Ok(event) if event.need_rescan() => mailbox.post(|mail| mail.lost = true),
        Ok(event) => {
            let Some(hint) = signal::hint(event.kind, fs::REPORTS_CLOSE) else { return };
            let at = Instant::now();
            mailbox.post(|mail| {
                for path in event.paths {
                    mail.add_signal(Signal { path, hint, at });
                }
            });
        }
        Err(error) => mailbox.post(|mail| mail.failure = Some(error.to_string())),
    }
}

fn refusal(error: &notify::Error) -> Refusal {
    match &error.kind {
        ErrorKind::PathNotFound | ErrorKind::WatchNotFound => Refusal::Missing,
        ErrorKind::MaxFilesWatch => Refusal::WatchLimit,
        ErrorKind::Io(error) if fs::is_watch_limit(error) => Refusal::WatchLimit,
        ErrorKind::Io(error) if fs::is_descriptor_limit(error) => Refusal::InstanceLimit,
        ErrorKind::Io(error) => match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Refusal::Missing,
            io::ErrorKind::PermissionDenied => Refusal::Unreadable,
            _ => Refusal::Other(error.to_string()),
        },
        _ => Refusal::Other(error.to_string()),
    }
}
