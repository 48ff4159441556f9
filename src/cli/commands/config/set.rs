//! `config set` and `config unset`.

use std::process::ExitCode;

use serde_json::json;

use super::effect::Applies;
use super::failure::not_written;
use super::perform::Scene;
use crate::cli::args::ConfigSetArgs;
use crate::cli::error::ExpectedError;
use crate::config::edit::{ConfigPath, Edit};
use crate::config::typed_value;
use crate::config::write::{edited, write};

/// Gives a path a value.
pub(super) fn set(args: ConfigSetArgs, scene: &Scene<'_>) -> Result<ExitCode, ExpectedError> {
    let value = typed_value(&args.path, args.value.expose(), scene.json)
        .map_err(|fault| ExpectedError::Failed(format!("Error: Failed to parse JSON5 value: {fault}")))?;
    let path = args.path.to_string();
    perform("Updated", &[path], &[Edit::Set { path: args.path, value }], scene)
}

/// Removes what stands at the paths.
pub(super) fn unset(paths: Vec<ConfigPath>, scene: &Scene<'_>) -> Result<ExitCode, ExpectedError> {
    let names: Vec<_> = paths.iter().map(ToString::to_string).collect();
    let edits: Vec<_> = paths.into_iter().map(|path| Edit::Unset { path }).collect();
    perform("Removed", &names, &edits, scene)
}

fn perform(
    verb: &str,
    names: &[String],
    edits: &[Edit],
    scene: &Scene<'_>,
) -> Result<ExitCode, ExpectedError> {
    let path = &scene.paths.config_path;
    let written = write(path, &scene.env, None, |document| edited(document, edits, &scene.env))
        .map_err(|error| not_written(error, scene.paths))?;
    let applies = Applies::find(&written, scene.paths);
    if scene.json {
        scene.printer.json(&json!({
            "ok": true, "changed": written.changed, "path": path, "paths": names, "applies": applies.name(),
        }));
    } else if written.changed {
        scene.printer.text(&format!("{verb} {}. {}", names.join(", "), applies.sentence()));
    } else {
        scene.printer.text(&format!("Nothing to do: {} has this value already.", names.join(", ")));
    }
    Ok(ExitCode::SUCCESS)
}
