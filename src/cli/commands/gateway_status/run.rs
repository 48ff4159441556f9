//! The commands: look, show, and say by the exit code whether a gateway answers.

use std::process::ExitCode;

use super::gather::gather;
use crate::cli::args::StatusArgs;
use crate::cli::commands::reach::{Known, block_on};
use crate::cli::error::ExpectedError;
use crate::cli::output::gateway_status::{self, Probe, Report};
use crate::cli::output::{Printer, overview};
use crate::platform::host;
use crate::profile::ResolvedProfile;

/// No gateway runs, or it cannot be reached.
const UNREACHABLE: u8 = 3;

/// `gateway status`: how the gateway of the profile is, as a service, as a process, and to a client.
pub(crate) fn run(
    args: &StatusArgs,
    profile: &ResolvedProfile,
    printer: &Printer,
) -> Result<ExitCode, ExpectedError> {
    let report = look(args, profile, printer)?;
    if args.client.json {
        printer.json(&gateway_status::json(&report));
    } else {
        printer.text(&gateway_status::screen(&report, printer.columns(), printer.paint()));
    }
    Ok(exit_code(&report, profile.explicit))
}

/// `status`: the gateway, its sessions, and what to do next.
pub(crate) fn overview(
    args: &StatusArgs,
    profile: &ResolvedProfile,
    printer: &Printer,
) -> Result<ExitCode, ExpectedError> {
    let report = look(args, profile, printer)?;
    if args.client.json {
        printer.json(&overview::json(&report, host::facts()));
    } else {
        let screen = overview::screen(&report, host::facts(), printer.columns(), printer.paint());
        printer.text(&screen);
    }
    Ok(exit_code(&report, profile.explicit))
}

fn look(args: &StatusArgs, profile: &ResolvedProfile, printer: &Printer) -> Result<Report, ExpectedError> {
    let known = Known::read(profile, printer);
    block_on(async { Ok(gather(args, &known).await) })
}

/// `is_named`: the profile was named, so that another one's gateway is none.
fn exit_code(report: &Report, is_named: bool) -> ExitCode {
    match &report.probe {
        Some(Probe::Refused { .. }) => ExitCode::FAILURE,
        Some(Probe::Answered { owner: Some(_), .. }) if is_named => ExitCode::FAILURE,
        _ if report.is_up() => ExitCode::SUCCESS,
        _ => ExitCode::from(UNREACHABLE),
    }
}
