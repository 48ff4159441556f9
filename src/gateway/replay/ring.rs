//! The last events, bounded by number, bytes, and age. Pure.
//!
//! Every event has an ordinal, one more than the event before it. What falls out of the ring falls out at its old
//! end, so one number says what is gone.

use std::collections::VecDeque;

use super::age::is_old;
use crate::gateway::events::{EventFrame, may_receive};
use crate::protocol::role::{Role, Scope};

/// Events at most.
const MAX_EVENTS: usize = 1024;
/// Bytes of events at most. Less than makes a client slow, so that whoever is sent all of it is not closed for that.
const MAX_BYTES: usize = 1024 * 1024;

/// The events.
#[derive(Debug, Default)]
pub(super) struct Ring {
    entries: VecDeque<Entry>,
    bytes: usize,
    /// Ordinal of the newest event that ever was in it.
    head: u64,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// When it happened, Unix milliseconds.
    pub(super) at_ms: u64,
    /// The scope that it needs.
    pub(super) needed: Option<Scope>,
    /// The frame without number and closing brace.
    pub(super) head: String,
}

/// What a client may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sight {
    pub(super) role: Role,
    pub(super) scopes: Vec<String>,
}

impl Ring {
    /// An empty one, after `head` events.
    pub(super) fn after(head: u64) -> Self {
        Self { head, ..Self::default() }
    }

    /// Ordinal of the newest event, whether it is still there or not.
    pub(super) fn head(&self) -> u64 {
        self.head
    }

    /// The events that are there, oldest first.
    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// Adds an event; its ordinal.
    pub(super) fn push(&mut self, entry: Entry) -> u64 {
        self.bytes += entry.head.len();
        self.entries.push_back(entry);
        self.head += 1;
        while self.entries.len() > MAX_EVENTS || self.bytes > MAX_BYTES {
            self.drop_oldest();
        }
        self.head
    }

    /// Drops what is too old.
    pub(super) fn expire(&mut self, now_ms: u64) {
        while self.entries.front().is_some_and(|entry| is_old(entry.at_ms, now_ms)) {
            self.drop_oldest();
        }
    }

    /// Drops everything, and its memory.
    pub(super) fn clear(&mut self) {
        *self = Self::after(self.head);
    }

    /// The ordinal after which somebody missed everything, who was told up to `told` as far as `sight` allows, and did
    /// not get the last `unread` of that. `None` when something from there on is gone.
    pub(super) fn rewind(&self, told: u64, sight: &Sight, unread: u64) -> Option<u64> {
        let gone = self.gone();
        if told < gone || told > self.head {
            return None;
        }
        let (mut place, mut left) = (told, unread);
        while left > 0 {
            let entry = self.at(place)?;
            left -= u64::from(sight.covers(entry));
            place -= 1;
        }
        Some(place)
    }

    /// The events after `place` that `sight` covers, oldest first.
    pub(super) fn since(&self, place: u64, sight: &Sight) -> impl Iterator<Item = &Entry> {
        let known = usize::try_from(place.saturating_sub(self.gone())).unwrap_or(usize::MAX);
        self.entries.iter().skip(known).filter(|entry| sight.covers(entry))
    }

    /// Ordinal of the newest event that is not there any more.
    fn gone(&self) -> u64 {
        self.head - self.entries.len() as u64
    }

    /// The event with this ordinal, if it is there.
    fn at(&self, ordinal: u64) -> Option<&Entry> {
        let index = ordinal.checked_sub(self.gone() + 1)?;
        self.entries.get(usize::try_from(index).ok()?)
    }

    fn drop_oldest(&mut self) {
        if let Some(entry) = self.entries.pop_front() {
            self.bytes -= entry.head.len();
        }
    }
}

impl Entry {
    /// An event as it is kept.
    pub(super) fn new(event: &EventFrame, at_ms: u64) -> Self {
        Self { at_ms, needed: event.name().required_scope(), head: event.head().to_owned() }
    }
}

impl Sight {
    fn covers(&self, entry: &Entry) -> bool {
        may_receive(self.role, &self.scopes, entry.needed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(at_ms: u64, needed: Option<Scope>, size: usize) -> Entry {
        Entry { at_ms, needed, head: "x".repeat(size) }
    }

    fn sight(scopes: &[Scope]) -> Sight {
        Sight { role: Role::Operator, scopes: scopes.iter().map(|scope| scope.as_str().to_owned()).collect() }
    }

    #[test]
    fn it_is_bounded_by_number_bytes_and_age() {
        let mut ring = Ring::default();
        for at in 0..2000 {
            ring.push(entry(at, None, 1));
        }
        assert_eq!((ring.entries.len(), ring.head(), ring.gone()), (MAX_EVENTS, 2000, 2000 - 1024));
        ring.push(entry(2000, None, MAX_BYTES - 3));
        assert_eq!((ring.entries.len(), ring.bytes), (4, MAX_BYTES));
        ring.push(entry(2001, None, MAX_BYTES + 1));
        assert_eq!((ring.entries.len(), ring.bytes, ring.gone()), (0, 0, 2002));
        ring.push(entry(5000, None, 1));
        ring.push(entry(6000, None, 1));
        ring.expire(5000 + super::super::age::MAX_AGE_MS);
        assert_eq!(ring.entries.len(), 2);
        ring.expire(5001 + super::super::age::MAX_AGE_MS);
        assert_eq!(ring.entries.len(), 1);
        // A clock that was set back.
        ring.expire(0);
        assert_eq!(ring.entries.len(), 1);
        let mut future = Ring::default();
        future.push(entry(super::super::age::MAX_AGE_MS + 1, None, 1));
        future.expire(0);
        assert_eq!(future.entries.len(), 0);
    }

    #[test]
    fn rewinding_counts_what_was_seen() {
        let mut ring = Ring::after(10);
        // 11 and 13 are for everybody, 12 and 14 for who pairs.
        for needed in [None, Some(Scope::Pairing), None, Some(Scope::Pairing)] {
            ring.push(entry(0, needed, 1));
        }
        let (blind, all) = (sight(&[]), sight(&[Scope::Admin]));
        for (told, sight, unread, expected) in [
            (14, &blind, 0, Some(14)),
            (14, &blind, 1, Some(12)),
            (14, &blind, 2, Some(10)),
            (14, &blind, 3, None),
            (14, &all, 1, Some(13)),
            (14, &all, 4, Some(10)),
            (12, &blind, 1, Some(10)),
            (12, &all, 1, Some(11)),
            (10, &all, 0, Some(10)),
            (10, &all, 1, None),
            (9, &all, 0, None),
            (15, &all, 0, None),
            (14, &all, u64::MAX, None),
        ] {
            assert_eq!(ring.rewind(told, sight, unread), expected, "{told} {sight:?} {unread}");
        }
        assert_eq!(ring.since(10, &blind).count(), 2);
        assert_eq!(ring.since(11, &all).count(), 3);
        assert_eq!(ring.since(14, &all).count(), 0);
        ring.clear();
        assert_eq!((ring.head(), ring.rewind(14, &all, 0), ring.rewind(13, &all, 0)), (14, Some(14), None));
    }
}
