//! A gateway around a command, in a profile of its own that goes away.
//!
//! Three processes stand around the command, so that nothing can be left behind:
//!
//! - *outside* ([`enclose`]): what the person or the job started. It passes signals on and waits; killed, it takes
//!   everything else with it.
//! - a keeper (`harness::keeper`), which ends everything and then removes the directory.
//! - *inside*: makes the profile, starts the gateway and the command, and ends with the command's exit code.
//!
//! [`Job`] is what the inside is told, [`profile`] makes the home directory.

mod enclosure;
mod job;
pub mod profile;

pub use enclosure::{Ended, enclose};
pub use job::{JOB_VARIABLE, Job, Replay, Task, fresh_directory};
