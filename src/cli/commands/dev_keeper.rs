//! `__dev-keeper`: hidden, started by the harness.

use std::ffi::OsString;
use std::process::ExitCode;

/// Runs with the arguments after the command's name.
pub(crate) fn run(_arguments: &[OsString]) -> ExitCode {
    ExitCode::FAILURE
}
