//! `config validate`.

use std::process::ExitCode;

use serde_json::json;

use super::perform::Scene;
use super::report;
use crate::config::{Outcome, load, render};
use crate::profile::shorten;

/// The exit code of a start that would be refused.
const BLOCKED: u8 = 78;

/// Prints all problems at once, as a start does. A file that is not there is a problem too.
pub(super) fn run(scene: &Scene<'_>) -> ExitCode {
    let paths = scene.paths;
    let snapshot = load(&paths.config_path, &scene.env);
    let (exists, issues) = match &snapshot.outcome {
        Outcome::Missing => (false, &[][..]),
        Outcome::Invalid(issues) => (true, issues.as_slice()),
        Outcome::Valid => (true, &[][..]),
    };
    let valid = exists && issues.is_empty();
    if scene.json {
        scene.printer.json(&json!({
            "path": paths.config_path,
            "exists": exists,
            "valid": valid,
            "issues": issues.iter().map(report::issue).collect::<Vec<_>>(),
            "warnings": snapshot.warnings.iter().map(report::issue).collect::<Vec<_>>(),
        }));
    } else {
        let config = shorten(&paths.config_path, &paths.home);
        let warnings = render(&snapshot.warnings, &paths.home);
        if !warnings.is_empty() {
            scene.printer.error(warnings.trim_end());
        }
        if valid {
            scene.printer.tick(&format!("{config} is valid"));
        } else if exists {
            scene.printer.error(render(issues, &paths.home).trim_end());
        } else {
            let command = paths.command();
            scene.printer.error(&format!(
                "No config at {config}. Run {command} onboard, or: {command} config set gateway.mode local"
            ));
        }
    }
    if valid { ExitCode::SUCCESS } else { ExitCode::from(BLOCKED) }
}
