//! Where there are no keepers: nothing is started, because something might be left behind.

use std::process::ExitCode;

use crate::cli::args::DevReplayArgs;
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;
use crate::harness::fixture::{Fixture, Replayed};

const ELSEWHERE: &str = "`clawdbot dev replay` needs Linux or macOS; it does not run on this system.";

/// Refuses.
pub(crate) fn run(_args: DevReplayArgs, _no_color: bool, printer: &Printer) -> ExitCode {
    printer.error(ELSEWHERE);
    ExitCode::from(super::NOT_RUN)
}

/// Refuses.
pub(crate) fn fixture(_: &Fixture, _: &Replayed, _no_color: bool) -> Result<u8, ExpectedError> {
    Err(ExpectedError::Failed(ELSEWHERE.to_owned()))
}
