//! The process that the person or the job has started.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::cli::args::DevRunArgs;
use crate::cli::error::ExpectedError;
use crate::cli::output::{Printer, Style};
use crate::harness::ephemeral::{JOB_VARIABLE, Job, enclose, fresh_directory};
use crate::platform::{env, exe};
use crate::profile::{EnvMap, vars};

/// Exit code when this program, and not the command, has failed, as in timeout(1) and env(1).
pub(super) const OWN_FAILURE: u8 = 125;

/// Runs the command; its exit code is the result.
pub(crate) fn run(args: DevRunArgs, no_color: bool) -> Result<ExitCode, ExpectedError> {
    let mut environment = env::read();
    let printer = Printer::new(Style::detect(&EnvMap::new(environment.clone()), no_color));
    if no_color {
        environment.insert(vars::NO_COLOR.to_owned(), "1".to_owned());
    }
    let job = job(args)?;
    let text = match serde_json::to_string(&job) {
        Ok(text) => text,
        Err(error) => return Ok(failed(&printer, &format!("failed to describe the run: {error}"))),
    };
    environment.insert(JOB_VARIABLE.to_owned(), text);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let ended = runtime.and_then(|runtime| {
        let arguments = ["clawdbot", "__dev-inside"].map(str::to_owned).to_vec();
        let remove = (!job.keep).then(|| job.directory.clone());
        runtime.block_on(enclose(exe::running_image()?, arguments, environment.into_iter().collect(), remove))
    });
    let ended = match ended {
        Ok(ended) => ended,
        Err(error) => return Ok(failed(&printer, &format!("failed to run the command: {error}"))),
    };
    for failure in &ended.failures {
        printer.error(&format!("clawdbot dev run: {failure}"));
    }
    Ok(match ended.exit {
        Some(exit) => match (exit.code.and_then(|code| u8::try_from(code).ok()), exit.signal) {
            (Some(code), _) => ExitCode::from(code),
            (None, Some(signal)) => {
                failed(&printer, &format!("the run was ended by {exit}"));
                ExitCode::from(u8::try_from(signal).map_or(u8::MAX, |signal| signal.saturating_add(128)))
            }
            (None, None) => ExitCode::from(OWN_FAILURE),
        },
        None => ExitCode::from(OWN_FAILURE),
    })
}

fn failed(printer: &Printer, what: &str) -> ExitCode {
    printer.error(&format!("clawdbot dev run: {what}"));
    ExitCode::from(OWN_FAILURE)
}

fn job(args: DevRunArgs) -> Result<Job, ExpectedError> {
    let unusable = |what: &str, path: &Path, error: &io::Error| {
        ExpectedError::Usage(format!("Cannot use {what} {}: {error}.", path.display()))
    };
    let temporary = env::temporary_dir().map_err(|error| {
        ExpectedError::Failed(format!(
            "Cannot use the temporary directory: {error}. Set TMPDIR to another one."
        ))
    })?;
    let home_from = args
        .profile_from
        .map(|from| directory(&from).map_err(|error| unusable("--profile-from", &from, &error)));
    let artifacts = args.artifacts.map(|to| {
        std::fs::create_dir_all(&to)
            .and_then(|()| directory(&to))
            .map_err(|error| unusable("--artifacts", &to, &error))
    });
    Ok(Job {
        directory: fresh_directory(&temporary),
        home_from: home_from.transpose()?,
        gateway: vec!["gateway".to_owned()],
        gateway_env: Vec::new(),
        env: args.env,
        keep: args.keep,
        artifacts: artifacts.transpose()?,
        timeout: args.timeout,
        events: args.events.is_some(),
        command: args.command,
    })
}

/// The directory with every link resolved.
fn directory(path: &Path) -> io::Result<PathBuf> {
    let path = path.canonicalize()?;
    if path.is_dir() { Ok(path) } else { Err(io::ErrorKind::NotADirectory.into()) }
}
