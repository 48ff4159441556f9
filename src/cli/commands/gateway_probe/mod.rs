//! `clawdbot gateway probe`.

mod candidates;
mod look;
mod network;
mod run;

pub(crate) use run::run;
