//! `clawdbot config`: one file per verb, and what they share.

mod edit;
mod effect;
mod explain;
mod failure;
mod get;
mod perform;
mod report;
mod set;
mod validate;

pub(super) use effect::Applies;
pub(super) use failure::not_written;
pub(crate) use perform::{explain_run, run};
