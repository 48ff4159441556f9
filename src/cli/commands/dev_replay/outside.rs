//! The process that the person or the job has started.

use std::process::ExitCode;

use serde_json::json;

use super::NOT_RUN;
use crate::capsule::replay::{Ignore, Speed};
use crate::cli::args::DevReplayArgs;
use crate::cli::commands::dev_run::{carry_out, temporary_dir};
use crate::cli::error::ExpectedError;
use crate::cli::output::{Printer, dev_replay};
use crate::harness::ephemeral::{Job, Replay, Task, fresh_directory};
use crate::harness::exec::{ExecSpec, Tier};
use crate::harness::fixture::{Fixture, Replayed};
use crate::platform::env;

/// Replays a capsule. The exit code says whether it behaves as recorded, and whether that could be found out at all, so
/// that `git bisect run` can use it: what a person has typed wrong says nothing about the program either.
pub(crate) fn run(args: DevReplayArgs, no_color: bool, printer: &Printer) -> ExitCode {
    if args.ignore.iter().any(|rule| rule == "help") {
        printer.text(&dev_replay::rules(printer.columns()));
        return ExitCode::SUCCESS;
    }
    let is_json = args.json;
    match job(args) {
        Ok(job) => ExitCode::from(carry_out(&job, no_color)),
        Err(message) => {
            if is_json {
                printer.json(&json!({ "ok": false, "result": "not run", "message": message }));
            }
            printer.error(&message);
            ExitCode::from(NOT_RUN)
        }
    }
}

fn job(args: DevReplayArgs) -> Result<Job, String> {
    if let Some(option) = args.server.first().filter(|_| args.exec.is_none()) {
        return Err(format!("Use {option} with --exec."));
    }
    if args.server.tier == Some(Tier::Nothing) {
        return Err("`clawdbot dev replay` needs a server; --tier none says that there is none.".to_owned());
    }
    let typed = args.capsule.ok_or("Name a capsule, or the directory that one was extracted to.")?;
    for rule in &args.ignore {
        rule.parse::<Ignore>().map_err(|error| format!("--ignore {error}."))?;
    }
    let capsule =
        typed.canonicalize().map_err(|error| format!("Cannot read {}: {error}.", typed.display()))?;
    let directory = fresh_directory(&temporary_dir().map_err(|error| error.to_string())?);
    let exec = args.exec.as_ref().map(|exec| {
        let words = ["--exec", exec.shown()].map(str::to_owned);
        words.into_iter().chain(args.server.words()).collect()
    });
    let foreign = args.exec.as_ref().map(|_| args.server.stop_timeout.unwrap_or(ExecSpec::STOP_TIMEOUT));
    if env::working_dir().is_none() && exec.is_some() {
        return Err("The working directory is gone. Change to another one.".to_owned());
    }
    let task = Task::Replay(Replay {
        capsule,
        speed: match args.speed {
            Speed::Max => None,
            Speed::Times(times) => Some(times),
        },
        against: args.against,
        exec,
        ignore: args.ignore,
        json: args.json,
        quiet: false,
    });
    Ok(Job { foreign, keep: args.keep, ..Job::new(directory, task) })
}

/// Replays the recording of a fixture, whose directory is that of a capsule; says only what differs.
pub(crate) fn fixture(fixture: &Fixture, replayed: &Replayed, no_color: bool) -> Result<u8, ExpectedError> {
    let task = Task::Replay(Replay {
        capsule: fixture.directory.clone(),
        speed: None,
        against: None,
        exec: None,
        ignore: replayed.ignore.clone(),
        json: false,
        quiet: true,
    });
    Ok(carry_out(&Job::new(fresh_directory(&temporary_dir()?), task), no_color))
}
