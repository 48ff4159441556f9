//! Secrets in texts: how they are recognised, in which forms one may stand there, and what takes their places.
//!
//! For the log, [`Redactor`] hides what it finds in a line. For texts that are handed out, two passes: [`sightings`] of
//! all texts fill a [`Book`], then a [`Cleaner`] puts the same placeholder for the same secret everywhere. Works on texts
//! alone; finding too much is harmless, finding too little is not.

mod book;
mod cleaner;
mod document;
mod environment;
mod forms;
mod keys;
mod named;
mod neighbours;
mod reach;
mod redactor;
mod sighting;

pub(crate) use book::Book;
pub(crate) use cleaner::{Cleaner, Look, Names, Swap};
pub(crate) use document::{Kind, secrets_of};
pub(crate) use environment::is_known_secret;
pub(crate) use reach::{Evidence, Reach, reach};
pub(crate) use redactor::{BadPattern, REDACTED, Redactor};
pub(crate) use sighting::{Sighting, sightings};
