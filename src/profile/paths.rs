//! Profile and environment → every path of a run.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{EnvMap, ProfileName};

/// What the command line said about the profile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfileRequest {
    /// `--dev` stood before the command (`clawdbot --dev gateway`).
    pub dev_before_command: bool,
    /// `--dev` stood after the command (`clawdbot gateway --dev`).
    pub dev_after_command: bool,
    /// `--profile NAME`.
    pub name: Option<ProfileName>,
}

/// Every path of one profile. Resolved once; all of them absolute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfilePaths {
    /// The profile's name; `None` for the default profile.
    pub name: Option<ProfileName>,
    /// Whether the gateway runs in dev mode.
    pub dev_mode: bool,
    /// The user's home directory.
    pub home: PathBuf,
    /// State directory.
    pub state_dir: PathBuf,
    /// Configuration file.
    pub config_path: PathBuf,
    /// Workspace when the configuration names none.
    pub default_workspace: PathBuf,
    /// `<STATE>/logs/gateway.log`.
    pub log_file: PathBuf,
    /// Lock of the serving gateway: `<STATE>/gateway.lock`.
    pub gateway_lock: PathBuf,
    /// Lock of the harness: `<STATE>/harness.lock`.
    pub harness_lock: PathBuf,
    /// Runtime file of the serving gateway: `<STATE>/gateway.json`.
    pub runtime_file: PathBuf,
    /// The profile's environment file: `<STATE>/.env`.
    pub dotenv: PathBuf,
    /// The port when neither flag, environment, nor configuration names one.
    pub default_port: u16,
}

/// A resolved profile and what has to be said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolvedProfile {
    /// The paths.
    pub paths: ProfilePaths,
    /// The environment for everything that follows: inherited variables that point elsewhere are gone.
    pub env: EnvMap,
    /// At most one line, about inherited variables that were ignored.
    pub warning: Option<String>,
    /// Whether the profile was named on the command line.
    pub explicit: bool,
}

/// Resolves the profile. Fails when there is no home directory or the flags contradict each other.
pub fn resolve(
    _request: &ProfileRequest,
    _env: &EnvMap,
    _home: Option<PathBuf>,
) -> Result<ResolvedProfile, String> {
    Err("profile resolution is not built yet".to_owned())
}
