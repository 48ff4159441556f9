//! The watcher from outside: start it, tell it what changed, end it.

use std::path::Path;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Instant;

use tokio::sync::mpsc;

use super::mailbox::Mailbox;
use super::outbox::Outbox;
use super::{Boot, Update, WatchEvent, WatchSpec, rules, watcher};

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
pub struct WatchHandle {
    mailbox: Arc<Mailbox>,
    thread: Option<JoinHandle<()>>,
}

/// Starts a watcher and returns at once; everything is armed in the background, the most important first.
/// When `events` is full, changes are gathered until there is room; nothing is lost.
pub fn start(spec: WatchSpec, events: mpsc::Sender<WatchEvent>) -> Result<WatchHandle, WatchError> {
    rules::patterns(Path::new("/"), &spec.ignore)
        .map_err(|(glob, reason)| WatchError::Ignore { glob, reason })?;
    let mailbox = Arc::new(Mailbox::default());
    let outbox = Outbox::new(events);
    let shared = Arc::clone(&mailbox);
    let thread =
        thread::Builder::new().name("watch".to_owned()).spawn(move || watcher::run(spec, shared, outbox))?;
    Ok(WatchHandle { mailbox, thread: Some(thread) })
}

impl WatchHandle {
    /// Follows another set of configuration files or another workspace.
    pub fn update(&self, update: Update) {
        self.mailbox.post(|mail| mail.add_update(update));
    }

    /// Says where a generation stands in its boot. Every start must be followed by an end.
    pub fn note_boot(&self, boot: Boot) {
        let now = Instant::now();
        self.mailbox.post(|mail| mail.add_boot(boot, now));
    }

    /// Compares everything with what is known, as after a lost event.
    pub fn rescan(&self) {
        self.mailbox.post(|mail| mail.lost = true);
    }
}

impl Drop for WatchHandle {
    fn drop(&mut self) {
        self.mailbox.post(|mail| mail.closed = true);
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has nothing left to end.
            _ = thread.join();
        }
    }
}
