//! How the gateway that runs was started.

use crate::cli::commands::instance;
use crate::cli::output::gateway_status::{Manager, Mode, Process};
use crate::client::target::RunningGateway;
use crate::platform::lock;
use crate::platform::ports::{Origin, manager_of};
use crate::profile::ProfilePaths;

/// What the machine says of this profile's processes.
#[derive(Debug, Default)]
pub(super) struct Machine {
    /// The harness.
    pub(super) harness: Option<u32>,
    /// The unit of the gateway, unless this command runs in the same.
    unit: Option<String>,
}

/// Asks. Blocks for some system calls.
pub(super) fn look(paths: &ProfilePaths, gateway: Option<u32>) -> Machine {
    let harness = lock::holder(&paths.harness_lock).ok().flatten().and_then(|text| instance::pid(&text));
    let own = manager_of(std::process::id());
    let unit = gateway.and_then(manager_of).filter(|unit| Some(unit) != own.as_ref());
    let unit = match unit {
        Some(Origin::Unit { name, .. }) => Some(name),
        _ => None,
    };
    Machine { harness, unit }
}

/// The process of a gateway that runs.
pub(super) fn of(running: &RunningGateway, manager: &Manager, machine: &Machine) -> Process {
    let service = manager.definition.as_ref().and_then(|definition| definition.path.file_name());
    let mode = match &machine.unit {
        _ if manager.running() == Some(running.pid) => Mode::Service,
        Some(unit) if service.is_some_and(|service| service == unit.as_str()) => Mode::Service,
        _ if machine.harness.is_some() => Mode::Dev,
        Some(unit) => Mode::Unit(unit.clone()),
        None => Mode::Foreground,
    };
    Process { pid: running.pid, mode, started_at_ms: running.started_at_ms }
}
