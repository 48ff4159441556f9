//! `clawdbot gateway call METHOD`.

use std::process::ExitCode;

use crate::cli::args::CallArgs;
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;
use crate::profile::ResolvedProfile;

/// Calls one method of a running gateway.
pub(crate) fn run(
    _args: CallArgs,
    _profile: &ResolvedProfile,
    _printer: &Printer,
) -> Result<ExitCode, ExpectedError> {
    Err(ExpectedError::Failed("the client is not part of this build".to_owned()))
}
