//! Scheduled work: jobs that are due at a moment, at intervals, or by an expression (`wire-protocol` D.5).
//!
//! `schedule` and `plan` say when a job is due, `job` and `book` what is known of all of them, `edit` what a request
//! makes of one; all of that is pure. `store`, `journal`, and `runs` are the files. `scheduler` is what requests and the
//! timer share, `task` is the timer, `run` runs what is due.
//!
//! Only the generation that serves runs jobs: the files are read after the state was taken over, and left before it is
//! released.

mod book;
mod dialect;
mod edit;
mod job;
mod journal;
mod plan;
mod run;
mod runs;
mod schedule;
mod scheduler;
mod store;
mod task;

pub(crate) use book::Change;
pub(crate) use edit::{add, update};
pub(crate) use run::{run_one, tell};
pub(crate) use runs::last;
pub(crate) use scheduler::{CronError, Scheduler, Wanted, store_path};
pub(crate) use store::check;
pub(crate) use task::keep_time;
