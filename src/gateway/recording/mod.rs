//! The journal of `--record`: every WebSocket frame in both directions, as lines of JSON that people can read and
//! programs can replay. It holds what was sent, secrets too, and is as private as the state directory.
//!
//! Whoever serves only queues what is to be recorded; a thread of its own writes it. The files are bounded as a whole,
//! the oldest go first. A line is whole or not there: after a `kill -9` the last one of a file may be cut off.

mod entry;
mod journal;
mod recorder;

pub(crate) use entry::Event;
pub(crate) use recorder::{Recorder, Tape};
