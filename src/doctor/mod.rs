//! What is wrong with an installation, and what helps: `clawdbot doctor`.
//!
//! [`examine`] gathers facts (`gather`), all at once and within a time limit, and has every check judge them (`check`,
//! one file each, pure). [`treat`] then does what is safe, and looks again. Examining writes nothing, trusts nothing
//! that it finds, and never repeats a secret. Prints nothing; decides no exit code.

mod check;
mod examine;
mod facts;
mod finding;
mod gather;
mod moves;
mod repair;
mod report;

pub use examine::{Scene, StateReader, examine, treat};
pub use facts::StateFile;
pub use finding::{Check, Finding, Fix, Repair, Severity};
pub use report::{Done, Entry, Report, Summary};

#[cfg(test)]
pub(crate) use check::broken;
