//! The Control UI: whether it is served, where, and from which files.

use std::path::PathBuf;

use super::ledger::{Choice, Ledger, written};
use crate::config::Config;
use crate::profile::{EnvMap, ProfilePaths, normalise, vars};

/// What is served at the gateway's port to browsers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlUiSettings {
    /// `gateway.controlUi.enabled`.
    pub enabled: bool,
    /// `gateway.controlUi.basePath`: a leading slash and none at the end; empty for the root of the port.
    pub base_path: String,
    /// Directory of the built files, absolute; without one, those of an installed package are looked for.
    pub root: Option<PathBuf>,
}

impl Default for ControlUiSettings {
    fn default() -> Self {
        Self { enabled: true, base_path: String::new(), root: None }
    }
}

/// The Control UI of a gateway with this configuration.
pub fn control_ui(env: &EnvMap, paths: &ProfilePaths, config: &Config) -> ControlUiSettings {
    resolve(env, paths, config, &mut Ledger::default())
}

/// The same, and where each comes from. A relative directory starts at the configuration file.
pub(super) fn resolve(
    env: &EnvMap,
    paths: &ProfilePaths,
    config: &Config,
    ledger: &mut Ledger,
) -> ControlUiSettings {
    let ui = &config.gateway.control_ui;
    let directory = |text: &str| match text.trim() {
        "" => None,
        text => normalise(text, &paths.home, paths.config_path.parent()),
    };
    let root = Choice::none()
        .or_env(vars::CONTROL_UI_DIR, env.get(vars::CONTROL_UI_DIR).and_then(directory))
        .or_config("gateway.controlUi.root", ui.root.as_deref().and_then(directory));
    let base_path = ui.base_path.as_deref().map(base_path).filter(|path| !path.is_empty());
    let enabled = written("gateway.controlUi.enabled", ui.enabled).or_default(true);
    let base_path = written("gateway.controlUi.basePath", base_path).or_default(String::new());
    ControlUiSettings {
        enabled: ledger.note("gateway.controlUi.enabled", enabled),
        base_path: ledger.note("gateway.controlUi.basePath", base_path),
        root: ledger.note_optional("gateway.controlUi.root", root),
    }
}

/// A path as it is compared: a leading slash, none at the end, nothing for the root.
fn base_path(text: &str) -> String {
    match text.trim().trim_matches('/') {
        "" => String::new(),
        path => format!("/{path}"),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::{Value, json};

    use super::*;
    use crate::profile::{self, ProfileRequest};

    #[track_caller]
    fn check(env: &[(&str, &str)], ui: &Value, expected: &ControlUiSettings) {
        let paths = profile::resolve(
            &ProfileRequest::default(),
            &EnvMap::default(),
            Some(PathBuf::from("/home/you")),
        )
        .unwrap()
        .paths;
        let env = EnvMap::new(env.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect());
        let config = Config::from_resolved(&json!({ "gateway": { "controlUi": ui } }));
        assert_eq!(&control_ui(&env, &paths, &config), expected, "{ui}");
    }

    #[test]
    fn base_paths_have_one_form() {
        for (text, expected) in
            [("", ""), ("/", ""), (" ui ", "/ui"), ("/a/b/", "/a/b"), ("//x//", "/x"), ("/ui", "/ui")]
        {
            let settings =
                ControlUiSettings { base_path: expected.to_owned(), ..ControlUiSettings::default() };
            check(&[], &json!({ "basePath": text }), &settings);
        }
    }

    #[test]
    fn the_environment_beats_the_configuration() {
        let at = |path: &str| ControlUiSettings {
            root: Some(Path::new(path).to_owned()),
            ..ControlUiSettings::default()
        };
        check(&[], &json!({}), &ControlUiSettings::default());
        check(&[], &json!({ "root": " " }), &ControlUiSettings::default());
        check(&[], &json!({ "root": "~/ui" }), &at("/home/you/ui"));
        check(&[], &json!({ "root": "ui" }), &at("/home/you/.clawdbot/ui"));
        check(&[(vars::CONTROL_UI_DIR, "/built")], &json!({ "root": "/ui" }), &at("/built"));
        let off = ControlUiSettings { enabled: false, ..ControlUiSettings::default() };
        check(&[], &json!({ "enabled": false }), &off);
    }
}
