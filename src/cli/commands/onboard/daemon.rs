//! The service at the end of onboarding.

use std::path::Path;
use std::process::ExitCode;

use crate::cli::args::{ClientArgs, InstallArgs, ServiceCommand};
use crate::cli::commands::{health, service};
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;
use crate::profile::ResolvedProfile;

/// How long the gateway may take to answer, in milliseconds.
const PATIENCE_MS: u64 = 15_000;

/// Whether a service could be installed; where it could not, nobody is asked.
pub(super) fn is_possible(profile: &ResolvedProfile) -> bool {
    // A development gateway belongs to a terminal.
    !profile.paths.dev_mode
        && matches!(service::manager(profile), Ok(Some(manager)) if manager.available().is_ok())
}

/// Installs the service, starts it, and asks the gateway how it is.
pub(super) fn install(
    ask_health: bool,
    profile: &ResolvedProfile,
    working_dir: Option<&Path>,
    printer: &Printer,
) -> Result<ExitCode, ExpectedError> {
    let command = ServiceCommand::Install(InstallArgs { start: true, ..InstallArgs::default() });
    service::run(&command, profile, working_dir, printer)?;
    if !ask_health {
        return Ok(ExitCode::SUCCESS);
    }
    let client = ClientArgs {
        url: None,
        token: None,
        password: None,
        tls_fingerprint: None,
        timeout_ms: PATIENCE_MS,
        json: false,
    };
    health::run(&client, profile, printer)
}
