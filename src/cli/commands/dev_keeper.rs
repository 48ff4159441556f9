//! `clawdbot __dev-keeper`: hidden; the harness starts it in front of each generation of the dev gateway
//! (`harness::keeper` says why). Dispatched before the command line is parsed, because a keeper stands in the
//! way of every reload.

use std::process::ExitCode;

use crate::harness::keeper;

/// Name of the command.
pub const NAME: &str = "__dev-keeper";

/// Runs a keeper on standard input.
pub fn run() -> ExitCode {
    keeper::run()
}
