//! `clawdbot gateway --dev`: the development harness.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::cli::args::EventsFormat;
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;
use crate::profile::ResolvedProfile;
use crate::settings::RunFlags;

/// What the command line said to the harness.
#[derive(Debug)]
pub(crate) struct DevArgs {
    /// What the gateway runs with.
    pub(crate) flags: RunFlags,
    /// `--reset`.
    pub(crate) reset: bool,
    /// `--yes`.
    pub(crate) yes: bool,
    /// `--watch PATH`, absolute.
    pub(crate) watch: Vec<PathBuf>,
    /// `--ignore GLOB`.
    pub(crate) ignore: Vec<String>,
    /// `--events FORMAT`.
    pub(crate) events: Option<EventsFormat>,
}

/// Runs the harness until it is told to stop.
pub(crate) fn run(
    _args: DevArgs,
    _profile: &ResolvedProfile,
    _printer: &Printer,
) -> Result<ExitCode, ExpectedError> {
    Err(ExpectedError::Failed("the development harness is not part of this build".to_owned()))
}
