//! Changing the settings of a session (`sessions.patch`, `wire-protocol` D.4). Pure.

use serde_json::{Map, Value};

use super::levels::{CHOICES, Meaning, XHIGH, XHIGH_MODELS};
use super::model::{ModelError, ModelRules};

/// Why a change is refused, in the published words.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum PatchError {
    #[error("invalid {name} (use {legal})")]
    Word { name: &'static str, legal: &'static str },
    #[error("invalid {0}: empty")]
    Empty(&'static str),
    #[error(
        "thinkingLevel \"xhigh\" is only supported for {}, {} or {}",
        XHIGH_MODELS[0],
        XHIGH_MODELS[1],
        XHIGH_MODELS[2]
    )]
    XHigh,
    #[error("{0}")]
    Model(#[from] ModelError),
    #[error("label already in use: {0}")]
    LabelTaken(String),
    #[error("spawnedBy is only supported for subagent:* sessions")]
    NotSpawned,
    #[error("spawnedBy cannot be changed once set")]
    SpawnedByOther,
    #[error("spawnedBy cannot be cleared once set")]
    Spawned,
}

/// What has to be known besides the entry.
pub(crate) struct Context<'a> {
    pub(crate) models: &'a ModelRules,
    pub(crate) is_subagent: bool,
    /// Whether another session of the store has a label.
    pub(crate) is_taken: &'a dyn Fn(&str) -> bool,
}

/// Applies the members of a patch to an entry; members that are not in the patch stay. The entry is worthless
/// after an error.
pub(crate) fn apply(
    entry: &mut Map<String, Value>,
    patch: &Map<String, Value>,
    context: &Context<'_>,
) -> Result<(), PatchError> {
    spawned_by(entry, patch, context)?;
    label(entry, patch, context)?;
    for choice in &CHOICES {
        let meaning = match patch.get(choice.name) {
            None => continue,
            Some(Value::String(word)) => {
                choice.read(word).ok_or(PatchError::Word { name: choice.name, legal: choice.legal })?
            }
            Some(_) => Meaning::Default,
        };
        let stored = match meaning {
            Meaning::Default => None,
            Meaning::Stored(word) => Some(word.into()),
        };
        set(entry, choice.name, stored);
    }
    if let Some(node) = patch.get("execNode") {
        set(entry, "execNode", text(node, "execNode")?.map(Value::from));
    }
    if let Some(model) = patch.get("model") {
        let chosen = match model {
            Value::String(model) => context.models.choose(model)?,
            _ => None,
        };
        let (provider, id) = chosen.unzip();
        set(entry, "providerOverride", provider.map(Value::from));
        set(entry, "modelOverride", id.map(Value::from));
    }
    for name in ["sendPolicy", "groupActivation"] {
        if let Some(value) = patch.get(name) {
            set(entry, name, Some(value.clone()).filter(|value| !value.is_null()));
        }
    }
    xhigh(entry, patch, context)
}

fn spawned_by(
    entry: &mut Map<String, Value>,
    patch: &Map<String, Value>,
    context: &Context<'_>,
) -> Result<(), PatchError> {
    let Some(given) = patch.get("spawnedBy") else { return Ok(()) };
    let before = entry.get("spawnedBy").and_then(Value::as_str).filter(|parent| !parent.is_empty());
    match text(given, "spawnedBy")? {
        None if before.is_some() => Err(PatchError::Spawned),
        None => Ok(()),
        Some(_) if !context.is_subagent => Err(PatchError::NotSpawned),
        Some(parent) if before.is_some_and(|before| before != parent) => Err(PatchError::SpawnedByOther),
        Some(parent) => {
            set(entry, "spawnedBy", Some(parent.into()));
            Ok(())
        }
    }
}

fn label(
    entry: &mut Map<String, Value>,
    patch: &Map<String, Value>,
    context: &Context<'_>,
) -> Result<(), PatchError> {
    let Some(given) = patch.get("label") else { return Ok(()) };
    let label = text(given, "label")?;
    if let Some(label) = &label
        && (context.is_taken)(label)
    {
        return Err(PatchError::LabelTaken(label.clone()));
    }
    set(entry, "label", label.map(Value::from));
    Ok(())
}

/// A level that the model does not have is refused when it is asked for, and lowered when the model was changed.
fn xhigh(
    entry: &mut Map<String, Value>,
    patch: &Map<String, Value>,
    context: &Context<'_>,
) -> Result<(), PatchError> {
    if entry.get("thinkingLevel").is_none_or(|level| level != XHIGH) {
        return Ok(());
    }
    let text = |name| entry.get(name).and_then(Value::as_str);
    let model = match (text("providerOverride"), text("modelOverride")) {
        (Some(provider), Some(id)) => format!("{provider}/{id}"),
        _ => context.models.default.clone(),
    };
    if XHIGH_MODELS.contains(&model.to_lowercase().as_str()) {
        return Ok(());
    }
    if patch.get("thinkingLevel").is_some_and(|level| !level.is_null()) {
        return Err(PatchError::XHigh);
    }
    if patch.contains_key("model") {
        set(entry, "thinkingLevel", Some("high".into()));
    }
    Ok(())
}

/// A text that is not blank, or `null`.
fn text(value: &Value, name: &'static str) -> Result<Option<String>, PatchError> {
    match value.as_str().map(str::trim) {
        Some("") => Err(PatchError::Empty(name)),
        text => Ok(text.map(str::to_owned)),
    }
}

/// Sets or removes a member; the others keep their order.
fn set(entry: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    match value {
        Some(value) => {
            entry.insert(name.to_owned(), value);
        }
        None => {
            entry.shift_remove(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(entry: &Value, patch: &Value, expect: Result<&Value, &str>) {
        let models = ModelRules { default: "anthropic/claude".to_owned(), listed: Vec::new() };
        let context = Context {
            models: &models,
            is_subagent: patch.get("key") == Some(&json!("subagent:x")),
            is_taken: &|label| label == "Taken",
        };
        let mut patched = entry.as_object().unwrap().clone();
        let found =
            apply(&mut patched, patch.as_object().unwrap(), &context).map_err(|error| error.to_string());
        // As text: the order of the members is part of it.
        let found = found.map(|()| Value::Object(patched).to_string());
        let expect = expect.map(ToString::to_string).map_err(str::to_owned);
        assert_eq!(found, expect, "{entry} {patch}");
    }

    #[test]
    fn what_is_not_in_the_patch_stays_in_its_place() {
        let entry =
            json!({ "sessionId": "s", "zzz": { "b": 1, "a": 2 }, "label": "L", "thinkingLevel": "low" });
        check(&entry, &json!({ "key": "main" }), Ok(&entry));
        check(
            &entry,
            &json!({ "label": " New ", "verboseLevel": "yes", "responseUsage": "on", "execNode": " n1 " }),
            Ok(&json!({ "sessionId": "s", "zzz": { "b": 1, "a": 2 }, "label": "New", "thinkingLevel": "low",
                       "verboseLevel": "on", "responseUsage": "tokens", "execNode": "n1" })),
        );
        check(
            &entry,
            &json!({ "label": null, "thinkingLevel": "off", "sendPolicy": "deny" }),
            Ok(&json!({ "sessionId": "s", "zzz": { "b": 1, "a": 2 }, "sendPolicy": "deny" })),
        );
    }

    #[test]
    fn refusals_as_published() {
        for (patch, expect) in [
            (json!({ "thinkingLevel": "nope" }), "invalid thinkingLevel (use off|minimal|low|medium|high)"),
            (json!({ "verboseLevel": "nope" }), r#"invalid verboseLevel (use "on"|"off")"#),
            (json!({ "execAsk": "x" }), r#"invalid execAsk (use "off"|"on-miss"|"always")"#),
            (json!({ "execNode": "  " }), "invalid execNode: empty"),
            (json!({ "label": "  " }), "invalid label: empty"),
            (json!({ "label": "Taken" }), "label already in use: Taken"),
            (json!({ "model": " " }), "invalid model: empty"),
            (json!({ "spawnedBy": "agent:dev:main" }), "spawnedBy is only supported for subagent:* sessions"),
            (json!({ "key": "subagent:x", "spawnedBy": " " }), "invalid spawnedBy: empty"),
            (
                json!({ "thinkingLevel": "x-high" }),
                "thinkingLevel \"xhigh\" is only supported for openai/gpt-5.2, openai-codex/gpt-5.2-codex or \
                 openai-codex/gpt-5.1-codex",
            ),
        ] {
            check(&json!({}), &patch, Err(expect));
        }
    }

    #[test]
    fn a_subagent_has_one_parent() {
        let spawned = json!({ "spawnedBy": "p" });
        let patch = |parent: Value| json!({ "key": "subagent:x", "spawnedBy": parent });
        check(&json!({}), &patch(json!("p")), Ok(&spawned));
        check(&spawned, &patch(json!("p")), Ok(&spawned));
        check(&spawned, &patch(json!("q")), Err("spawnedBy cannot be changed once set"));
        check(&spawned, &patch(json!(null)), Err("spawnedBy cannot be cleared once set"));
        check(&json!({}), &json!({ "spawnedBy": null }), Ok(&json!({})));
    }

    #[test]
    fn models_and_the_level_that_few_have() {
        let entry =
            json!({ "thinkingLevel": "xhigh", "providerOverride": "openai", "modelOverride": "gpt-5.2" });
        check(&json!({}), &json!({ "model": "openai/gpt-5.2", "thinkingLevel": "xhigh" }), Ok(&entry));
        check(&entry, &json!({ "model": "anthropic/claude" }), Ok(&json!({ "thinkingLevel": "high" })));
        check(&entry, &json!({ "model": null }), Ok(&json!({ "thinkingLevel": "high" })));
        check(&entry, &json!({ "sendPolicy": null }), Ok(&entry));
    }
}
