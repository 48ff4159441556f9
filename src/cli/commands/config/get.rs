//! `config get`.

use std::process::ExitCode;

use serde_json::Value;

use super::perform::Scene;
use crate::cli::args::ConfigGetArgs;
use crate::cli::error::ExpectedError;
use crate::config::edit::lookup;
use crate::config::{Document, Outcome, is_known, render};
use crate::gateway::redact;

/// Prints a value: what the file says, includes and variables resolved, without defaults.
pub(super) fn run(args: &ConfigGetArgs, scene: &Scene<'_>) -> Result<ExitCode, ExpectedError> {
    let document = Document::load(&scene.paths.config_path, &scene.env);
    if let Outcome::Invalid(issues) = &document.snapshot.outcome {
        return Err(ExpectedError::Refused(render(issues, &scene.paths.home).trim_end().to_owned()));
    }
    let mut config = document.snapshot.resolved;
    if !args.reveal {
        redact::resolved(&mut config, &document.written);
    }
    let value = match &args.path {
        None => &config,
        Some(path) => lookup(&config, path).ok_or_else(|| {
            let hint = if is_known(path) {
                format!(
                    "\nIt is not set; `{} config explain` shows what is in effect.",
                    scene.paths.command()
                )
            } else {
                String::new()
            };
            ExpectedError::Failed(format!("Config path not found: {path}{hint}"))
        })?,
    };
    if scene.json {
        scene.printer.json(value);
    } else {
        scene.printer.text(&plain(value));
    }
    Ok(ExitCode::SUCCESS)
}

/// A text as it is, everything else as JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => format!("{value:#}"),
    }
}
