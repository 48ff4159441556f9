//! The order of a replay: what is sent when, what has to have come before, and how long it is waited for.
//!
//! A recording is one order of everything. A message is sent when every answer that was recorded before it, on any
//! connection, has come, and every event on its own; what clients had sent without waiting is sent without waiting again.
//! `conductor` goes through the recording, `arrival` takes what comes, `overdue` what does not, `lane` is what is known of
//! a connection, and `patience` how long something is waited for.

mod arrival;
mod conductor;
mod lane;
mod overdue;
mod patience;

pub use conductor::{Action, Conductor, Moment, Outgoing, Plan, Speed};

#[cfg(test)]
mod tests;
