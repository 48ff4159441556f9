//! The service manager for one profile, for commands that do other things besides.

use crate::platform::exec::SystemRunner;
use crate::platform::host;
use crate::profile::ResolvedProfile;
use crate::service::{self, ServiceError, ServiceManager, System};

/// The manager; `None` where there is none that this program knows.
pub(crate) fn manager(profile: &ResolvedProfile) -> Result<Option<Box<dyn ServiceManager>>, ServiceError> {
    let names = service::names(profile)?;
    let system = System::named(host::facts().os);
    Ok(system.and_then(|system| service::native(system, &profile.paths, &names, &SystemRunner)))
}
