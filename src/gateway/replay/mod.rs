//! Events that clients missed, for those that ask for them (`dev/PROTOCOL.md`).
//!
//! `ring` holds the last events and `book` who was told which of them; both are pure. `saved` is what the next
//! generation needs to know, and `file` the way to it.

mod age;
mod book;
mod file;
mod ring;
mod saved;

pub(crate) use book::{Admission, Asker, Book, StreamKey};
pub(crate) use file::{path, save, take};
pub(crate) use saved::Saved;
