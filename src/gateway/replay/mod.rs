//! Events that clients missed, for those that ask for them (`dev/PROTOCOL.md`).
//!
//! `ring` holds the last events and `book` who was told which of them; both are pure. `saved` is what the next
//! generation needs to know, and `file` the way to it.

mod book;
mod file;
mod ring;
mod saved;

pub(crate) use book::{Admission, Asker, Book, StreamKey};
pub(crate) use file::{path, save, take};
pub(crate) use saved::Saved;

/// Whether something from then is worth nothing any more. What is dated in the future was dated by a clock that was
/// set back since.
fn is_old(at_ms: u64, now_ms: u64) -> bool {
    now_ms.abs_diff(at_ms) > MAX_AGE_MS
}

/// How long an event is kept, and a client that has gone.
const MAX_AGE_MS: u64 = 300_000;
