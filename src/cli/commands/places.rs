//! The directories that a gateway works in, made before its first start.

use std::fs;
use std::path::Path;

use crate::cli::error::ExpectedError;
use crate::config::Config;
use crate::gateway::agents::Roster;
use crate::harness::check_isolation;
use crate::platform::atomic;
use crate::profile::{ProfilePaths, shorten};

/// Makes what is missing of the workspace and of the default agent's sessions. Two lines, which are the published ones.
pub(super) fn prepare(
    workspace: &Path,
    config: &Config,
    paths: &ProfilePaths,
) -> Result<[String; 2], ExpectedError> {
    check_isolation(paths, workspace)?;
    let sessions = paths.state_dir.join("agents").join(Roster::of(config).default_id()).join("sessions");
    let show = |path: &Path| shorten(path, &paths.home);
    let failed = |path: &Path, error: std::io::Error| {
        ExpectedError::Failed(format!("Error: failed to make {}: {error}.", show(path)))
    };
    fs::create_dir_all(workspace).map_err(|error| failed(workspace, error))?;
    atomic::private_directory(&sessions).map_err(|error| failed(&sessions, error))?;
    Ok([format!("Workspace OK: {}", show(workspace)), format!("Sessions OK: {}", show(&sessions))])
}
