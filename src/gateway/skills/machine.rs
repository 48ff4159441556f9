//! What of this machine a skill may need, as a value.

use std::fmt;

use crate::config::Config;
use crate::config::schema::SkillEntry;
use crate::profile::EnvMap;

/// This machine.
pub(crate) struct Machine<'a> {
    /// The operating system, in the published words: `linux`, `darwin`, `win32`.
    pub(crate) os: &'static str,
    /// The environment.
    pub(crate) env: &'a EnvMap,
    /// Whether there is a program of this name.
    pub(crate) has: &'a dyn Fn(&str) -> bool,
}

impl Machine<'_> {
    /// Whether a skill will find the variable `name`: in the environment, or in what the configuration adds to it.
    pub(super) fn knows(
        &self,
        name: &str,
        primary: Option<&str>,
        entry: &SkillEntry,
        config: &Config,
    ) -> bool {
        let is_key =
            primary == Some(name) && entry.api_key.as_ref().is_some_and(|key| !key.expose().is_empty());
        let given = entry.env.get(name).is_some_and(|value| !value.expose().is_empty());
        let added = config.env.vars.get(name).is_some_and(|value| !value.is_empty());
        is_key || given || added || self.env.get(name).is_some()
    }
}

impl fmt::Debug for Machine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Machine").field("os", &self.os).finish_non_exhaustive()
    }
}
