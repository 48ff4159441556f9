//! The process that the person or the job has started.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::cli::args::DevRunArgs;
use crate::cli::commands::dev_fixtures::sentence;
use crate::cli::error::ExpectedError;
use crate::cli::output::{Printer, Style};
use crate::config::schema::LogLevel;
use crate::harness::ephemeral::{JOB_VARIABLE, Job, Task, enclose, fresh_directory};
use crate::harness::exec::{ExecSpec, Tier};
use crate::harness::fixture::{self, Fixture};
use crate::platform::{env, exe};
use crate::profile::{EnvMap, vars};

/// Exit code when this program, and not the command, has failed, as in timeout(1) and env(1).
pub(super) const OWN_FAILURE: u8 = 125;

/// Runs a command beside a gateway of its own; its exit code is the result.
pub(crate) fn run(
    args: DevRunArgs,
    log_level: Option<LogLevel>,
    no_color: bool,
) -> Result<ExitCode, ExpectedError> {
    let mut job = job(args)?;
    // The name as the option takes it.
    if let Some(serde_json::Value::String(name)) =
        log_level.and_then(|level| serde_json::to_value(level).ok())
    {
        job.gateway.extend(["--log-level".to_owned(), name]);
    }
    Ok(ExitCode::from(carry_out(&job, no_color)))
}

/// Runs `clawdbot` with these arguments, which mean a gateway in dev mode, in a profile of its own.
pub(crate) fn gateway(arguments: Vec<String>, no_color: bool) -> Result<ExitCode, ExpectedError> {
    let job = Job::new(fresh_directory(&temporary_dir()?), Task::Gateway(arguments));
    Ok(ExitCode::from(carry_out(&job, no_color)))
}

/// Starts the gateway of a fixture and compares what comes of it; the exit code says whether all is as expected.
pub(crate) fn verify(fixture: &Fixture, events: bool, no_color: bool) -> Result<u8, ExpectedError> {
    let task = Task::Verify(fixture.name.clone());
    let job = Job {
        home_from: Some(fixture.home()),
        gateway: fixture.manifest.args.clone(),
        gateway_env: fixture.manifest.env.clone().into_iter().collect(),
        fixture: Some(fixture.manifest.clone()),
        events,
        ..Job::new(fresh_directory(&temporary_dir()?), task)
    };
    Ok(carry_out(&job, no_color))
}

/// Carries a job out behind a keeper.
pub(in crate::cli::commands) fn carry_out(job: &Job, no_color: bool) -> u8 {
    let mut environment = env::read();
    let printer = Printer::new(Style::detect(&EnvMap::new(environment.clone()), no_color));
    if no_color {
        environment.insert(vars::NO_COLOR.to_owned(), "1".to_owned());
    }
    let text = match serde_json::to_string(job) {
        Ok(text) => text,
        Err(error) => return failed(job, &printer, &format!("failed to describe the run: {error}")),
    };
    environment.insert(JOB_VARIABLE.to_owned(), text);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let ended = runtime.and_then(|runtime| {
        let arguments = ["clawdbot", "__dev-inside"].map(str::to_owned).to_vec();
        let remove = (!job.keep).then(|| job.directory.clone());
        let environment = environment.into_iter().collect();
        runtime.block_on(enclose(exe::running_image()?, arguments, environment, remove))
    });
    let ended = match ended {
        Ok(ended) => ended,
        Err(error) => return failed(job, &printer, &format!("failed to run the command: {error}")),
    };
    for failure in &ended.failures {
        failed(job, &printer, failure);
    }
    let Some(exit) = ended.exit else { return OWN_FAILURE };
    if exit.signal.is_some() {
        failed(job, &printer, &format!("the run was ended by {exit}"));
    }
    exit.shell_code().unwrap_or(OWN_FAILURE)
}

fn failed(job: &Job, printer: &Printer, what: &str) -> u8 {
    let command = if matches!(job.task, Task::Replay(_)) { "replay" } else { "run" };
    printer.error(&format!("clawdbot dev {command}: {what}"));
    OWN_FAILURE
}

fn job(args: DevRunArgs) -> Result<Job, ExpectedError> {
    if let Some(option) = args.server.first().filter(|_| args.exec.is_none()) {
        return Err(ExpectedError::Usage(format!("Use {option} with --exec.")));
    }
    if args.server.tier == Some(Tier::Nothing) {
        let text = "`clawdbot dev run` needs a server; --tier none says that there is none.";
        return Err(ExpectedError::Usage(text.to_owned()));
    }
    let unusable = |what: &str, path: &Path, error: &io::Error| {
        ExpectedError::Usage(format!("Cannot use {what} {}: {error}.", path.display()))
    };
    let home_from = args
        .profile_from
        .map(|from| directory(&from).map_err(|error| unusable("--profile-from", &from, &error)));
    let artifacts = args.artifacts.map(|to| {
        std::fs::create_dir_all(&to)
            .and_then(|()| directory(&to))
            .map_err(|error| unusable("--artifacts", &to, &error))
    });
    let fixture = match &args.fixture {
        Some(text) => {
            let start = env::working_dir().unwrap_or_default();
            Some(fixture::named(text, &start).map_err(|error| ExpectedError::Usage(sentence(&error)))?)
        }
        None => None,
    };
    let home_from = home_from.transpose()?.or_else(|| fixture.as_ref().map(Fixture::home));
    let manifest = fixture.map(|fixture| fixture.manifest);
    Ok(Job {
        directory: fresh_directory(&temporary_dir()?),
        home_from,
        gateway: match (&args.exec, &manifest) {
            (Some(exec), _) => {
                let words = ["gateway", "--dev", "--exec", exec.shown()].map(str::to_owned);
                words.into_iter().chain(args.server.words()).collect()
            }
            (None, Some(manifest)) => manifest.args.clone(),
            (None, None) => vec!["gateway".to_owned()],
        },
        foreign: args.exec.as_ref().map(|_| args.server.stop_timeout.unwrap_or(ExecSpec::STOP_TIMEOUT)),
        gateway_env: manifest.iter().flat_map(|manifest| manifest.env.clone()).collect(),
        fixture: manifest,
        env: args.env,
        keep: args.keep,
        artifacts: artifacts.transpose()?,
        timeout: args.timeout,
        events: args.events.is_some(),
        task: Task::Command(args.command),
    })
}

/// Where directories of runs are made.
pub(in crate::cli::commands) fn temporary_dir() -> Result<PathBuf, ExpectedError> {
    env::temporary_dir().map_err(|error| {
        let text = format!("Cannot use the temporary directory: {error}. Set TMPDIR to another one.");
        ExpectedError::Refused(text)
    })
}

/// The directory with every link resolved.
fn directory(path: &Path) -> io::Result<PathBuf> {
    let path = path.canonicalize()?;
    if path.is_dir() { Ok(path) } else { Err(io::ErrorKind::NotADirectory.into()) }
}
