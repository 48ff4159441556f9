//! `clawdbot gateway probe`.

mod candidates;
mod look;
mod run;

pub(crate) use run::run;
