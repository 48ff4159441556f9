//! `config edit`.

use std::fs;
use std::io;
use std::process::ExitCode;

use serde_json::json;

use super::effect::Applies;
use super::failure::not_written;
use super::perform::Scene;
use crate::cli::error::ExpectedError;
use crate::cli::prompt::{self, Prompt};
use crate::config::write::{WriteError, write};
use crate::config::{Outcome, load, render};
use crate::platform::{atomic, editor};
use crate::profile::{shorten, vars};

/// What a missing file begins with.
const FRESH: &str = "{\n}\n";

/// Opens a copy in the person's editor, and writes it when it is valid. What is not valid is told and can be edited
/// again; what is not written in the end is kept, and said where.
pub(super) fn run(scene: &Scene<'_>) -> Result<ExitCode, ExpectedError> {
    let paths = scene.paths;
    let Some(program) = [vars::VISUAL, vars::EDITOR].into_iter().find_map(|name| scene.env.get(name)) else {
        return Err(ExpectedError::Failed(format!(
            "No editor: set VISUAL or EDITOR, for example: EDITOR=nano {} config edit",
            paths.command()
        )));
    };
    let snapshot = load(&paths.config_path, &scene.env);
    if let (Outcome::Invalid(issues), None) = (&snapshot.outcome, &snapshot.raw) {
        return Err(ExpectedError::Refused(render(issues, &paths.home).trim_end().to_owned()));
    }
    let original = snapshot.raw.unwrap_or_else(|| FRESH.to_owned());
    let directory = editor::private_directory().map_err(|error| failed("make a copy", &error))?;
    let copy = directory.path().join("clawdbot.json5");
    atomic::create(&copy, original.as_bytes()).map_err(|error| failed("make a copy", &error))?;
    let error = loop {
        let status = editor::edit(program, &copy).map_err(|error| failed("start the editor", &error))?;
        let text = match fs::read_to_string(&copy) {
            Ok(text) => text,
            Err(error) => break failed("read what was edited", &error),
        };
        if text == original {
            if !status.success() {
                return Err(ExpectedError::Failed(format!(
                    "The editor ended with {status}; nothing was changed."
                )));
            }
            return Ok(done(scene, None));
        }
        if !status.success() {
            break ExpectedError::Failed(format!("The editor ended with {status}; nothing was written."));
        }
        match write(&paths.config_path, &scene.env, Some(&snapshot.hash), |_| Ok(text)) {
            Ok(written) => return Ok(done(scene, Some(Applies::find(&written, paths)))),
            Err(WriteError::Invalid(issues)) => {
                let problems = render(&issues, &paths.home);
                if !prompt::possible() {
                    break ExpectedError::Failed(format!("{problems}Nothing was written."));
                }
                scene.printer.error(problems.trim_end());
                match Prompt::new(scene.printer, &scene.env).confirm("Edit again?", true) {
                    Ok(true) => {}
                    Ok(false) => break ExpectedError::Failed("Nothing was written.".to_owned()),
                    Err(stopped) => break stopped.before("Nothing was written."),
                }
            }
            Err(error) => break not_written(error, paths),
        }
    };
    let copy = directory.keep().join("clawdbot.json5");
    Err(ExpectedError::Failed(format!("{error}\nWhat you edited is kept in {}", copy.display())))
}

fn failed(what: &str, error: &io::Error) -> ExpectedError {
    ExpectedError::Failed(format!("Error: failed to {what}: {error}."))
}

fn done(scene: &Scene<'_>, applies: Option<Applies>) -> ExitCode {
    let path = &scene.paths.config_path;
    if scene.json {
        let applies = applies.map(Applies::name);
        scene
            .printer
            .json(&json!({ "ok": true, "changed": applies.is_some(), "path": path, "applies": applies }));
    } else if let Some(applies) = applies {
        let config = shorten(path, &scene.paths.home);
        scene.printer.text(&format!("Updated {config}. {}", applies.sentence()));
    } else {
        scene.printer.text("Nothing was changed.");
    }
    ExitCode::SUCCESS
}
