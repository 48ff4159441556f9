//! Where there are no keepers: nothing is started, because something might be left behind.

use std::process::ExitCode;

use crate::cli::args::DevRunArgs;
use crate::cli::error::ExpectedError;

/// Refuses.
pub(crate) fn run(_args: DevRunArgs, _no_color: bool) -> Result<ExitCode, ExpectedError> {
    Err(ExpectedError::Failed(
        "`clawdbot dev run` needs Linux or macOS; it does not run on this system.".to_owned(),
    ))
}

/// Never started here.
pub(crate) fn inside() -> ExitCode {
    ExitCode::FAILURE
}
