//! Command line and environment → one profile.
//!
//! A flag beats inherited variables that point elsewhere. Dev mode never gets a path of the default profile,
//! whatever the environment says.

use std::path::{Path, PathBuf};

use super::lexical::{collapse, normalise, shorten};
use super::{DefaultProfile, EnvMap, ProfileName, ProfilePaths, vars};

/// The published default port.
const DEFAULT_PORT: u16 = 18_789;

/// The published port of profile `dev`.
const DEV_PORT: u16 = 19_001;

/// What the command line said about the profile, and where it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfileRequest {
    /// `--dev` stood before the command (`clawdbot --dev gateway`).
    pub dev_before_command: bool,
    /// `--dev` stood after the command (`clawdbot gateway --dev`).
    pub dev_after_command: bool,
    /// `--profile NAME`.
    pub name: Option<ProfileName>,
    /// The working directory, from which relative paths in the environment start.
    pub working_dir: Option<PathBuf>,
}

/// A resolved profile and what has to be said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolvedProfile {
    /// The paths.
    pub paths: ProfilePaths,
    /// The environment for everything that follows: inherited variables that point elsewhere are gone, and
    /// those of a named profile say what was resolved.
    pub env: EnvMap,
    /// At most one line, about inherited variables that were ignored.
    pub warning: Option<String>,
    /// Whether the profile was named on the command line.
    pub explicit: bool,
}

/// Why no profile could be resolved. The texts are for the person at the terminal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// `--dev` and another `--profile`. The text is the published program's.
    #[error("[clawdbot] Cannot combine --dev with --profile")]
    Contradiction,
    /// `CLAWDBOT_PROFILE` holds no profile name.
    #[error("[clawdbot] Invalid CLAWDBOT_PROFILE {0:?} (use letters, numbers, \"_\", \"-\" only)")]
    InvalidEnvironmentName(String),
    /// There is no home directory.
    #[error(
        "HOME is not set, so there is no place for profiles. Set it to your home directory, for example: HOME=/home/you clawdbot gateway"
    )]
    HomeUnset,
    /// The home directory depends on the working directory.
    #[error(
        "HOME is the relative path {0:?}. Set it to an absolute path, for example: HOME=/home/you clawdbot gateway"
    )]
    HomeRelative(PathBuf),
    /// A path in the environment is relative and there is no working directory to start from.
    #[error("{name} is the relative path {value:?}, and the working directory is gone. Use an absolute path")]
    RelativePath {
        /// The variable.
        name: &'static str,
        /// Its value.
        value: String,
    },
}

/// Resolves the profile.
pub fn resolve(
    request: &ProfileRequest,
    env: &EnvMap,
    home: Option<PathBuf>,
) -> Result<ResolvedProfile, ProfileError> {
    let home = absolute_home(home)?;
    let dev_flag = request.dev_before_command || request.dev_after_command;
    let explicit = dev_flag || request.name.is_some();
    let typed = match &request.name {
        Some(name) if dev_flag && !name.is_dev() => return Err(ProfileError::Contradiction),
        Some(name) => Some(name.clone()),
        None if dev_flag => Some(ProfileName::dev()),
        None => environment_name(env)?,
    };
    // There is one dev profile, however it is capitalised.
    let typed = typed.map(|name| if name.is_dev() { ProfileName::dev() } else { name });
    let name = typed.clone().filter(|name| !name.is_default());
    let dev_mode = name.as_ref().is_some_and(ProfileName::is_dev);

    let own = Own::of(name.as_ref(), &home, request);
    let inherited = Inherited::read(env, &home, request.working_dir.as_deref())?;
    let ignored = inherited.ignored(explicit, dev_mode, &own, &DefaultProfile::of(&home));

    let state_dir =
        inherited.state_dir.filter(|_| !ignored.state_dir).unwrap_or_else(|| own.state_dir.clone());
    let config_path = inherited
        .config_path
        .filter(|_| !ignored.config_path)
        .unwrap_or_else(|| state_dir.join("clawdbot.json"));

    let mut env = env.clone();
    for variable in ignored.names() {
        env.remove(variable);
    }
    if let Some(typed) = &typed {
        env.set(vars::PROFILE, typed.as_str());
        env.set(vars::STATE_DIR, &state_dir.to_string_lossy());
        env.set(vars::CONFIG_PATH, &config_path.to_string_lossy());
    }

    let warning = ignored.warning(explicit, typed.as_ref(), &state_dir, &home);
    let paths = ProfilePaths {
        log_file: state_dir.join("logs").join("gateway.log"),
        gateway_lock: state_dir.join("gateway.lock"),
        harness_lock: state_dir.join("harness.lock"),
        runtime_file: state_dir.join("gateway.json"),
        dotenv: state_dir.join(".env"),
        default_workspace: own.workspace,
        default_port: own.port,
        name,
        dev_mode,
        home,
        state_dir,
        config_path,
    };
    Ok(ResolvedProfile { paths, env, warning, explicit })
}

fn absolute_home(home: Option<PathBuf>) -> Result<PathBuf, ProfileError> {
    let home = home.filter(|home| !home.as_os_str().is_empty()).ok_or(ProfileError::HomeUnset)?;
    if home.is_absolute() { Ok(collapse(&home)) } else { Err(ProfileError::HomeRelative(home)) }
}

fn environment_name(env: &EnvMap) -> Result<Option<ProfileName>, ProfileError> {
    env.get(vars::PROFILE)
        .map(|text| {
            ProfileName::parse(text).map_err(|_| ProfileError::InvalidEnvironmentName(text.to_owned()))
        })
        .transpose()
}

/// What the profile's name alone says.
struct Own {
    state_dir: PathBuf,
    workspace: PathBuf,
    port: u16,
}

impl Own {
    fn of(name: Option<&ProfileName>, home: &Path, request: &ProfileRequest) -> Self {
        let suffix = name.map(|name| format!("-{}", name.as_str())).unwrap_or_default();
        let dev = name.is_some_and(ProfileName::is_dev);
        Self {
            state_dir: home.join(format!(".clawdbot{suffix}")),
            workspace: home.join(format!("clawd{suffix}")),
            // `gateway --dev` is documented with the default port; every other way into the profile has the
            // published port of profile `dev`.
            port: if dev && !request.dev_after_command { DEV_PORT } else { DEFAULT_PORT },
        }
    }
}

/// What the environment says.
struct Inherited {
    state_dir: Option<PathBuf>,
    config_path: Option<PathBuf>,
    port: Option<u16>,
}

impl Inherited {
    fn read(env: &EnvMap, home: &Path, working_dir: Option<&Path>) -> Result<Self, ProfileError> {
        let path = |name: &'static str| {
            env.get(name)
                .map(|value| {
                    normalise(value, home, working_dir)
                        .ok_or_else(|| ProfileError::RelativePath { name, value: value.to_owned() })
                })
                .transpose()
        };
        Ok(Self {
            state_dir: path(vars::STATE_DIR)?,
            config_path: path(vars::CONFIG_PATH)?,
            port: env.port(),
        })
    }

    fn ignored(&self, explicit: bool, dev_mode: bool, own: &Own, default: &DefaultProfile) -> Ignored {
        let elsewhere = |path: &Option<PathBuf>, own: &Path| {
            path.as_deref().is_some_and(|path| (explicit && path != own) || (dev_mode && default.owns(path)))
        };
        Ignored {
            state_dir: elsewhere(&self.state_dir, &own.state_dir),
            config_path: elsewhere(&self.config_path, &own.state_dir.join("clawdbot.json")),
            port: explicit && self.port.is_some_and(|port| port != own.port),
        }
    }
}

/// Which inherited variables do not count.
struct Ignored {
    state_dir: bool,
    config_path: bool,
    port: bool,
}

impl Ignored {
    fn names(&self) -> Vec<&'static str> {
        [
            (self.state_dir, vars::STATE_DIR),
            (self.config_path, vars::CONFIG_PATH),
            (self.port, vars::GATEWAY_PORT),
        ]
        .into_iter()
        .filter_map(|(ignored, name)| ignored.then_some(name))
        .collect()
    }

    fn warning(
        &self,
        explicit: bool,
        name: Option<&ProfileName>,
        state_dir: &Path,
        home: &Path,
    ) -> Option<String> {
        let names = self.names();
        if names.is_empty() {
            return None;
        }
        let profile = name.map_or("default", ProfileName::as_str);
        let state_dir = shorten(state_dir, home);
        let reason = if explicit {
            format!("the command line selects profile {profile} ({state_dir}).")
        } else {
            format!("dev mode keeps away from the default profile and uses {state_dir}.")
        };
        Some(format!("Ignoring {} from the environment: {reason}", names.join(", ")))
    }
}

#[cfg(test)]
mod tests;
