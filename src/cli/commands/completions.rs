//! `completions`: the script by which a shell completes command lines of this program.

use std::process::ExitCode;

use clap::CommandFactory;
use clap_complete::generate;

use crate::cli::args::{Cli, CompletionsArgs};
use crate::cli::output::Printer;

/// Prints the script.
pub(crate) fn run(args: &CompletionsArgs, printer: &Printer) -> ExitCode {
    let mut script = Vec::new();
    generate(args.shell, &mut Cli::command(), "clawdbot", &mut script);
    printer.text(String::from_utf8_lossy(&script).trim_end());
    ExitCode::SUCCESS
}
