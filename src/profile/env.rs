//! The environment as a value, and the name of every variable that this program reads.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Environment variables, read once at start (`platform::env`) and passed on as a value.
///
/// Values that are empty after trimming count as unset, as in the published program.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvMap(BTreeMap<String, String>);

/// Names of the environment variables that this program reads.
pub mod vars {
    /// Profile name; `dev` selects dev mode.
    pub const PROFILE: &str = "CLAWDBOT_PROFILE";
    /// State directory.
    pub const STATE_DIR: &str = "CLAWDBOT_STATE_DIR";
    /// Configuration file.
    pub const CONFIG_PATH: &str = "CLAWDBOT_CONFIG_PATH";
    /// Gateway port.
    pub const GATEWAY_PORT: &str = "CLAWDBOT_GATEWAY_PORT";
    /// Shared token, on both sides.
    pub const GATEWAY_TOKEN: &str = "CLAWDBOT_GATEWAY_TOKEN";
    /// Shared password, on both sides.
    pub const GATEWAY_PASSWORD: &str = "CLAWDBOT_GATEWAY_PASSWORD";
    /// The published program starts a second gateway on the same state when this is set. This one does not.
    pub const ALLOW_MULTI_GATEWAY: &str = "CLAWDBOT_ALLOW_MULTI_GATEWAY";
    /// No multicast DNS, when it is `1`, `true`, `yes`, or `on`: nothing is announced and nothing looked for.
    pub const DISABLE_BONJOUR: &str = "CLAWDBOT_DISABLE_BONJOUR";
    /// The port of SSH on this machine, for the announcement.
    pub const SSH_PORT: &str = "CLAWDBOT_SSH_PORT";
    /// systemd unit of the gateway's service, with or without `.service`.
    pub const SYSTEMD_UNIT: &str = "CLAWDBOT_SYSTEMD_UNIT";
    /// launchd label of the gateway's service.
    pub const LAUNCHD_LABEL: &str = "CLAWDBOT_LAUNCHD_LABEL";
    /// Scheduled Task of the gateway's service.
    pub const WINDOWS_TASK: &str = "CLAWDBOT_WINDOWS_TASK_NAME";
    /// Jobs do not run when this is `1`.
    pub const SKIP_CRON: &str = "CLAWDBOT_SKIP_CRON";
    /// Directory of the built Control UI.
    pub const CONTROL_UI_DIR: &str = "CLAWDBOT_CONTROL_UI_DIR";
    /// What Nix manages, nobody else installs.
    pub const NIX_MODE: &str = "CLAWDBOT_NIX_MODE";
    /// `1`: no canvas is served.
    pub const SKIP_CANVAS: &str = "CLAWDBOT_SKIP_CANVAS_HOST";
    /// No colours when set to anything.
    pub const NO_COLOR: &str = "NO_COLOR";
    /// Terminal type; `dumb` means no colours.
    pub const TERM: &str = "TERM";
    /// Editor of a terminal that shows more than one line; asked first.
    pub const VISUAL: &str = "VISUAL";
    /// Editor.
    pub const EDITOR: &str = "EDITOR";
    /// What decides the locale, in this order.
    pub const LOCALE: [&str; 3] = ["LC_ALL", "LC_CTYPE", "LANG"];
    /// Home directory.
    pub const HOME: &str = "HOME";
    /// Where programs are looked up.
    pub const PATH: &str = "PATH";
}

impl EnvMap {
    /// Wraps the pairs.
    pub fn new(pairs: BTreeMap<String, String>) -> Self {
        Self(pairs)
    }

    /// The trimmed value, or `None` when unset or blank.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// Whether the variable is present at all, also with an empty value (`NO_COLOR` counts so).
    pub fn is_present(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The value as it stands, untrimmed, for substitution into the configuration.
    pub fn raw(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// `CLAWDBOT_GATEWAY_PORT` by the published rule: a leading positive integer; anything else counts as unset.
    pub fn port(&self) -> Option<u16> {
        let text = self.get(vars::GATEWAY_PORT)?;
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        text[..digits].parse().ok().filter(|port| *port != 0)
    }

    /// Sets a variable unless it is there already: how a `.env` file is layered below the environment.
    pub fn set_default(&mut self, name: &str, value: &str) {
        self.0.entry(name.to_owned()).or_insert_with(|| value.to_owned());
    }

    /// Sets or replaces a variable.
    pub fn set(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_owned(), value.to_owned());
    }

    /// Removes a variable.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// All pairs, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl<const N: usize> From<[(&str, &str); N]> for EnvMap {
    fn from(pairs: [(&str, &str); N]) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }
}
