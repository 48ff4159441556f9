//! `clawdbot gateway`: the gateway in the foreground.

use std::process::ExitCode;

use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;
use crate::profile::ResolvedProfile;
use crate::settings::RunFlags;

/// Runs the gateway until it is told to stop.
pub(crate) fn run(
    _flags: RunFlags,
    _profile: &ResolvedProfile,
    _printer: &Printer,
) -> Result<ExitCode, ExpectedError> {
    Err(ExpectedError::Failed("the gateway is not part of this build".to_owned()))
}
