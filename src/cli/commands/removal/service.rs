//! The gateway's service, as far as it is in the way.

use crate::cli::commands::service::manager;
use crate::cli::error::ExpectedError;
use crate::profile::ResolvedProfile;
use crate::service::{Runtime, ServiceError, ServiceManager};

/// A service that is installed.
#[derive(Debug)]
pub(super) struct Installed {
    manager: Box<dyn ServiceManager>,
    runs: bool,
}

/// The service of the profile; `None` when none is installed, or none can be on this system.
pub(super) fn installed(profile: &ResolvedProfile) -> Result<Option<Installed>, ExpectedError> {
    let Some(manager) = manager(profile).map_err(expected)? else { return Ok(None) };
    if manager.definition().map_err(expected)?.is_none() {
        return Ok(None);
    }
    // A manager that cannot be reached runs nothing.
    let runs = manager.available().is_ok()
        && matches!(manager.status().map_err(expected)?.runtime, Runtime::Running | Runtime::Starting);
    Ok(Some(Installed { manager, runs }))
}

impl Installed {
    /// Whether it runs now.
    pub(super) fn runs(&self) -> bool {
        self.runs
    }

    /// Stops it; it stays installed.
    pub(super) fn stop(&self) -> Result<(), ExpectedError> {
        self.manager.stop().map_err(expected)
    }

    /// Stops and removes it.
    pub(super) fn remove(&self) -> Result<(), ExpectedError> {
        self.manager.uninstall().map_err(expected)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the form that `map_err` calls")]
fn expected(error: ServiceError) -> ExpectedError {
    let mut lines = vec![format!("Error: {error}.")];
    if let ServiceError::Unavailable { hints, .. } = &error {
        lines.extend_from_slice(hints);
    }
    lines.push("Nothing was removed.".to_owned());
    ExpectedError::Failed(lines.join("\n"))
}
