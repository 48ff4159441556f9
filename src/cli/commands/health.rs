//! `clawdbot gateway health`.

use std::process::ExitCode;

use crate::cli::args::ClientArgs;
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;
use crate::profile::ResolvedProfile;

/// Asks a running gateway how it is.
pub(crate) fn run(
    _args: ClientArgs,
    _profile: &ResolvedProfile,
    _printer: &Printer,
) -> Result<ExitCode, ExpectedError> {
    Err(ExpectedError::Failed("the client is not part of this build".to_owned()))
}
