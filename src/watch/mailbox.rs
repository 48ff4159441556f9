//! What waits for the watcher's thread: signals of the file system and orders of the driver. Bounded: when signals
//! come faster than they are read, they are dropped for one note that some were lost.

use std::mem;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::signal::Signal;
use super::{Boot, Update};

/// More signals than this are not kept; everything is compared instead. About what the kernel keeps, several times.
const SIGNALS: usize = 65_536;
/// Boots beyond these are forgotten; they are judged by their times, of which only the last few matter.
const BOOTS: usize = 8;

/// Shared by the thread, the handle, and the system's watcher. Nobody waits while holding it.
#[derive(Debug, Default)]
pub(super) struct Mailbox {
    mail: Mutex<Mail>,
    wake: Condvar,
}

/// Everything that has come since the last look.
#[derive(Debug, Default)]
pub(super) struct Mail {
    pub signals: Vec<Signal>,
    /// Signals were lost.
    pub lost: bool,
    /// The system's watcher does not work any more, and why.
    pub failure: Option<String>,
    pub boots: Vec<(Boot, Instant)>,
    pub update: Option<Update>,
    pub closed: bool,
}

impl Mailbox {
    /// Adds to the mail and wakes the thread.
    pub(super) fn post(&self, change: impl FnOnce(&mut Mail)) {
        change(&mut self.lock());
        self.wake.notify_one();
    }

    /// Takes the mail, waiting for some until `deadline`; without one, until some comes.
    pub(super) fn take(&self, deadline: Option<Instant>) -> Mail {
        let mut mail = self.lock();
        while mail.is_empty() {
            mail = match deadline.map(|deadline| deadline.saturating_duration_since(Instant::now())) {
                None => self.wake.wait(mail).unwrap_or_else(PoisonError::into_inner),
                Some(left) if left.is_zero() => break,
                Some(left) => self.wake.wait_timeout(mail, left).unwrap_or_else(PoisonError::into_inner).0,
            };
        }
        let closed = mail.closed;
        mem::replace(&mut *mail, Mail { closed, ..Mail::default() })
    }

    /// Whether something has come.
    pub(super) fn has_mail(&self) -> bool {
        !self.lock().is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, Mail> {
        self.mail.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mail {
    pub(super) fn add_signal(&mut self, signal: Signal) {
        if self.signals.len() < SIGNALS {
            self.signals.push(signal);
        } else {
            self.signals = Vec::new();
            self.lost = true;
        }
    }

    pub(super) fn add_boot(&mut self, boot: Boot, at: Instant) {
        if self.boots.len() == BOOTS {
            self.boots.remove(0);
        }
        self.boots.push((boot, at));
    }

    /// The later update says what to follow; files that the earlier one asked for first are no less new for it.
    pub(super) fn add_update(&mut self, mut update: Update) {
        if let Some(earlier) = self.update.take() {
            update.started = update.started.min(earlier.started);
            let news = mem::take(&mut update.known);
            update.known =
                earlier.known.into_iter().filter(|it| news.iter().all(|new| new.path != it.path)).collect();
            update.known.extend(news);
        }
        self.update = Some(update);
    }

    fn is_empty(&self) -> bool {
        self.signals.is_empty()
            && !self.lost
            && self.failure.is_none()
            && self.boots.is_empty()
            && self.update.is_none()
            && !self.closed
    }
}

#[cfg(test)]
mod tests {
    use super::super::Loaded;
    use super::super::signal::Hint;
    use super::*;
    use crate::platform::fs::Stamp;

    #[test]
    fn too_many_signals_become_one_note() {
        let mut mail = Mail::default();
        let signal = || Signal { path: "/w/a".into(), hint: Hint::Closed, at: Instant::now() };
        for _ in 0..SIGNALS {
            mail.add_signal(signal());
        }
        assert!(!mail.lost);
        mail.add_signal(signal());
        assert!(mail.lost && mail.signals.is_empty());
    }

    #[test]
    fn two_updates_become_one() {
        let update = |path: &str, started, known: &[&str]| Update {
            config_files: vec![path.into()],
            workspace: None,
            started,
            known: known.iter().map(|&path| Loaded { path: path.into(), content: None }).collect(),
        };
        let mut mail = Mail::default();
        mail.add_update(update("/a", Stamp::MIN, &["/a", "/b"]));
        mail.add_update(update("/b", Stamp::now(), &["/b"]));
        let merged = mail.update.unwrap();
        assert_eq!(merged.config_files, [std::path::Path::new("/b")]);
        assert_eq!(merged.started, Stamp::MIN);
        assert_eq!(merged.known.len(), 2);
    }

    #[test]
    fn mail_ends_the_wait() {
        let mailbox = Mailbox::default();
        assert!(!mailbox.take(Some(Instant::now())).lost);
        mailbox.post(|mail| mail.closed = true);
        assert!(mailbox.take(None).closed && mailbox.take(None).closed, "closed for good");
    }
}
