//! `clawdbot gateway install | uninstall | start | stop | restart`: the gateway as a service of the operating system.
//!
//! - `run`: from the command to its outcome, for people or as JSON.
//! - `install`: what is written, and when it is not.
//! - `control`: starting, stopping, and removing what is installed.
//! - `in_the_way`: who else has the port or the state.
//! - `outcome`: what is said.
//! - `manager`: for `onboard`, `reset`, and `uninstall`.

mod control;
mod in_the_way;
mod install;
mod manager;
mod outcome;
mod run;

pub(crate) use manager::manager;
pub(crate) use run::run;
