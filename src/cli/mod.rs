//! Everything the user types or reads. The only module that prints, and the only one that chooses an exit
//! code.

use std::process::ExitCode;

/// Parses the command line, runs the command, and returns the exit code.
pub fn main() -> ExitCode {
    ExitCode::from(1)
}
