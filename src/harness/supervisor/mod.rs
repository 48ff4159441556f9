//! Supervision of gateway generations: one serves, at most one more is being prepared, older ones end.
//!
//! [`state`] and [`step`](mod@step) decide and know nothing of processes; [`driver`] performs what they decide; `child`
//! starts and ends processes. Nothing here prints: what happens leaves as [`Notice`]s.

mod applying;
mod backoff;
pub mod driver;
pub mod edits;
mod ending;
mod expiry;

pub mod child;
pub mod notice;
pub mod plan;
pub mod state;
pub mod step;
mod succession;

pub use notice::{Notice, Trigger};
pub use state::{Generation, State};
