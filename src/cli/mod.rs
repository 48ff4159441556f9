//! Everything the user types or reads. The only module that prints, and the only one that chooses an exit
//! code.

pub mod commands;

use std::env::args_os;
use std::process::ExitCode;

/// Parses the command line, runs the command, and returns the exit code.
pub fn main() -> ExitCode {
    #[cfg(unix)]
    if args_os().nth(1).is_some_and(|verb| verb == commands::dev_keeper::NAME) {
        return commands::dev_keeper::run();
    }
    ExitCode::from(1)
}
