//! The paths of one profile, and those of the default profile that dev mode keeps away from.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::ProfileName;
use super::lexical::{is_within, shorten};

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

/// The directories of the default profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefaultProfile {
    /// `~/.clawdbot`.
    pub state_dir: PathBuf,
    /// `~/clawd`.
    pub workspace: PathBuf,
}

impl DefaultProfile {
    /// The default profile of the user whose home is `home`.
    pub fn of(home: &Path) -> Self {
        Self { state_dir: home.join(".clawdbot"), workspace: home.join("clawd") }
    }

    /// Whether `path`, normalised, is one of the directories or lies in one.
    pub fn owns(&self, path: &Path) -> bool {
        is_within(path, &self.state_dir) || is_within(path, &self.workspace)
    }
}

impl ProfilePaths {
    /// `path` for people: shortened with `~` in dev mode, in full otherwise.
    pub fn display(&self, path: &Path) -> String {
        if self.dev_mode { shorten(path, &self.home) } else { path.display().to_string() }
    }

    /// Where recordings are kept unless somebody says otherwise.
    pub fn recordings(&self) -> PathBuf {
        self.state_dir.join("recordings")
    }

    /// The state directory that the profile's name alone leads to.
    pub fn usual_state_dir(&self) -> PathBuf {
        match &self.name {
            Some(name) => self.home.join(format!(".clawdbot-{}", name.as_str())),
            None => DefaultProfile::of(&self.home).state_dir,
        }
    }

    /// Whether state and configuration are where the profile's name alone leads.
    pub fn has_usual_paths(&self) -> bool {
        self.state_dir == self.usual_state_dir() && self.config_path == self.state_dir.join("clawdbot.json")
    }

    /// The command line that means the program with this profile, for fixes that messages suggest.
    pub fn command(&self) -> String {
        match &self.name {
            Some(name) => format!("clawdbot --profile {}", name.as_str()),
            None => "clawdbot".to_owned(),
        }
    }

    /// The command line that starts a gateway of this profile.
    pub fn start_command(&self) -> String {
        if self.dev_mode {
            "clawdbot gateway --dev".to_owned()
        } else {
            format!("{} gateway", self.command())
        }
    }
}
