//! `models.list` (`wire-protocol` D.3): the models that the configuration names, and the default one. There is
//! no catalogue of models in this program.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::config::schema::ModelChoice;
use crate::gateway::context::Gateway;
use crate::gateway::live::Live;

/// Context of a model of which nothing is known, in tokens; the published gateway assumes the same.
const DEFAULT_CONTEXT_TOKENS: u64 = 200_000;

/// A model reference taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ModelRef<'a> {
    /// Provider; empty when the reference names none.
    pub(super) provider: &'a str,
    /// The provider's name for the model.
    pub(super) id: &'a str,
}

impl<'a> ModelRef<'a> {
    /// Reads `provider/id`.
    pub(super) fn parse(reference: &'a str) -> Self {
        let (provider, id) = reference.split_once('/').unwrap_or(("", reference));
        Self { provider, id }
    }
}

/// `models.list`, by provider and name.
pub(crate) fn list(gateway: &Gateway) -> Value {
    let live = gateway.live();
    json!({ "models": models(&live.snapshot.resolved, named(&live)) })
}

/// Context of the default model: as configured, else what is assumed of any model.
pub(super) fn context_tokens(live: &Live) -> u64 {
    let resolved = &live.snapshot.resolved;
    let configured = resolved["agents"]["defaults"]["contextTokens"].as_u64();
    let declared = || declared_default(live)?["contextWindow"].as_u64();
    configured.or_else(declared).unwrap_or(DEFAULT_CONTEXT_TOKENS)
}

/// How much the default model thinks when a session does not say: as configured, else `low` for a model that can
/// and `off` for one that cannot. A model that the configuration does not describe is taken for one that can.
pub(super) fn thinking_level(live: &Live) -> &str {
    let resolved = &live.snapshot.resolved;
    if let Some(level) = resolved["agents"]["defaults"]["thinkingDefault"].as_str() {
        return level;
    }
    let can_think = declared_default(live).and_then(|model| model["reasoning"].as_bool()).unwrap_or(true);
    if can_think { "low" } else { "off" }
}

/// The default model as the configuration describes it.
fn declared_default(live: &Live) -> Option<&Value> {
    let model = ModelRef::parse(&live.settings.model);
    let provider = &live.snapshot.resolved["models"]["providers"][model.provider];
    provider["models"].as_array()?.iter().find(|entry| entry["id"] == model.id)
}

/// References in the agents' settings, the default model among them.
fn named(live: &Live) -> Vec<String> {
    let of_choice =
        |choice: &ModelChoice| choice.primary.iter().chain(&choice.fallbacks).cloned().collect::<Vec<_>>();
    let defaults = live.config.agents.defaults.model.iter().flat_map(of_choice);
    let agents = live.roster.agents().iter().filter_map(|agent| agent.model.as_ref()).flat_map(of_choice);
    let aliases = live.snapshot.resolved["agents"]["defaults"]["models"].as_object();
    let listed = aliases.into_iter().flat_map(|models| models.keys().cloned());
    std::iter::once(live.settings.model.clone()).chain(defaults).chain(agents).chain(listed).collect()
}

fn models(resolved: &Value, named: Vec<String>) -> Vec<Value> {
    let mut found: BTreeMap<(String, String), Value> = BTreeMap::new();
    for (provider, settings) in resolved["models"]["providers"].as_object().into_iter().flatten() {
        for model in settings["models"].as_array().into_iter().flatten() {
            let Some(id) = model["id"].as_str() else { continue };
            found.insert((provider.clone(), id.to_owned()), declared(provider, id, model));
        }
    }
    for reference in named {
        let ModelRef { provider, id } = ModelRef::parse(reference.trim());
        if provider.is_empty() || id.is_empty() {
            continue;
        }
        found
            .entry((provider.to_owned(), id.to_owned()))
            .or_insert_with(|| json!({ "id": id, "name": id, "provider": provider }));
    }
    let mut models: Vec<Value> = found.into_values().collect();
    let key = |model: &Value, member: &str| model[member].as_str().unwrap_or_default().to_lowercase();
    models.sort_by_cached_key(|model| (key(model, "provider"), key(model, "name")));
    models
}

fn declared(provider: &str, id: &str, model: &Value) -> Value {
    let mut row = Map::new();
    row.insert("id".to_owned(), id.into());
    row.insert("name".to_owned(), model["name"].as_str().unwrap_or(id).into());
    row.insert("provider".to_owned(), provider.into());
    for member in ["contextWindow", "reasoning", "input"] {
        if let Some(value) = model.get(member) {
            row.insert(member.to_owned(), value.clone());
        }
    }
    Value::Object(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declared_models_win_over_references() {
        let resolved = json!({ "models": { "providers": {
            "local": { "models": [{ "id": "b", "name": "Big", "contextWindow": 1000, "cost": {} }, { "name": "no id" }] },
        } } });
        let named = ["local/b", "anthropic/claude", "bare", ""].map(str::to_owned).to_vec();
        let expect = vec![
            json!({ "id": "claude", "name": "claude", "provider": "anthropic" }),
            json!({ "id": "b", "name": "Big", "provider": "local", "contextWindow": 1000 }),
        ];
        assert_eq!(models(&resolved, named), expect);
    }

    #[test]
    fn references_may_contain_slashes() {
        assert_eq!(ModelRef::parse("router/a/b"), ModelRef { provider: "router", id: "a/b" });
    }
}
