//! From the options, or the answers, to the file.

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use super::{ask, daemon};
use crate::cli::args::OnboardArgs;
use crate::cli::commands::config::{Applies, not_written};
use crate::cli::commands::places;
use crate::cli::commands::questions::Questions;
use crate::cli::commands::reach::environment;
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;
use crate::cli::prompt::{self, Prompt};
use crate::config::write::Written;
use crate::config::{Config, Document};
use crate::harness::check_isolation;
use crate::onboarding::{Answers, Applied, Plan, apply, fresh_token, usable};
use crate::profile::{ProfilePaths, ResolvedProfile, shorten};

/// Makes the configuration one that a gateway starts with, and says how.
pub(crate) fn run(
    args: OnboardArgs,
    profile: &ResolvedProfile,
    working_dir: Option<&Path>,
    printer: &Printer,
) -> Result<ExitCode, ExpectedError> {
    let paths = &profile.paths;
    // The workspace plays no part here.
    check_isolation(paths, &paths.state_dir)?;
    let env = environment(profile, printer);
    let (json, asks) = (args.json, !args.non_interactive && !args.json);
    check_consent(&args, asks, paths)?;
    if args.install_daemon && paths.dev_mode {
        let text = "--install-daemon means nothing to a development gateway, which belongs to a terminal.";
        return Err(ExpectedError::Usage(text.to_owned()));
    }
    let (accepted, flow, ask_health) = (args.accept_risk, args.flow, !args.skip_health);
    let mut installs = match (args.install_daemon, args.no_install_daemon) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    };
    let mut answers = answers(args)?;
    if asks {
        let nothing = "Nothing was written.";
        let prompt = Prompt::new(printer, &env);
        if !accepted && !ask::risk(prompt, printer).map_err(|stopped| stopped.before(nothing))? {
            return Err(ExpectedError::Failed(nothing.to_owned()));
        }
        let config = usable(&Document::load(&paths.config_path, &env));
        let questions = Questions { prompt, config: &config, paths };
        answers = ask::questions(&questions, flow, answers).map_err(|stopped| stopped.before(nothing))?;
        if installs.is_none() && daemon::is_possible(profile) {
            let asked = prompt.confirm("Install it as a service, which starts now and at every login?", true);
            installs = Some(asked.map_err(|stopped| stopped.before(nothing))?);
        }
    }
    let token = fresh_token()
        .map_err(|error| ExpectedError::Failed(format!("Error: failed to make a token: {error}.")))?;
    let installs = installs.unwrap_or(false);
    let Applied { plan, settings, written } =
        apply(&answers, &token, paths, &env).map_err(|error| not_written(error, paths))?;
    let config = Config::from_resolved(&written.after.resolved);
    let places = places::prepare(&settings.workspace, &config, paths)?;
    if !json {
        told(&plan, &written, &places, paths, printer);
    }
    if installs {
        let healthy = daemon::install(ask_health, profile, working_dir, printer)?;
        if healthy != ExitCode::SUCCESS {
            return Ok(healthy);
        }
    } else if !json {
        printer.text(&match Applies::find(&written, paths) {
            Applies::Always | Applies::NextStart => {
                format!("Start the gateway with: {}", profile.paths.start_command())
            }
            applies => applies.sentence().to_owned(),
        });
    }
    if json {
        printer.json(&json!({
            "ok": true,
            "config": paths.config_path,
            "changed": written.changed,
            "mode": "local",
            "workspace": settings.workspace,
            "authChoice": "skip",
            "gateway": {
                "port": settings.port,
                "bind": settings.bind,
                "authMode": settings.auth.mode,
                "tailscaleMode": settings.tailscale.mode,
            },
            "installDaemon": installs,
            "daemonRuntime": null,
            "skipSkills": true,
            "skipHealth": !ask_health,
            "tokenMade": plan.token_made,
            "notes": plan.notes,
        }));
    }
    Ok(ExitCode::SUCCESS)
}

/// What was written and made, line by line.
fn told(plan: &Plan, written: &Written, places: &[String], paths: &ProfilePaths, printer: &Printer) {
    let config = shorten(&paths.config_path, &paths.home);
    if written.changed {
        printer.text(&format!("Updated {config}"));
    } else {
        printer.text(&format!("{config} says all of this already."));
    }
    for note in &plan.notes {
        printer.text(note);
    }
    for line in places {
        printer.text(line);
    }
    if plan.token_made {
        let command = paths.command();
        printer.text("A token was made. Clients on this machine find it.");
        printer.text(&format!("For others: {command} config get gateway.auth.token --reveal"));
    }
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
        reset_on_exit: args.tailscale_reset_on_exit.then_some(true),
        workspace: args.workspace,
        renew_token: false,
        only_said: false,
    })
}
