//! `clawdbot reset`.

use std::process::ExitCode;

use super::perform::{ServiceStep, Task, may_ask, perform};
use crate::cli::args::{ResetArgs, ResetScope};
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;
use crate::cli::prompt::{Choice, Prompt};
use crate::profile::ResolvedProfile;
use crate::removal::Wanted;

const SCOPES: [(ResetScope, Choice); 3] = [
    (ResetScope::Config, Choice { name: "config", meaning: "the configuration alone" }),
    (ResetScope::Records, Choice { name: "config+creds+sessions", meaning: "credentials and sessions too" }),
    (ResetScope::Full, Choice { name: "full", meaning: "the whole state, and the workspaces" }),
];

/// Removes as much as the scope says.
pub(crate) fn run(
    args: &ResetArgs,
    profile: &ResolvedProfile,
    printer: &Printer,
) -> Result<ExitCode, ExpectedError> {
    let scope = match args.scope {
        Some(scope) => scope,
        None if may_ask(args.removal) => {
            let choices = SCOPES.map(|(_, choice)| choice);
            let asked = Prompt::new(printer, &profile.env).select("Reset how much?", &choices, 0);
            SCOPES[asked.map_err(|stopped| stopped.before("Nothing was removed."))?].0
        }
        None => return Err(ExpectedError::Usage("Non-interactive mode requires --scope.".to_owned())),
    };
    let wanted = match scope {
        ResetScope::Config => Wanted { config: true, ..Wanted::NOTHING },
        ResetScope::Records => Wanted { config: true, records: true, ..Wanted::NOTHING },
        ResetScope::Full => Wanted { state: true, workspaces: true, ..Wanted::NOTHING },
    };
    // A service would start again with what is left.
    let task = Task { wanted, service: ServiceStep::Stop };
    let done = perform(task, args.removal, profile, printer)?;
    if done && scope != ResetScope::Config && !args.removal.json {
        printer.text(&format!("Next: {} onboard --install-daemon", profile.paths.command()));
    }
    Ok(ExitCode::SUCCESS)
}
