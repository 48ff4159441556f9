//! `env`: variables for the process environment.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// `env`: `shellEnv`, `vars`, and any other key with a string, which is a variable too.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EnvSection {
    /// Whether the login shell is asked for variables.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shell_env: Option<ShellEnv>,
    /// Variables to set where the environment has none: `env.vars` first, then the other keys under `env`.
    pub vars: BTreeMap<String, String>,
}

/// `env.shellEnv`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ShellEnv {
    /// Whether it is used.
    pub enabled: Option<bool>,
    /// How long to wait for the shell, in milliseconds.
    pub timeout_ms: Option<u64>,
}

impl<'de> Deserialize<'de> for EnvSection {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EnvVisitor)
    }
}

struct EnvVisitor;

impl<'de> Visitor<'de> for EnvVisitor {
    type Value = EnvSection;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of environment variables")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<EnvSection, A::Error> {
        let mut section = EnvSection::default();
        let mut others = BTreeMap::new();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "shellEnv" => section.shell_env = map.next_value()?,
                "vars" => section.vars = map.next_value()?,
                _ => {
                    if let Value::String(text) = map.next_value()? {
                        others.insert(key, text);
                    }
                }
            }
        }
        for (name, value) in others {
            section.vars.entry(name).or_insert(value);
        }
        Ok(section)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vars_win_over_loose_keys() {
        let section: EnvSection = serde_json::from_value(serde_json::json!({
            "A": "loose", "vars": { "A": "named", "B": "b" }, "C": "c", "shellEnv": { "enabled": true }
        }))
        .unwrap();
        let pairs: Vec<_> = section.vars.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(pairs, ["A=named", "B=b", "C=c"]);
        assert_eq!(section.shell_env.unwrap().enabled, Some(true));
    }
}
