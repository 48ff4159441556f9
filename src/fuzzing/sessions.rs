//! Session stores: read, listed, changed, and written back.

use std::fmt::Debug;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::scratch;
use super::sections::sections;
use crate::config::schema::Config;
use crate::gateway::agents::Roster;
use crate::gateway::sessions::{
    self, Document, Filter, ModelRules, PatchContext, PatchError, SessionKey, Store, StoreError, Stores,
    Wanted,
};
use crate::protocol::json;
use crate::protocol::methods::Method;
use crate::protocol::validate::validate;

const NOW: u64 = 1_795_403_508_139;
const AGENT: &str = "main";
const KEY: &str = "agent:main:fuzzed";
const DEFAULTS: sessions::Defaults<'_> =
    sessions::Defaults { model: "claude-opus-4-5", context_tokens: 200_000 };
/// Members that every change of a session writes.
const WRITTEN: [&str; 2] = ["sessionId", "updatedAt"];

/// Reads a store, and the parameters of `sessions.patch`, `sessions.list`, and `sessions.resolve`.
///
/// # Panics
///
/// When something in the store is lost or changed that nobody asked to change, when a damaged store is written over,
/// when a session is found that is not there, or when a list is longer than asked for.
pub fn sessions(data: &[u8]) {
    let input = String::from_utf8_lossy(data);
    let [store, patch, filter, wanted] = sections(&input);
    let file = scratch::file("agents/main/sessions/sessions.json", Some(store.as_bytes()));
    let Some(root) = file.ancestors().nth(4) else { return };
    let stores = Stores::new(root, None, Path::new("/nowhere"));
    listed(&stores, &parameters(Method::SessionsList, filter));
    resolved(&stores, &parameters(Method::SessionsResolve, wanted));
    let Ok(Value::Object(before)) = json::from_str(store) else {
        let refused = change(&stores, |_| {});
        assert!(
            refused.is_err() && scratch::content(&file) == store.as_bytes(),
            "a damaged store was changed"
        );
        return;
    };
    unchanged(&stores, &before, &file);
    patched(&stores, &parameters(Method::SessionsPatch, patch));
    started_afresh(&stores);
}

/// Parameters that pass the gate; none otherwise.
fn parameters(method: Method, text: &str) -> Value {
    let given = serde_json::from_str(text).unwrap_or_default();
    if validate(method.params(), &given).is_ok() { given } else { Value::Null }
}

fn change<T>(stores: &Stores, work: impl FnOnce(&mut Document) -> T) -> Result<T, StoreError> {
    stores.edit(AGENT, |document| Ok::<T, StoreError>(work(document)))
}

fn changed<T>(stores: &Stores, work: impl FnOnce(&mut Document) -> T) -> T {
    sure(change(stores, work))
}

fn sure<T, E: Debug>(result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| panic!("{error:?}"))
}

fn roster() -> Roster {
    Roster::of(&Config::default())
}

fn listed(stores: &Stores, parameters: &Value) {
    let store = stores.read(AGENT);
    let filter: Filter = if parameters.is_null() {
        Filter::default()
    } else {
        sure(serde_json::from_value(parameters.clone()))
    };
    let rows = sessions::list(&[&*store], &filter, NOW);
    let limit = parameters["limit"].as_u64().and_then(|limit| usize::try_from(limit).ok());
    assert!(rows.len() <= limit.unwrap_or(usize::MAX).min(store.entries.len()));
    let mut text = String::new();
    sessions::append_rows(&mut text, &rows);
    let rows: Value = sure(serde_json::from_str(&text));
    for row in rows.as_array().into_iter().flatten() {
        let key = row["key"].as_str().unwrap_or_default();
        assert!(store.get(key).is_some(), "a row of no session: {row}");
    }
    let summary = sessions::recent(&store, NOW);
    assert!(summary["recent"].as_array().is_some_and(|rows| rows.len() <= 5), "{summary}");
    let (count, rows) = sessions::status_rows(&[(AGENT, &*store)], DEFAULTS, NOW);
    assert!(rows.len() <= count.min(10), "{count} {rows:?}");
}

fn resolved(stores: &Stores, parameters: &Value) {
    let store = stores.read(AGENT);
    if parameters.is_null() {
        return;
    }
    let wanted: Wanted = sure(serde_json::from_value(parameters.clone()));
    if let Ok(key) = sessions::resolve(&[&*store], &roster(), &wanted) {
        let entry = store.get(&key).unwrap_or_else(|| panic!("a session that is not there: {key}"));
        assert!(store.transcript(entry).is_none_or(|path| path.file_name().is_some()));
    }
}

/// One session comes and goes, and everything else is as it was, in its order.
fn unchanged(stores: &Stores, before: &Map<String, Value>, path: &Path) {
    let mine = Map::from_iter([("sessionId".to_owned(), json!("mine"))]);
    changed(stores, |document| document.put(KEY, mine.clone()));
    let after = sure(serde_json::from_slice::<Map<String, Value>>(&scratch::content(path)));
    assert_eq!(after.get(KEY), Some(&Value::Object(mine)));
    let others = |map: &Map<String, Value>| {
        let of_another = |(key, _): &(&String, &Value)| {
            SessionKey::of(&roster(), key).is_none_or(|key| !key.canonical.eq_ignore_ascii_case(KEY))
        };
        map.iter().filter(of_another).map(|(key, entry)| (key.clone(), entry.clone())).collect::<Vec<_>>()
    };
    let (kept, wanted) = (others(&after), others(before));
    assert_eq!(kept, wanted, "something else was changed");
    assert!(changed(stores, |document| document.remove(KEY)));
    assert!(changed(stores, |document| document.get(KEY).is_none()));
}

/// What is not in the patch stays.
fn patched(stores: &Stores, parameters: &Value) {
    let Value::Object(patch) = parameters else { return };
    let Some(key) = patch.get("key").and_then(Value::as_str).and_then(|key| SessionKey::of(&roster(), key))
    else {
        return;
    };
    let models = ModelRules { default: "anthropic/claude-opus-4-5".to_owned(), ..ModelRules::default() };
    let before = changed(stores, |document| document.get(&key.canonical).cloned().unwrap_or_default());
    let mut entry = before.clone();
    let result: Result<(), PatchError> = changed(stores, |document| {
        let is_taken = |label: &str| document.is_taken(&key.canonical, "label", label);
        let context = PatchContext { models: &models, is_subagent: key.is_subagent(), is_taken: &is_taken };
        sessions::patch(&mut entry, patch, &context)
    });
    if result.is_err() {
        return;
    }
    changed(stores, |document| document.put(&key.canonical, entry.clone()));
    let after = changed(stores, |document| document.get(&key.canonical).cloned());
    assert_eq!(after.as_ref(), Some(&entry), "what was put is not what is there");
    let asked = |name: &str| {
        let of_the_model = patch.contains_key("model")
            && (matches!(name, "providerOverride" | "modelOverride" | "thinkingLevel"));
        patch.contains_key(name) || of_the_model
    };
    for (name, value) in before.iter().filter(|(name, _)| !asked(name)) {
        assert_eq!(entry.get(name), Some(value), "{name} was changed by {parameters}");
    }
}

/// What this program does not know survives a new conversation.
fn started_afresh(stores: &Stores) {
    let entries = stores.read(AGENT);
    let Store { entries, .. } = &*entries;
    for entry in entries.iter().take(4) {
        let Some(before) = changed(stores, |document| document.get(&entry.key).cloned()) else { continue };
        let after = sessions::reset(&before, "fresh", NOW);
        assert!(WRITTEN.iter().all(|name| after.contains_key(*name)));
        for (name, value) in before.iter().filter(|(name, _)| name.starts_with("x-")) {
            assert_eq!(after.get(name), Some(value), "{name} was lost");
        }
    }
}
