//! `__dev-keeper`: hidden; the harness starts one in front of each generation (`harness::keeper` says why).

use std::ffi::OsString;
use std::process::ExitCode;

/// Runs a keeper on standard input.
#[cfg(unix)]
pub(crate) fn run(_arguments: &[OsString]) -> ExitCode {
    crate::harness::keeper::run()
}

/// There are no keepers on this system: a job object holds a generation together.
#[cfg(not(unix))]
pub(crate) fn run(_arguments: &[OsString]) -> ExitCode {
    ExitCode::FAILURE
}
