//! Which log is shown, its first lines, and the end.

use std::path::Path;
use std::process::ExitCode;

use super::sources::{Snapshot, Source, snapshot};
use super::view::{End, View};
use super::{follow, remote};
use crate::cli::args::LogsArgs;
use crate::cli::commands::reach;
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;
use crate::config::load;
use crate::config::schema::GatewayMode;
use crate::platform::exec::SystemRunner;
use crate::platform::host;
use crate::profile::ResolvedProfile;
use crate::service::{self, System};
use crate::settings::log_file;

/// Shows the log of the profile's gateway, whether it runs or not; of one elsewhere what it says itself.
pub(crate) fn run(
    args: &LogsArgs,
    profile: &ResolvedProfile,
    printer: &Printer,
) -> Result<ExitCode, ExpectedError> {
    let view = View::new(args, printer);
    let config = reach::usable(&load(&profile.paths.config_path, &reach::environment(profile, printer)));
    let is_elsewhere = args.client.url.is_some() || config.gateway.mode == Some(GatewayMode::Remote);
    let shown = if is_elsewhere {
        remote::show(args, &view, profile, printer)
    } else {
        local(args, &view, &log_file(&config, &profile.paths), profile)
    };
    match shown {
        Ok(()) | Err(End::NobodyReads) => Ok(ExitCode::SUCCESS),
        Err(End::Failed(error)) => Err(error),
    }
}

fn local(args: &LogsArgs, view: &View<'_>, path: &Path, profile: &ResolvedProfile) -> Result<(), End> {
    let shown = profile.paths.display(path);
    let failed = |error| End::Failed(ExpectedError::Failed(format!("failed to read {shown}: {error}")));
    let log = Source::log(path).map_err(failed)?;
    let exists = log.file.exists();
    if exists {
        view.origin(&path.display().to_string(), log.file.at(), log.file.at())?;
    }
    let unit = unit(profile);
    let mut sources = vec![log];
    sources.extend(Source::outputs(&service::spec::output_logs(&profile.paths)));

    let runner = SystemRunner;
    let Snapshot { entries, seen, cursor, journal_fault } =
        snapshot(&sources, unit.as_deref(), view, &runner).map_err(failed)?;
    if !exists {
        let state =
            if args.follow { "waiting for it" } else { "no gateway of this profile has logged anything yet" };
        view.notice(&format!("No log file at {shown}; {state}."))?;
    }
    if let Some(fault) = &journal_fault {
        view.notice(&format!("The journal of the service was not read: {fault}"))?;
    }
    view.show(&entries)?;
    if !args.follow {
        return Ok(());
    }
    let journal = unit.filter(|_| journal_fault.is_none()).map(|unit| follow::Journal { unit, cursor });
    follow::follow(sources, seen, journal.as_ref(), args.interval, view)
}

/// The unit of the gateway, where it is a service of systemd.
fn unit(profile: &ResolvedProfile) -> Option<String> {
    let system = System::named(host::facts().os).filter(|system| *system == System::Linux)?;
    let names = service::names(profile).ok()?;
    let manager = service::native(system, &profile.paths, &names, &SystemRunner)?;
    manager.definition().ok()??;
    Some(names.unit)
}
