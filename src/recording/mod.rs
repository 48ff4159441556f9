//! Recordings (`--record`): every WebSocket frame in both directions, as lines of JSON that people can read and
//! programs can replay, and the profile as it was when that began. They hold what was sent, secrets too, and are as
//! private as the state directory. The format is documented in `dev/RECORDING.md`.
//!
//! Whoever serves writes lines into memory; a thread takes them to the files. Those are bounded as a whole, the oldest go
//! first. A line is whole or not there: after a `kill -9` the last one of a file may be cut off.

mod base;
mod begin;
mod journal;
mod layout;
mod line;
mod recorder;
mod room;
mod start;

pub use begin::{Begun, Facts, begin};
pub use layout::{BASE, CONFIG, Part, START, STATE, WORKSPACE, recordings};
pub(crate) use line::{Event, Frame, Opened};
pub use recorder::Recording;
pub(crate) use recorder::{Failed, Recorder, Status};
pub use start::{FORMAT, LeftOut, Start};
