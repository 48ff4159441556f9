//! The gateway as a service. The manager is asked only when there is a definition.

use std::path::Path;
use std::time::Instant;

use crate::doctor::facts::ServiceFacts;
use crate::platform::exec::{CommandLine, CommandOutput, CommandRunner, ExecError, SystemRunner};
use crate::platform::host;
use crate::profile::ResolvedProfile;
use crate::service::{self, ServiceError, System, audit, spec};
use crate::settings::GatewaySettings;

/// Runs commands until a moment: what the manager does not say by then is not waited for.
#[derive(Debug, Clone, Copy)]
struct Until(Instant);

impl CommandRunner for Until {
    fn run(&self, command: &CommandLine) -> Result<CommandOutput, ExecError> {
        let left = self.0.saturating_duration_since(Instant::now());
        SystemRunner.run(&command.clone().timeout(command.timeout.min(left)))
    }
}

/// What is installed for this profile; `None` where there is no manager that is understood.
pub(super) fn look(
    settings: Option<&GatewaySettings>,
    profile: &ResolvedProfile,
    until: Instant,
) -> Option<ServiceFacts> {
    let system = System::named(host::facts().os)?;
    let unreadable =
        |error: ServiceError| ServiceFacts { definition: Err(error.to_string()), ..ServiceFacts::none() };
    let names = match service::names(profile) {
        Ok(names) => names,
        Err(error) => return Some(unreadable(error)),
    };
    let runner = Until(until);
    let manager = service::native(system, &profile.paths, &names, &runner)?;
    let definition = match manager.definition() {
        Ok(Some(definition)) => definition,
        Ok(None) => return Some(ServiceFacts::none()),
        Err(error) => return Some(unreadable(error)),
    };
    let program = definition.argv.first().map(Path::new);
    let drift = settings.zip(program).map(|(settings, program)| {
        let spec = spec::build(&spec::Facts {
            system,
            profile: &profile.paths,
            names: &names,
            // Where the program is, is for whoever installs it; whether it is there is looked at.
            program,
            port: settings.port,
            bind: settings.bind,
            allow_unconfigured: definition.argv.iter().any(|word| word == "--allow-unconfigured"),
        });
        audit::drift(&definition, &manager.parse(&manager.render(&spec)))
    });
    Some(ServiceFacts {
        has_program: program.is_some_and(Path::is_file),
        status: Some(manager.status().map_err(|error| error.to_string())),
        lingers: manager.lingers(),
        drift: drift.into_iter().flatten().map(|drift| drift.message).collect(),
        log: manager.by_hand().log,
        definition: Ok(Some(definition)),
    })
}
