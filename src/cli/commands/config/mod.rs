//! `clawdbot config`: one file per verb, and what they share.

mod effect;
mod failure;
mod get;
mod perform;
mod report;
mod set;
mod validate;

pub(crate) use perform::run;
