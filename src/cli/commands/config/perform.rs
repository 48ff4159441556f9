//! From the verb to its function.

use std::process::ExitCode;

use serde_json::json;

use super::{edit, explain, get, set, validate};
use crate::cli::args::{ConfigArgs, ConfigCommand};
use crate::cli::commands::reach::environment;
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;
use crate::config::json_schema;
use crate::harness::check_isolation;
use crate::profile::{EnvMap, ProfilePaths, ResolvedProfile};
use crate::settings::{LogLevel, RunFlags};

/// What every verb needs.
#[derive(Debug)]
pub(super) struct Scene<'a> {
    /// The profile's paths.
    pub(super) paths: &'a ProfilePaths,
    /// The environment, with the profile's `.env` below it.
    pub(super) env: EnvMap,
    /// `--json`.
    pub(super) json: bool,
    /// Where lines go.
    pub(super) printer: &'a Printer,
}

/// Runs one verb.
pub(crate) fn run(
    args: ConfigArgs,
    log_level: Option<LogLevel>,
    profile: &ResolvedProfile,
    printer: &Printer,
) -> Result<ExitCode, ExpectedError> {
    let scene = scene(args.json, profile, printer)?;
    match args.command {
        ConfigCommand::Get(args) => get::run(&args, &scene),
        ConfigCommand::Set(args) => set::set(args, &scene),
        ConfigCommand::Unset(args) => set::unset(args.paths, &scene),
        ConfigCommand::Validate => Ok(validate::run(&scene)),
        ConfigCommand::Schema => {
            printer.text(&format!("{:#}", json_schema()));
            Ok(ExitCode::SUCCESS)
        }
        ConfigCommand::Path => Ok(path(&scene)),
        ConfigCommand::Edit => edit::run(&scene),
        ConfigCommand::Explain(args) => {
            let flags = RunFlags { log_level, console: printer.console(), ..RunFlags::default() };
            explain::run(&flags, args.reveal, &profile.env, &scene)
        }
    }
}

/// Explains the run that these flags belong to.
pub(crate) fn explain_run(
    flags: &RunFlags,
    json: bool,
    profile: &ResolvedProfile,
    printer: &Printer,
) -> Result<ExitCode, ExpectedError> {
    explain::run(flags, false, &profile.env, &scene(json, profile, printer)?)
}

fn scene<'a>(
    json: bool,
    profile: &'a ResolvedProfile,
    printer: &'a Printer,
) -> Result<Scene<'a>, ExpectedError> {
    let paths = &profile.paths;
    // The workspace plays no part here.
    check_isolation(paths, &paths.state_dir)?;
    Ok(Scene { paths, env: environment(profile, printer), json, printer })
}

fn path(scene: &Scene<'_>) -> ExitCode {
    let path = &scene.paths.config_path;
    if scene.json {
        scene.printer.json(&json!({ "path": path, "exists": path.exists() }));
    } else {
        scene.printer.text(&path.display().to_string());
    }
    ExitCode::SUCCESS
}
