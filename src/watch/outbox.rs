//! What waits for the driver. Bounded by merging: while its channel is full, later changes join the batch that
//! waits.

use std::collections::{HashSet, VecDeque};
use std::path::Path;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use super::{Batch, Change, WatchEvent};

/// How soon a full channel is tried again.
const RETRY: Duration = Duration::from_millis(5);
/// Messages other than batches; later ones are dropped.
const MESSAGES: usize = 64;

/// The way to the driver.
#[derive(Debug)]
pub(super) struct Outbox {
    sender: mpsc::Sender<WatchEvent>,
    messages: VecDeque<WatchEvent>,
    batch: Option<Batch>,
    retry: Option<Instant>,
}

impl Outbox {
    pub(super) fn new(sender: mpsc::Sender<WatchEvent>) -> Self {
        Self { sender, messages: VecDeque::new(), batch: None, retry: None }
    }

    pub(super) fn add(&mut self, message: WatchEvent) {
        if self.messages.len() < MESSAGES {
            self.messages.push_back(message);
        }
    }

    pub(super) fn add_changes(&mut self, changes: Vec<Change>, first_event: Instant, last_event: Instant) {
        match &mut self.batch {
            None => self.batch = Some(Batch { changes, first_event, last_event }),
            Some(batch) => {
                let again: HashSet<&Path> = changes.iter().map(|change| change.path.as_path()).collect();
                batch.changes.retain(|old| !again.contains(old.path.as_path()));
                batch.changes.extend(changes);
                batch.first_event = batch.first_event.min(first_event);
                batch.last_event = batch.last_event.max(last_event);
            }
        }
    }

    /// When [`Self::send`] should be tried again.
    pub(super) fn due(&self) -> Option<Instant> {
        self.retry
    }

    /// Sends what the channel takes; says whether anybody listens still.
    pub(super) fn send(&mut self) -> bool {
        self.retry = None;
        while let Some(message) =
            self.messages.pop_front().or_else(|| self.batch.take().map(WatchEvent::Batch))
        {
            match self.sender.try_send(message) {
                Ok(()) => {}
                Err(TrySendError::Closed(_)) => return false,
                Err(TrySendError::Full(message)) => {
                    match message {
                        WatchEvent::Batch(batch) => self.batch = Some(batch),
                        message => self.messages.push_front(message),
                    }
                    self.retry = Some(Instant::now() + RETRY);
                    break;
                }
            }
        }
        !self.sender.is_closed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::Cause;

    #[test]
    fn a_full_channel_merges_and_loses_nothing() {
        let change = |path: &str, removed| Change { path: path.into(), cause: Cause::Workspace, removed };
        let now = Instant::now();
        let (sender, mut receiver) = mpsc::channel(1);
        let mut outbox = Outbox::new(sender);
        outbox.add_changes(vec![change("a", false)], now, now);
        assert!(outbox.send());
        for (path, removed) in [("b", false), ("c", false), ("b", true)] {
            outbox.add_changes(vec![change(path, removed)], now, now);
            assert!(outbox.send());
        }
        assert!(outbox.due().is_some());
        assert!(matches!(receiver.try_recv(), Ok(WatchEvent::Batch(_))));
        assert!(outbox.send());
        assert_eq!(outbox.due(), None);
        let Ok(WatchEvent::Batch(batch)) = receiver.try_recv() else { panic!("no batch") };
        assert_eq!(batch.changes, [change("c", false), change("b", true)]);
        drop(receiver);
        assert!(!outbox.send());
    }
}
