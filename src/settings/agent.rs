//! The default agent's model and workspace.

use std::path::PathBuf;

use super::ledger::{Choice, Sourced, written};
use crate::config::Config;
use crate::config::schema::{AgentEntry, ModelChoice};
use crate::profile::{ProfilePaths, normalise};

/// The published default model.
const DEFAULT_MODEL: &str = "anthropic/claude-opus-4-5";

/// The provider of a model reference that names none.
const DEFAULT_PROVIDER: &str = "anthropic";

/// The workspace of the default agent as the configuration names it, absolute; `None` when it names none, which
/// means the profile's own (`ProfilePaths::default_workspace`). A relative path starts at the configuration file.
pub fn configured_workspace(config: &Config, paths: &ProfilePaths) -> Option<PathBuf> {
    workspace(config, paths).found().map(|found| found.value)
}

/// The same with its source.
pub(super) fn workspace(config: &Config, paths: &ProfilePaths) -> Choice<PathBuf> {
    let path = |text: &str| match text.trim() {
        "" => None,
        text => normalise(text, &paths.home, paths.config_path.parent()),
    };
    of_default_agent(config, "workspace", |agent| agent.workspace.as_deref().and_then(path))
        .or_config("agents.defaults.workspace", config.agents.defaults.workspace.as_deref().and_then(path))
}

/// Every workspace that the configuration names for any agent, absolute.
pub fn configured_workspaces(config: &Config, paths: &ProfilePaths) -> Vec<PathBuf> {
    let agents = &config.agents;
    let each = agents.list.iter().map(|agent| agent.workspace.as_deref());
    each.chain([agents.defaults.workspace.as_deref()])
        .flatten()
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .filter_map(|text| normalise(text, &paths.home, paths.config_path.parent()))
        .collect()
}

/// Model reference of the default agent, with its provider.
pub(super) fn model(config: &Config) -> Sourced<String> {
    let with_provider = |reference: &str| {
        if reference.contains('/') { reference.to_owned() } else { format!("{DEFAULT_PROVIDER}/{reference}") }
    };
    let named = |choice: &ModelChoice| primary(choice).map(with_provider);
    of_default_agent(config, "model", |agent| agent.model.as_ref().and_then(named))
        .or_config("agents.defaults.model", config.agents.defaults.model.as_ref().and_then(named))
        .or_default(DEFAULT_MODEL.to_owned())
}

/// What the default agent itself says under `key`.
fn of_default_agent<T>(
    config: &Config,
    key: &str,
    value: impl FnOnce(&AgentEntry) -> Option<T>,
) -> Choice<T> {
    let Some((index, agent)) = default_agent(config) else { return Choice::none() };
    written(&format!("agents.list[{index}].{key}"), value(agent))
}

fn primary(choice: &ModelChoice) -> Option<&str> {
    choice.primary.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

/// The first agent with `default: true`, else the first; the implied agent `main` is `None`.
fn default_agent(config: &Config) -> Option<(usize, &AgentEntry)> {
    let list = &config.agents.list;
    list.iter()
        .enumerate()
        .find(|(_, agent)| agent.is_default == Some(true))
        .or_else(|| list.first().map(|agent| (0, agent)))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::{Value, json};

    use super::*;
    use crate::profile::{EnvMap, ProfileRequest, resolve};

    fn paths() -> ProfilePaths {
        let request = ProfileRequest { dev_after_command: true, ..ProfileRequest::default() };
        resolve(&request, &EnvMap::default(), Some(PathBuf::from("/home/you"))).unwrap().paths
    }

    #[track_caller]
    fn check(agents: &Value, expected_model: &str, expected_workspace: Option<&str>) {
        let config = Config::from_resolved(&json!({ "agents": agents }));
        assert_eq!(model(&config).value, expected_model);
        assert_eq!(configured_workspace(&config, &paths()).as_deref(), expected_workspace.map(Path::new));
    }

    #[test]
    fn the_default_agent_decides_then_the_defaults() {
        check(&json!({}), "anthropic/claude-opus-4-5", None);
        check(
            &json!({"defaults": {"model": "openai/gpt", "workspace": "~/w"}}),
            "openai/gpt",
            Some("/home/you/w"),
        );
        check(
            &json!({
                "defaults": {"model": {"primary": "openai/gpt"}, "workspace": "/w"},
                "list": [{"id": "a", "workspace": "/a"}, {"id": "b", "default": true, "model": "sonnet", "workspace": "/b"}],
            }),
            "anthropic/sonnet",
            Some("/b"),
        );
        check(
            &json!({
                "defaults": {"model": "x/y", "workspace": "/w"},
                "list": [{"id": "a"}, {"id": "b", "workspace": "/b"}],
            }),
            "x/y",
            Some("/w"),
        );
    }

    #[test]
    fn blank_values_count_as_unset() {
        check(
            &json!({"defaults": {"model": {"primary": " "}, "workspace": "/w"}, "list": [{"id": "a", "workspace": ""}]}),
            "anthropic/claude-opus-4-5",
            Some("/w"),
        );
    }

    #[test]
    fn a_relative_workspace_starts_at_the_configuration() {
        check(&json!({"defaults": {"workspace": "../w"}}), "anthropic/claude-opus-4-5", Some("/home/you/w"));
    }
}
