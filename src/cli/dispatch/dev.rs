//! The commands of `dev`: each in a profile of its own, or on one that is only looked at.

use std::process::ExitCode;

use super::fail;
use crate::cli::args::DevCommand;
use crate::cli::commands;
use crate::cli::output::Printer;
use crate::config::schema::LogLevel;
use crate::profile::{EnvMap, ProfileRequest};

/// What was said beside the command.
#[derive(Debug)]
pub(super) struct Beside<'b> {
    pub(super) profile: ProfileRequest,
    pub(super) log_level: Option<LogLevel>,
    pub(super) env: &'b EnvMap,
    pub(super) no_color: bool,
}

/// Runs one of them.
pub(super) fn run(command: DevCommand, beside: Beside<'_>, printer: &Printer) -> ExitCode {
    let Beside { profile, log_level, env, no_color } = beside;
    let (done, json) = match command {
        DevCommand::Run(args) => (commands::dev_run::run(args, log_level, no_color), false),
        DevCommand::Replay(args) => return commands::dev_replay::run(args, no_color, printer),
        DevCommand::Fixtures(args) => {
            let json = args.json;
            (commands::dev_fixtures::run(args, no_color, printer), json)
        }
        DevCommand::Capture(args) => (commands::dev_capture::run(&args, profile, env, printer), args.json),
        DevCommand::Capsule(args) => (commands::dev_capsule::run(&args, printer), args.json),
    };
    done.unwrap_or_else(|error| fail(&error, json, printer))
}
