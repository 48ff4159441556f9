//! `clawdbot setup`: what a first start needs, without a question.

use std::process::ExitCode;

use serde_json::json;

use super::config::not_written;
use super::places;
use super::reach::environment;
use crate::cli::args::SetupArgs;
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;
use crate::config::{Config, Document, Outcome};
use crate::harness::check_isolation;
use crate::onboarding::{Answers, apply, fresh_token};
use crate::profile::{ResolvedProfile, shorten};

/// Makes what is missing: a configuration that a gateway starts with, the workspace, and the place of the sessions.
pub(crate) fn run(
    args: SetupArgs,
    profile: &ResolvedProfile,
    printer: &Printer,
) -> Result<ExitCode, ExpectedError> {
    let paths = &profile.paths;
    check_isolation(paths, &paths.state_dir)?;
    let env = environment(profile, printer);
    let is_new = matches!(Document::load(&paths.config_path, &env).snapshot.outcome, Outcome::Missing);
    let token = fresh_token()
        .map_err(|error| ExpectedError::Failed(format!("Error: failed to make a token: {error}.")))?;
    let answers = Answers { workspace: args.workspace, ..Answers::default() };
    let applied = apply(&answers, &token, paths, &env).map_err(|error| not_written(error, paths))?;
    let config = Config::from_resolved(&applied.written.after.resolved);
    let workspace = &applied.settings.workspace;
    let places = places::prepare(workspace, &config, paths)?;
    if args.json {
        printer.json(&json!({
            "ok": true,
            "config": paths.config_path,
            "changed": applied.written.changed,
            "workspace": workspace,
            "tokenMade": applied.plan.token_made,
        }));
        return Ok(ExitCode::SUCCESS);
    }
    let did = match (is_new, applied.written.changed) {
        (true, _) => "Wrote",
        (false, true) => "Updated",
        (false, false) => "Config OK:",
    };
    printer.text(&format!("{did} {}", shorten(&paths.config_path, &paths.home)));
    for line in places {
        printer.text(&line);
    }
    printer.text(&format!("Start the gateway with: {}", profile.paths.start_command()));
    Ok(ExitCode::SUCCESS)
}
