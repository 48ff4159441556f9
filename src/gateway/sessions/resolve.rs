//! Finding one session by its key, id, or label (`sessions.resolve`, `wire-protocol` D.4). Pure.

use serde::Deserialize;

use super::key::SessionKey;
use super::list::{Filter, matching};
use super::store::Store;
use crate::gateway::agents::Roster;

/// Parameters of `sessions.resolve`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Wanted {
    pub(crate) key: Option<String>,
    session_id: Option<String>,
    label: Option<String>,
    agent_id: Option<String>,
    spawned_by: Option<String>,
    include_global: bool,
    include_unknown: bool,
}

/// Why there is no answer, in the published words.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum ResolveError {
    #[error("Either key, sessionId, or label is required")]
    Nothing,
    #[error("Provide either key, sessionId, or label (not multiple)")]
    TooMuch,
    #[error("No session found: {0}")]
    NotFound(String),
    #[error("No session found with label: {0}")]
    NoLabel(String),
    #[error("Multiple sessions found for sessionId: {id} ({keys})")]
    Ids { id: String, keys: String },
    #[error("Multiple sessions found with label: {label} ({keys})")]
    Labels { label: String, keys: String },
}

/// The key of the one session that is meant.
pub(crate) fn resolve(stores: &[&Store], roster: &Roster, wanted: &Wanted) -> Result<String, ResolveError> {
    let given = |text: &Option<String>| {
        text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    match (given(&wanted.key), given(&wanted.session_id), given(&wanted.label)) {
        (None, None, None) => Err(ResolveError::Nothing),
        (Some(key), None, None) => {
            let found = SessionKey::of(roster, &key)
                .filter(|key| stores.iter().any(|store| store.get(&key.canonical).is_some()));
            found.map(|key| key.canonical).ok_or(ResolveError::NotFound(key))
        }
        (None, Some(id), None) => {
            let is_it = |key: &str, own: Option<&str>| own == Some(&*id) || key == id;
            let found = keys(stores, &wanted.filter(None), is_it);
            one(found, |keys| ResolveError::Ids { id: id.clone(), keys })
                .unwrap_or(Err(ResolveError::NotFound(id)))
        }
        (None, None, Some(label)) => {
            let found = keys(stores, &wanted.filter(Some(&label)), |_, _| true);
            one(found, |keys| ResolveError::Labels { label: label.clone(), keys })
                .unwrap_or(Err(ResolveError::NoLabel(label)))
        }
        _ => Err(ResolveError::TooMuch),
    }
}

// === impl Wanted ===

impl Wanted {
    fn filter(&self, label: Option<&str>) -> Filter {
        Filter {
            label: label.map(str::to_owned),
            agent_id: self.agent_id.clone(),
            spawned_by: self.spawned_by.clone(),
            include_global: self.include_global,
            include_unknown: self.include_unknown,
            ..Filter::default()
        }
    }
}

/// The keys of the sessions that pass the filter, and of whose key and id `is_it` says yes.
fn keys(stores: &[&Store], filter: &Filter, is_it: impl Fn(&str, Option<&str>) -> bool) -> Vec<String> {
    // Nothing here depends on the time.
    let found = matching(stores, filter, 0).into_iter();
    found
        .filter(|(_, entry)| is_it(&entry.key, entry.text("sessionId")))
        .map(|(_, entry)| entry.key.clone())
        .collect()
}

/// The only one; `None` when there is none.
fn one(
    mut found: Vec<String>,
    several: impl FnOnce(String) -> ResolveError,
) -> Option<Result<String, ResolveError>> {
    match found.len() {
        0 | 1 => found.pop().map(Ok),
        _ => Some(Err(several(found.join(", ")))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::config::schema::Config;
    use crate::gateway::sessions::entry::Entry;

    #[track_caller]
    fn check(wanted: &Value, expect: Result<&str, &str>) {
        let read = |key: &str, value: &Value| Entry::read(key, "dev", value).unwrap();
        let entries = vec![
            read("main", &json!({ "sessionId": "s-main", "label": "Work", "updatedAt": 9 })),
            read("b", &json!({ "sessionId": "s-dup", "label": "Same", "updatedAt": 8 })),
            read("a", &json!({ "sessionId": "s-dup", "label": "Same", "updatedAt": 7 })),
            read("subagent:x", &json!({ "sessionId": "s-sub", "spawnedBy": "agent:dev:main" })),
            read("global", &json!({ "sessionId": "s-global" })),
        ];
        let store = Store { path: "/s/sessions.json".into(), entries };
        let config = json!({ "agents": { "list": [{ "id": "dev" }] } });
        let roster = Roster::of(&serde_json::from_value::<Config>(config).unwrap());
        let found = resolve(&[&store], &roster, &serde_json::from_value(wanted.clone()).unwrap());
        let found = found.map_err(|error| error.to_string());
        assert_eq!(found.as_deref().map_err(String::as_str), expect, "{wanted}");
    }

    #[test]
    fn answers_as_published() {
        check(&json!({}), Err("Either key, sessionId, or label is required"));
        check(&json!({ "key": "  " }), Err("Either key, sessionId, or label is required"));
        check(
            &json!({ "key": "main", "label": "x" }),
            Err("Provide either key, sessionId, or label (not multiple)"),
        );
        check(&json!({ "key": "main" }), Ok("agent:dev:main"));
        check(&json!({ "key": "agent:dev:b" }), Ok("agent:dev:b"));
        check(&json!({ "key": "global" }), Ok("global"));
        check(&json!({ "key": "nope" }), Err("No session found: nope"));
        check(&json!({ "sessionId": "s-main" }), Ok("agent:dev:main"));
        check(&json!({ "sessionId": "agent:dev:main" }), Ok("agent:dev:main"));
        check(&json!({ "sessionId": "s-mai" }), Err("No session found: s-mai"));
        check(
            &json!({ "sessionId": "s-dup" }),
            Err("Multiple sessions found for sessionId: s-dup (agent:dev:b, agent:dev:a)"),
        );
        check(&json!({ "sessionId": "s-global" }), Err("No session found: s-global"));
        check(&json!({ "sessionId": "s-global", "includeGlobal": true }), Ok("global"));
        check(&json!({ "sessionId": "s-sub", "spawnedBy": "agent:dev:main" }), Ok("agent:dev:subagent:x"));
        check(&json!({ "sessionId": "s-sub", "spawnedBy": "x" }), Err("No session found: s-sub"));
        check(&json!({ "sessionId": "s-sub", "agentId": "other" }), Err("No session found: s-sub"));
        check(&json!({ "label": " Work " }), Ok("agent:dev:main"));
        check(&json!({ "label": "none" }), Err("No session found with label: none"));
        check(
            &json!({ "label": "Same" }),
            Err("Multiple sessions found with label: Same (agent:dev:b, agent:dev:a)"),
        );
    }
}
