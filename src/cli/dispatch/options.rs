//! Options of the run that mean nothing where they stand, and those that `--ephemeral` passes on. Pure.

use std::ffi::OsString;

use crate::cli::args::{CaptureArgs, DevCommand, RunArgs};
use crate::cli::error::ExpectedError;
use crate::config::schema::LogLevel;
use crate::profile::{ProfileName, ProfileRequest};
use crate::settings::{AuthMode, Secret};

/// The command line of the gateway that `--ephemeral` starts in a profile of its own.
pub(super) fn ephemeral(
    args: &RunArgs,
    profile: &ProfileRequest,
    arguments: &[OsString],
) -> Result<Vec<String>, ExpectedError> {
    let usage = |text: &str| ExpectedError::Usage(text.to_owned());
    let dev = profile.dev_before_command || profile.dev_after_command;
    if !dev && !profile.name.as_ref().is_some_and(ProfileName::is_dev) {
        return Err(usage("Use --ephemeral with --dev."));
    }
    if args.reset || args.explain {
        let option = if args.reset { "--reset" } else { "--explain" };
        return Err(usage(&format!("{option} means nothing with --ephemeral: the profile is a new one.")));
    }
    let mut passed = Vec::new();
    for argument in arguments.iter().skip(1).filter(|argument| *argument != "--ephemeral") {
        let text = argument.to_str().ok_or_else(|| usage("--ephemeral needs a command line in UTF-8."))?;
        passed.push(text.to_owned());
    }
    if args.port.is_none() {
        passed.extend(["--port", "0"].map(str::to_owned));
    }
    Ok(passed)
}

/// The options that decide who may connect, as they are typed.
pub(super) fn access(args: &RunArgs) -> Vec<String> {
    let mut words = Vec::new();
    let mut option = |name: &str, value: Option<&str>| {
        words.extend(value.into_iter().flat_map(|value| [name.to_owned(), value.to_owned()]));
    };
    let auth = args.auth.map(|auth| match auth {
        AuthMode::Password => "password",
        // The command line knows no other.
        AuthMode::Token | AuthMode::None => "token",
    });
    option("--auth", auth);
    option("--token", args.token.as_ref().map(Secret::expose));
    option("--password", args.password.as_ref().map(Secret::expose));
    if args.allow_unconfigured {
        words.push("--allow-unconfigured".to_owned());
    }
    words
}

/// Options of dev mode without dev mode, and `--yes` without anything to confirm.
pub(super) fn check_dev_options(args: &RunArgs, dev_mode: bool) -> Result<(), ExpectedError> {
    let text = match args.first_of_dev_mode() {
        Some(option) if !dev_mode => format!("Use {option} with --dev."),
        _ if args.yes && !args.reset => "Use --yes with --reset.".to_owned(),
        _ => return Ok(()),
    };
    Err(ExpectedError::Usage(text))
}

/// What is about a command where there is none, neither typed nor in the project's file.
pub(super) fn check_command_options(args: &RunArgs) -> Result<(), ExpectedError> {
    match args.exec.first_of_the_command() {
        Some(option) if args.exec.exec.is_none() => {
            Err(ExpectedError::Usage(format!("Use {option} with --exec.")))
        }
        _ if args.record.is_some() && args.exec.exec.is_some() => {
            Err(ExpectedError::Usage("--record records our own gateway, and --exec runs another.".to_owned()))
        }
        _ => Ok(()),
    }
}

/// Which options of every command mean nothing to one of `dev`. `is_named`: a profile was named.
pub(super) fn check_dev_command(
    command: &DevCommand,
    is_named: bool,
    log_level: Option<LogLevel>,
) -> Result<(), String> {
    let name = match command {
        DevCommand::Run(_) => None,
        DevCommand::Fixtures(_) => Some("fixtures"),
        DevCommand::Capture(_) => Some("capture"),
        DevCommand::Capsule(_) => Some("capsule"),
        DevCommand::Replay(_) => Some("replay"),
    };
    if let Some(name) = name.filter(|_| log_level.is_some()) {
        return Err(format!("--log-level means nothing to `clawdbot dev {name}`."));
    }
    match command {
        DevCommand::Capture(CaptureArgs { from: Some(_), .. }) if is_named => {
            Err("--from names a profile; leave --dev and --profile away.".to_owned())
        }
        DevCommand::Capture(_) => Ok(()),
        _ if is_named => {
            Err("`clawdbot dev` uses a profile of its own; leave --dev and --profile away.".to_owned())
        }
        _ => Ok(()),
    }
}
