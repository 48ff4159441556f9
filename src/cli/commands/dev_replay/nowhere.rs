//! Where there are no keepers: nothing is started, because something might be left behind.

use std::process::ExitCode;

use crate::cli::args::DevReplayArgs;
use crate::cli::output::Printer;

/// Refuses.
pub(crate) fn run(_args: DevReplayArgs, _no_color: bool, printer: &Printer) -> ExitCode {
    printer.error("`clawdbot dev replay` needs Linux or macOS; it does not run on this system.");
    ExitCode::from(super::NOT_RUN)
}
