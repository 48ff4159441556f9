//! Where there are no keepers: nothing is started, because something might be left behind.

use std::process::ExitCode;

use crate::cli::args::DevRunArgs;
use crate::cli::error::ExpectedError;
use crate::config::schema::LogLevel;
use crate::harness::fixture::Fixture;

/// Refuses.
pub(crate) fn run(
    _args: DevRunArgs,
    _log_level: Option<LogLevel>,
    _no_color: bool,
) -> Result<ExitCode, ExpectedError> {
    Err(refusal("clawdbot dev run"))
}

/// Refuses.
pub(crate) fn gateway(_arguments: Vec<String>, _no_color: bool) -> Result<ExitCode, ExpectedError> {
    Err(refusal("clawdbot gateway --dev --ephemeral"))
}

/// Refuses.
pub(crate) fn verify(_fixture: &Fixture, _events: bool, _no_color: bool) -> Result<u8, ExpectedError> {
    Err(refusal("clawdbot dev fixtures run"))
}

fn refusal(what: &str) -> ExpectedError {
    ExpectedError::Failed(format!("`{what}` needs Linux or macOS; it does not run on this system."))
}

/// Never started here.
pub(crate) fn inside() -> ExitCode {
    ExitCode::FAILURE
}
