//! The service manager of a machine.

use super::launchd::Launchd;
use super::schtasks::Schtasks;
use super::spec::System;
use super::systemd::Systemd;
use super::{ServiceManager, ServiceNames};
use crate::platform::exec::CommandRunner;
use crate::platform::surroundings::{self, Surroundings};
use crate::profile::ProfilePaths;

/// The manager of `system` for one profile's gateway. `None` when nobody knows who the user is.
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
        System::Mac => {
            let user = surroundings::user_id()?;
            Some(Box::new(Launchd::new(&names.label, profile, user, runner)))
        }
        System::Windows => {
            let user = surroundings::account()?;
            Some(Box::new(Schtasks::new(&names.task, profile, &user, runner)))
        }
    }
}
