//! From the options, or the answers, to the file.

use std::process::ExitCode;

use serde_json::json;

use super::ask;
use crate::cli::args::OnboardArgs;
use crate::cli::commands::config::{Applies, not_written};
use crate::cli::commands::reach::environment;
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;
use crate::cli::prompt;
use crate::config::Document;
use crate::harness::check_isolation;
use crate::onboarding::{Answers, Applied, apply, fresh_token, usable};
use crate::profile::{ProfilePaths, ResolvedProfile, shorten};

/// Makes the configuration one that a gateway starts with, and says how.
pub(crate) fn run(
    args: OnboardArgs,
    profile: &ResolvedProfile,
    printer: &Printer,
) -> Result<ExitCode, ExpectedError> {
    let paths = &profile.paths;
    // The workspace plays no part here.
    check_isolation(paths, &paths.state_dir)?;
    let env = environment(profile, printer);
    let (json, asks) = (args.json, !args.non_interactive && !args.json);
    check_consent(&args, asks, paths)?;
    let accepted = args.accept_risk;
    let mut answers = answers(args)?;
    if asks {
        let stopped = || ExpectedError::Failed("Nothing was written.".to_owned());
        let failed = |error| ExpectedError::Failed(format!("Error: failed to ask: {error}."));
        if !accepted && !ask::risk(printer).map_err(failed)? {
            return Err(stopped());
        }
        let config = usable(&Document::load(&paths.config_path, &env));
        let asked = ask::questions(answers, &config, paths.default_port, printer).map_err(failed)?;
        answers = asked.ok_or_else(stopped)?;
    }
    let token = fresh_token()
        .map_err(|error| ExpectedError::Failed(format!("Error: failed to make a token: {error}.")))?;
    let Applied { plan, settings, written } =
        apply(&answers, &token, paths, &env).map_err(|error| not_written(error, paths))?;
    if json {
        printer.json(&json!({
            "ok": true,
            "config": paths.config_path,
            "changed": written.changed,
            "mode": "local",
            "workspace": settings.workspace,
            "gateway": {
                "port": settings.port,
                "bind": settings.bind,
                "authMode": settings.auth.mode,
                "tailscaleMode": settings.tailscale.mode,
            },
            "tokenMade": plan.token_made,
            "notes": plan.notes,
        }));
        return Ok(ExitCode::SUCCESS);
    }
    let config = shorten(&paths.config_path, &paths.home);
    if written.changed {
        printer.text(&format!("Updated {config}"));
    } else {
        printer.text(&format!("{config} says all of this already."));
    }
    for note in &plan.notes {
        printer.text(note);
    }
    if plan.token_made {
        let command = paths.command();
        printer.text(&format!(
            "A token was made. Clients on this machine find it; for others: {command} config get \
             gateway.auth.token --reveal"
        ));
    }
    match Applies::find(&written, paths) {
        Applies::Always | Applies::NextStart => {
            printer.text(&format!("Start the gateway with: {}", profile.paths.start_command()));
        }
        applies => printer.text(applies.sentence()),
    }
    Ok(ExitCode::SUCCESS)
}

/// Without a person at a terminal, nobody can be asked.
fn check_consent(args: &OnboardArgs, asks: bool, paths: &ProfilePaths) -> Result<(), ExpectedError> {
    let command = paths.command();
    if asks && !prompt::possible() {
        return Err(ExpectedError::Failed(format!(
            "Onboarding asks questions, and there is no terminal to ask them on.\n\
             Re-run with: {command} onboard --non-interactive --accept-risk"
        )));
    }
    if !asks && !args.accept_risk {
        return Err(ExpectedError::Failed(format!(
            "Non-interactive onboarding requires explicit risk acknowledgement.\n\
             Read: https://docs.clawd.bot/security\n\
             Re-run with: {command} onboard --non-interactive --accept-risk ..."
        )));
    }
    Ok(())
}

fn answers(args: OnboardArgs) -> Result<Answers, ExpectedError> {
    let port = args.gateway_port.map(|text| text.trim().parse::<u16>().ok().filter(|port| *port != 0));
    if port == Some(None) {
        return Err(ExpectedError::Failed("Invalid --gateway-port".to_owned()));
    }
    Ok(Answers {
        port: port.flatten(),
        bind: args.gateway_bind,
        auth: args.gateway_auth,
        token: args.gateway_token,
        password: args.gateway_password,
        tailscale: args.tailscale,
        reset_on_exit: args.tailscale_reset_on_exit,
        workspace: args.workspace,
    })
}
