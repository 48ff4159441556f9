//! When dirty paths are looked at: at once for a single save, after a short quiet for a burst, and never later
//! than a bound. Pure arithmetic over instants; knows neither files nor timers.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::{Duration, Instant};

/// How long a single path rests after its last event.
pub(super) const SINGLE: Duration = Duration::from_millis(2);
/// Quiet that ends a burst.
pub(super) const QUIET: Duration = Duration::from_millis(50);
/// The longest that a burst is gathered, from its first event.
pub(super) const LIMIT: Duration = Duration::from_millis(500);
/// After a batch, further events within this time are taken for the rest of a burst.
pub(super) const AFTERMATH: Duration = Duration::from_millis(30);
/// How long a path may be gone before that counts; some programs save by removing first.
pub(super) const ABSENCE: Duration = Duration::from_millis(100);
/// How long a file may be written to before it counts although nobody has closed it.
pub(super) const PATIENCE: Duration = Duration::from_millis(200);

/// How an event left its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Touch {
    /// Complete.
    Closed,
    /// Being written; counts all the same when nobody closes it for this long.
    Open(Duration),
}

/// The dirty paths.
#[derive(Debug)]
pub(super) struct Debounce<K> {
    dirty: HashMap<K, Entry>,
    /// Of the dirty paths, in the time since the last were taken. Meaningless while there are none.
    first: Instant,
    last: Instant,
    /// Entries that wait for a close.
    open: usize,
    emitted: Option<Instant>,
    /// What somebody wants instead of [`SINGLE`] and [`QUIET`].
    quiet: Option<Duration>,
}

/// Paths whose time has come.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ripe<K> {
    /// In the order of their last events, each with the moment of its first.
    pub paths: Vec<(K, Instant)>,
    pub first: Instant,
    pub last: Instant,
}

#[derive(Debug)]
struct Entry {
    first: Instant,
    last: Instant,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    since: Instant,
    patience: Duration,
}

impl<K: Eq + Hash + Clone> Debounce<K> {
    /// Every edit waits for this quiet instead of the usual, if it is given.
    pub(super) fn new(now: Instant, quiet: Option<Duration>) -> Self {
        Self { dirty: HashMap::new(), first: now, last: now, open: 0, emitted: None, quiet }
    }

    /// Marks a path dirty.
    pub(super) fn touch(&mut self, key: K, at: Instant, touch: Touch) {
        if self.dirty.is_empty() {
            (self.first, self.last) = (at, at);
        }
        self.last = self.last.max(at);
        let entry = self.dirty.entry(key).or_insert(Entry { first: at, last: at, open: None });
        entry.last = entry.last.max(at);
        let was_open = entry.open.is_some();
        match touch {
            Touch::Closed => entry.open = None,
            Touch::Open(patience) => {
                let open = entry.open.get_or_insert(Open { since: at, patience });
                open.patience = open.patience.max(patience);
            }
        }
        self.open = self.open + usize::from(entry.open.is_some()) - usize::from(was_open);
    }

    /// Takes a path back that turned out not to matter.
    pub(super) fn forget(&mut self, key: &K) {
        if let Some(entry) = self.dirty.remove(key) {
            self.open -= usize::from(entry.open.is_some());
        }
    }

    /// When [`Self::take`] has something; `None` while nothing is dirty.
    pub(super) fn due(&self) -> Option<Instant> {
        let alone = self.dirty.len() == 1;
        let aftermath = self.emitted.is_some_and(|emitted| self.first < emitted + AFTERMATH);
        let settled = if let Some(quiet) = self.quiet {
            (self.last + quiet).min(self.first + LIMIT.max(quiet * 10))
        } else if alone && !aftermath {
            self.last + SINGLE
        } else {
            (self.last + QUIET).min(self.first + LIMIT)
        };
        if self.open == 0 {
            return (!self.dirty.is_empty()).then_some(settled);
        }
        self.dirty.values().map(Entry::ripe_at).min().map(|ripe| ripe.max(settled))
    }

    /// Takes the paths that are complete, or have been incomplete for too long, when it is time.
    pub(super) fn take(&mut self, now: Instant) -> Option<Ripe<K>> {
        if self.due()? > now {
            return None;
        }
        let mut taken: Vec<(K, Entry)> = self.dirty.extract_if(|_, entry| entry.ripe_at() <= now).collect();
        taken.sort_by_key(|(_, entry)| entry.last);
        let first = taken.iter().map(|(_, entry)| entry.first).min()?;
        let last = taken.last()?.1.last;
        self.open = self.dirty.values().filter(|entry| entry.open.is_some()).count();
        if let Some(first) = self.dirty.values().map(|entry| entry.first).min() {
            self.first = first;
            self.last = self.dirty.values().map(|entry| entry.last).max().unwrap_or(first);
        }
        let paths = taken.into_iter().map(|(key, entry)| (key, entry.first)).collect();
        Some(Ripe { paths, first, last })
    }

    /// Says that what was taken was an effective change: what follows closely belongs to the same burst.
    pub(super) fn note_emitted(&mut self, now: Instant) {
        self.emitted = Some(now);
    }
}

impl Entry {
    fn ripe_at(&self) -> Instant {
        match &self.open {
            None => self.last,
            Some(open) => (open.since + open.patience).min(self.first + LIMIT.max(open.patience)),
        }
    }
}

#[cfg(test)]
mod tests;
