//! What `reset` and `uninstall` share: look, say, ask, remove.

use serde_json::json;

use super::service::{self, Installed};
use crate::cli::args::RemovalArgs;
use crate::cli::commands::reach::environment;
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;
use crate::cli::prompt::{self, Prompt};
use crate::config::Document;
use crate::onboarding::usable;
use crate::profile::{ResolvedProfile, shorten};
use crate::removal::{self, Removal, Report, Request, Wanted};
use crate::settings::{configured_workspace, configured_workspaces};

/// What happens to the gateway's service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ServiceStep {
    /// Nothing.
    Leave,
    /// It is stopped, and starts again when it is started.
    Stop,
    /// It is stopped and removed.
    Remove,
}

/// What shall go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Task {
    pub(super) wanted: Wanted,
    pub(super) service: ServiceStep,
}

const NOTHING: &str = "Nothing was removed.";

/// Whether a person is there and may be asked.
pub(super) fn may_ask(args: RemovalArgs) -> bool {
    !args.non_interactive && !args.json && prompt::possible()
}

/// Says what would go, asks unless that was said already, and removes it. Returns whether something was removed.
pub(super) fn perform(
    task: Task,
    args: RemovalArgs,
    profile: &ResolvedProfile,
    printer: &Printer,
) -> Result<bool, ExpectedError> {
    let paths = &profile.paths;
    if !args.dry_run && !args.yes && !may_ask(args) {
        return Err(ExpectedError::Usage("Non-interactive mode requires --yes.".to_owned()));
    }
    let env = environment(profile, printer);
    let config = usable(&Document::load(&paths.config_path, &env));
    let mut workspaces = configured_workspaces(&config, paths);
    // That of an agent without one of its own.
    workspaces.push(configured_workspace(&config, paths).unwrap_or_else(|| paths.default_workspace.clone()));
    let request = Request {
        paths,
        env: &env,
        wanted: task.wanted,
        workspaces,
        discard_unsaved: args.discard_unsaved,
        discard_flag: "--discard-unsaved",
        harness_lock: None,
    };
    let removals = removal::preview(&request)?;
    let installed = match task.service {
        ServiceStep::Leave => None,
        ServiceStep::Stop => service::installed(profile)?.filter(Installed::runs),
        ServiceStep::Remove => service::installed(profile)?,
    };
    // A gateway of the service is stopped first; any other one is somebody's.
    if !removals.is_empty() && !installed.as_ref().is_some_and(Installed::runs) {
        removal::check_unused(&request)?;
    }

    let show = |removal: &Removal| shorten(&removal.path, &paths.home);
    let verb = if task.service == ServiceStep::Stop { "stop" } else { "remove" };
    let mut announced: Vec<String> = Vec::new();
    announced.extend(installed.iter().map(|_| format!("{verb} gateway service")));
    announced.extend(removals.iter().map(|removal| format!("remove {}", show(removal))));
    let summary = |report: &Report| {
        let removed: Vec<_> = report.removed.iter().map(|removal| &removal.path).collect();
        let service = installed.as_ref().map(|_| verb);
        json!({
            "ok": true, "dryRun": args.dry_run, "service": service, "removed": removed, "toTrash": report.to_trash,
        })
    };
    if announced.is_empty() || args.dry_run {
        let report = Report { removed: removals, to_trash: false };
        if args.json {
            printer.json(&summary(&report));
        } else if announced.is_empty() {
            printer.text("There is nothing to remove.");
        } else {
            for line in &announced {
                printer.text(&format!("[dry-run] {line}"));
            }
        }
        return Ok(false);
    }
    if !args.yes {
        printer.error("This will:");
        for line in &announced {
            printer.error(&format!("  {line}"));
        }
        let meant = Prompt::new(printer, &env).confirm("Go on?", false);
        if !meant.map_err(|stopped| stopped.before(NOTHING))? {
            return Err(ExpectedError::Failed(NOTHING.to_owned()));
        }
    }

    if let Some(service) = &installed {
        match task.service {
            ServiceStep::Remove => service.remove()?,
            ServiceStep::Stop | ServiceStep::Leave => service.stop()?,
        }
        if !args.json {
            let did = if task.service == ServiceStep::Remove { "Removed" } else { "Stopped" };
            printer.text(&format!("{did} gateway service"));
        }
    }
    let report = removal::remove(&request)?;
    if args.json {
        printer.json(&summary(&report));
        return Ok(true);
    }
    let did = if report.to_trash { "Moved to trash:" } else { "Removed" };
    for removal in &report.removed {
        printer.text(&format!("{did} {}", show(removal)));
    }
    Ok(true)
}
