//! `metadata.clawdbot` of a skill: what it needs, how it is shown, how what it needs is installed. Pure.
//!
//! Members of another type than the published ones count as absent: a skill is shown as far as it can be.

use serde::Serialize;
use serde_json::Value;

use super::installer::Installer;

/// What a skill says about itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Metadata {
    /// It counts whatever is missing.
    pub(crate) always: bool,
    pub(crate) emoji: Option<String>,
    pub(crate) homepage: Option<String>,
    /// Its key below `skills.entries`, when that is not its name.
    pub(crate) skill_key: Option<String>,
    /// The variable that `skills.entries.KEY.apiKey` stands for.
    pub(crate) primary_env: Option<String>,
    pub(crate) needs: Needs,
    pub(crate) installers: Vec<Installer>,
}

/// What a skill needs; or what of that is missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Needs {
    /// Programs, all of them.
    pub(crate) bins: Vec<String>,
    /// Programs, one of them.
    pub(crate) any_bins: Vec<String>,
    /// Variables.
    pub(crate) env: Vec<String>,
    /// Places in the configuration.
    pub(crate) config: Vec<String>,
    /// Operating systems, one of them.
    pub(crate) os: Vec<String>,
}

// === impl Metadata ===

impl Metadata {
    /// Reads the member `metadata` of a head: an object, or a text of JSON.
    pub(super) fn of(metadata: &Value) -> Self {
        let parsed = metadata.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
        let own = &parsed.as_ref().unwrap_or(metadata)["clawdbot"];
        let requires = &own["requires"];
        let installers = own["install"].as_array().into_iter().flatten().filter_map(Installer::of);
        Self {
            always: own["always"] == true,
            emoji: text(&own["emoji"]),
            homepage: text(&own["homepage"]),
            skill_key: text(&own["skillKey"]),
            primary_env: text(&own["primaryEnv"]),
            needs: Needs {
                bins: texts(&requires["bins"]),
                any_bins: texts(&requires["anyBins"]),
                env: texts(&requires["env"]),
                config: texts(&requires["config"]),
                os: texts(&own["os"]),
            },
            installers: installers.collect(),
        }
    }
}

// === impl Needs ===

impl Needs {
    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A text that says something.
pub(super) fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A list of texts, or one text with commas in it.
pub(super) fn texts(value: &Value) -> Vec<String> {
    let texts: Vec<String> = match value {
        Value::String(text) => text.split(',').map(str::to_owned).collect(),
        Value::Array(items) => items
            .iter()
            .filter_map(|item| match item {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    };
    texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn everything_is_read() {
        let found = Metadata::of(&json!({ "clawdbot": {
            "always": true, "emoji": "F", "homepage": " h ", "skillKey": "key", "primaryEnv": "KEY",
            "os": ["linux"], "requires": { "bins": ["a"], "anyBins": ["b"], "env": ["C"], "config": ["d.e"] },
            "install": [{ "kind": "brew", "formula": "f" }],
        } }));
        let own = |text: &str| Some(text.to_owned());
        let list = |text: &str| vec![text.to_owned()];
        assert!(found.always);
        assert_eq!((found.emoji, found.homepage), (own("F"), own("h")));
        assert_eq!((found.skill_key, found.primary_env), (own("key"), own("KEY")));
        assert_eq!(
            found.needs,
            Needs {
                bins: list("a"),
                any_bins: list("b"),
                env: list("C"),
                config: list("d.e"),
                os: list("linux"),
            }
        );
        assert_eq!(found.installers.len(), 1);
    }

    #[test]
    fn other_types_count_as_absent() {
        let own = json!({
            "always": "true", "emoji": 5, "homepage": ["x"], "skillKey": 7, "primaryEnv": [], "os": "darwin",
            "requires": { "bins": "a, b,", "env": 5, "config": [1, "x", null, " "] }, "install": { "kind": "brew" },
        });
        let found = Metadata::of(&json!({ "clawdbot": own }));
        let needs = Needs {
            bins: vec!["a".into(), "b".into()],
            config: vec!["1".into(), "x".into()],
            os: vec!["darwin".into()],
            ..Needs::default()
        };
        assert_eq!(found, Metadata { needs, ..Metadata::default() });
        for nothing in
            [json!(null), json!([]), json!({ "clawdbot": 1 }), json!({ "clawdbot": { "requires": ["x"] } })]
        {
            assert_eq!(Metadata::of(&nothing), Metadata::default());
        }
    }
}
