//! `clawdbot gateway status`, and `clawdbot status`, which shows the same facts from further away.

mod gather;
mod log;
mod manager;
mod process;
mod run;

pub(crate) use run::{overview, run};
