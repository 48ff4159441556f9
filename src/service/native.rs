//! The service manager of a machine.

use super::spec::System;
use super::systemd::Systemd;
use super::{ServiceManager, ServiceNames};
use crate::platform::exec::CommandRunner;
use crate::platform::surroundings::Surroundings;
use crate::profile::ProfilePaths;

/// The manager of `system` for one profile's gateway. `None` when it is not supported yet.
///
/// All of them compile everywhere: the system is a value ([`crate::platform::host::facts`]).
pub fn native<'a>(
    system: System,
    profile: &ProfilePaths,
    names: &ServiceNames,
    runner: &'a dyn CommandRunner,
) -> Option<Box<dyn ServiceManager + 'a>> {
    match system {
        System::Linux => Some(Box::new(Systemd::new(&profile.home, &names.unit, runner, Surroundings::read))),
        // launchd needs `platform::surroundings::user_id` for its domain `gui/UID`; the script of schtasks stands in
        // the state directory.
        System::Mac | System::Windows => None,
    }
}
