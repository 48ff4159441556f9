//! Recordings (`--record`): every WebSocket frame in both directions, as lines of JSON that people can read and
//! programs can replay, and the profile as it was when that began. They hold what was sent, secrets too, and are as
//! private as the state directory. The format is documented in `dev/RECORDING.md`.
//!
//! Whoever serves only queues what is to be recorded; a thread of its own writes it. The files are bounded as a whole,
//! the oldest go first. A line is whole or not there: after a `kill -9` the last one of a file may be cut off.

mod base;
mod begin;
mod entry;
mod journal;
mod layout;
mod recorder;
mod room;
mod start;

pub use begin::{Begun, Facts, begin};
pub(crate) use entry::{Event, Opened};
pub use layout::{BASE, CONFIG, Part, START, STATE, WORKSPACE, default_directory, recordings};
pub(crate) use recorder::{Recorder, Tape};
pub use start::{FORMAT, LeftOut, Start};
