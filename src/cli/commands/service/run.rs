//! From a command about the service to its outcome.

use std::path::Path;
use std::process::ExitCode;

use super::outcome::{Done, Failure};
use super::{control, install};
use crate::cli::args::ServiceCommand;
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;
use crate::platform::exec::SystemRunner;
use crate::platform::host;
use crate::profile::{ResolvedProfile, vars};
use crate::service::{self, ServiceManager, ServiceNames, System};

/// Everything that the commands work with.
pub(super) struct Scene<'a> {
    pub(super) profile: &'a ResolvedProfile,
    pub(super) working_dir: Option<&'a Path>,
    pub(super) system: System,
    pub(super) names: ServiceNames,
    pub(super) manager: Box<dyn ServiceManager + 'a>,
}

/// Does what the command says with the service of the profile.
pub(crate) fn run(
    command: &ServiceCommand,
    profile: &ResolvedProfile,
    working_dir: Option<&Path>,
    printer: &Printer,
) -> Result<ExitCode, ExpectedError> {
    let scene = match scene(command, profile, working_dir) {
        Ok(scene) => scene,
        Err(failure) => return failure.tell(command, None, printer),
    };
    let manager = scene.manager.as_ref();
    let outcome = match command {
        ServiceCommand::Install(args) => install::install(args, &scene),
        ServiceCommand::Uninstall(_) => control::uninstall(&scene),
        ServiceCommand::Start(_) => control::start(&scene),
        ServiceCommand::Stop(_) => control::stop(&scene),
        ServiceCommand::Restart(_) => control::restart(&scene),
    };
    match outcome {
        Ok(done) => {
            done.tell(command, manager, printer);
            Ok(ExitCode::SUCCESS)
        }
        Err(failure) => failure.tell(command, Some(manager), printer),
    }
}

fn scene<'a>(
    command: &ServiceCommand,
    profile: &'a ResolvedProfile,
    working_dir: Option<&'a Path>,
) -> Result<Scene<'a>, Failure> {
    if matches!(command, ServiceCommand::Install(_) | ServiceCommand::Uninstall(_))
        && profile.env.get(vars::NIX_MODE) == Some("1")
    {
        let name = command.name();
        return Err(Failure::failed(format!("Nix mode detected; service {name} is disabled.")));
    }
    let names = service::names(profile).map_err(|error| Failure::refused(error.to_string()))?;
    let os = host::facts().os;
    let system = System::named(os);
    let manager = system.and_then(|system| service::native(system, &profile.paths, &names, &SystemRunner));
    match (system, manager) {
        (Some(system), Some(manager)) => Ok(Scene { profile, working_dir, system, names, manager }),
        _ => Err(Failure::failed(format!("Gateway service {} not supported on {os}", command.name()))),
    }
}

impl Done {
    /// Says what was done.
    fn tell(&self, command: &ServiceCommand, manager: &dyn ServiceManager, printer: &Printer) {
        if command.json() {
            printer.json(&self.to_json(command.name(), manager.words()));
            return;
        }
        self.warnings.iter().for_each(|warning| printer.error(warning));
        self.lines.iter().for_each(|line| printer.tick(line));
        self.notes.iter().for_each(|note| printer.text(note));
    }
}

impl Failure {
    /// Says what went wrong: as JSON here, for people where all errors are printed.
    fn tell(
        self,
        command: &ServiceCommand,
        manager: Option<&dyn ServiceManager>,
        printer: &Printer,
    ) -> Result<ExitCode, ExpectedError> {
        if command.json() {
            printer.json(&self.to_json(command.name(), manager.map(ServiceManager::words)));
            return Ok(self.error.exit_code());
        }
        Err(self.for_people())
    }
}
