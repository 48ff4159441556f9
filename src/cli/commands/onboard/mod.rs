//! `clawdbot onboard`: a configuration that `clawdbot gateway` starts with.

mod ask;
mod daemon;
mod run;

pub(crate) use run::run;
