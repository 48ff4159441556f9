//! `clawdbot uninstall`.

use std::process::ExitCode;

use super::perform::{ServiceStep, Task, may_ask, perform};
use crate::cli::args::UninstallArgs;
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;
use crate::cli::prompt::{Prompt, Stopped};
use crate::profile::{ResolvedProfile, shorten};
use crate::removal::Wanted;

/// What shall go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Scopes {
    service: bool,
    state: bool,
    workspace: bool,
}

/// Removes what is named.
pub(crate) fn run(
    args: &UninstallArgs,
    profile: &ResolvedProfile,
    printer: &Printer,
) -> Result<ExitCode, ExpectedError> {
    let named = Scopes {
        service: args.service || args.all,
        state: args.state || args.all,
        workspace: args.workspace || args.all,
    };
    let nothing = Scopes { service: false, state: false, workspace: false };
    let scopes = if named != nothing {
        named
    } else if may_ask(args.removal) {
        ask(profile, printer).map_err(|stopped| stopped.before("Nothing was removed."))?
    } else {
        let text = "Non-interactive mode requires explicit scopes (use --all).";
        return Err(ExpectedError::Usage(text.to_owned()));
    };
    let task = Task {
        wanted: Wanted { state: scopes.state, workspaces: scopes.workspace, ..Wanted::NOTHING },
        service: if scopes.service { ServiceStep::Remove } else { ServiceStep::Leave },
    };
    let done = perform(task, args.removal, profile, printer)?;
    if done && !args.removal.json {
        if scopes.state && !scopes.workspace {
            printer.text("Tip: workspaces were preserved. Re-run with --workspace to remove them.");
        }
        printer.text("The program itself is still installed.");
    }
    Ok(ExitCode::SUCCESS)
}

fn ask(profile: &ResolvedProfile, printer: &Printer) -> Result<Scopes, Stopped> {
    let prompt = Prompt::new(printer, &profile.env);
    let state = shorten(&profile.paths.state_dir, &profile.paths.home);
    Ok(Scopes {
        service: prompt.confirm("Remove the gateway service?", true)?,
        state: prompt.confirm(&format!("Remove the state and the configuration ({state})?"), false)?,
        workspace: prompt.confirm("Remove the workspaces?", false)?,
    })
}
