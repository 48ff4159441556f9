//! `sessions.list`: filters and rows (`wire-protocol` D.4). Blocks only where titles or previews are asked for.

use serde::ser::SerializeMap as _;
use serde::{Deserialize, Serialize, Serializer};

use super::entry::{Entry, Kind};
use super::store::Store;
use super::transcript;
use crate::gateway::agents::{AgentKey, normalize_id};

/// Parameters of `sessions.list`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(clippy::struct_excessive_bools, reason = "the published parameters")]
pub(crate) struct Filter {
    pub(super) limit: Option<usize>,
    pub(super) active_minutes: Option<u64>,
    pub(super) include_global: bool,
    pub(super) include_unknown: bool,
    pub(super) include_derived_titles: bool,
    pub(super) include_last_message: bool,
    pub(super) label: Option<String>,
    pub(super) spawned_by: Option<String>,
    pub(super) agent_id: Option<String>,
    pub(super) search: Option<String>,
}

/// One row. It is written straight from the store, for ten thousand of them as values would cost more than
/// everything else about a list.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    entry: &'a Entry,
    title: Option<String>,
    last_message: Option<String>,
}

/// The rows that pass the filter, last used first.
pub(crate) fn list<'a>(stores: &[&'a Store], filter: &Filter, now_ms: u64) -> Vec<Row<'a>> {
    let found = matching(stores, filter, now_ms).into_iter();
    found.map(|(store, entry)| Row::new(store, entry, filter)).collect()
}

/// The sessions that pass the filter, last used first.
pub(super) fn matching<'a>(
    stores: &[&'a Store],
    filter: &Filter,
    now_ms: u64,
) -> Vec<(&'a Store, &'a Entry)> {
    let mut found: Vec<(&Store, &Entry)> = stores
        .iter()
        .flat_map(|&store| store.entries.iter().map(move |entry| (store, entry)))
        .filter(|(_, entry)| filter.admits(entry, now_ms))
        .collect();
    found.sort_by_key(|(_, entry)| std::cmp::Reverse(entry.updated_at));
    found.truncate(filter.limit.unwrap_or(usize::MAX));
    found
}

impl Filter {
    fn admits(&self, entry: &Entry, now_ms: u64) -> bool {
        let kind = entry.kind();
        let of_agent = self.agent_id.as_ref().is_none_or(|wanted| {
            AgentKey::parse(&entry.key).is_some_and(|key| normalize_id(key.agent) == normalize_id(wanted))
        });
        let active = self.active_minutes.is_none_or(|minutes| {
            let since = now_ms.saturating_sub(minutes.saturating_mul(60_000));
            entry.updated_at.is_some_and(|at| at >= since)
        });
        let equals = |name: &str, wanted: &Option<String>| {
            wanted.as_deref().is_none_or(|wanted| entry.text(name) == Some(wanted.trim()))
        };
        (self.include_global || kind != Kind::Global)
            && (self.include_unknown || kind != Kind::Unknown)
            && of_agent
            && active
            && equals("label", &self.label)
            && equals("spawnedBy", &self.spawned_by)
            && self.finds(entry)
    }

    fn finds(&self, entry: &Entry) -> bool {
        let wanted = self.search.as_deref().unwrap_or_default().trim().to_lowercase();
        if wanted.is_empty() {
            return true;
        }
        let places = [
            entry.display_name(),
            entry.text("label"),
            entry.text("subject"),
            entry.text("sessionId"),
            Some(entry.key.as_str()),
        ];
        places.iter().flatten().any(|text| text.to_lowercase().contains(&wanted))
    }
}

impl<'a> Row<'a> {
    fn new(store: &Store, entry: &'a Entry, filter: &Filter) -> Self {
        let transcript = || Some((entry.text("sessionId")?, store.transcript(entry)?));
        let known = || entry.text("displayName").or_else(|| entry.text("subject")).map(str::to_owned);
        let derived = || {
            let (id, path) = transcript()?;
            Some(transcript::first_user_text(&path).map_or_else(
                || transcript::fallback_title(id, entry.updated_at),
                |text| transcript::title(&text),
            ))
        };
        let last_message = || transcript().and_then(|(_, path)| transcript::last_text(&path));
        Self {
            entry,
            title: filter.include_derived_titles.then(|| known().or_else(derived)).flatten(),
            last_message: filter.include_last_message.then(last_message).flatten(),
        }
    }
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { entry, title, last_message } = self;
        let mut row = serializer.serialize_map(None)?;
        row.serialize_entry("key", &entry.key)?;
        row.serialize_entry("kind", entry.kind().as_str())?;
        if let Some(label) = entry.get("label") {
            row.serialize_entry("label", label)?;
        }
        let mut put = |name: &str, text: Option<&str>| match text {
            Some(text) => row.serialize_entry(name, text),
            None => Ok(()),
        };
        put("displayName", entry.display_name())?;
        put("derivedTitle", title.as_deref())?;
        put("lastMessagePreview", last_message.as_deref())?;
        row.serialize_entry("updatedAt", &entry.updated_at)?;
        for (name, value) in entry.shown() {
            row.serialize_entry(name, value)?;
        }
        row.serialize_entry("totalTokens", &entry.total_tokens().unwrap_or(0))?;
        row.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const NOW: u64 = 1_000_000_000;

    fn stores() -> Store {
        let read = |key: &str, value: &Value| Entry::read(key, "dev", value).unwrap();
        let entries = vec![
            read("main", &json!({ "updatedAt": NOW - 1000, "sessionId": "s-main", "label": "Work" })),
            read(
                "agent:other:x",
                &json!({ "updatedAt": NOW - 600_000, "subject": "Friends", "chatType": "group" }),
            ),
            read("global", &json!({ "updatedAt": NOW })),
            read("old", &json!({ "spawnedBy": "agent:dev:main" })),
        ];
        Store { path: "/state/sessions.json".into(), entries }
    }

    #[track_caller]
    fn check(filter: Value, expect: &[&str]) {
        let filter: Filter = serde_json::from_value(filter).unwrap();
        let store = stores();
        let rows = list(&[&store], &filter, NOW);
        let keys: Vec<&str> = rows.iter().map(|row| row.entry.key.as_str()).collect();
        assert_eq!(keys, expect);
    }

    #[test]
    fn filters() {
        check(json!({}), &["agent:dev:main", "agent:other:x", "agent:dev:old"]);
        check(json!({ "includeGlobal": true, "limit": 2 }), &["global", "agent:dev:main"]);
        check(json!({ "agentId": "Other" }), &["agent:other:x"]);
        check(json!({ "activeMinutes": 5 }), &["agent:dev:main"]);
        check(json!({ "label": "Work" }), &["agent:dev:main"]);
        check(json!({ "spawnedBy": "agent:dev:main" }), &["agent:dev:old"]);
        check(json!({ "search": "FRIEND" }), &["agent:other:x"]);
        check(json!({ "search": "nothing like it" }), &[]);
    }

    #[test]
    fn rows_carry_what_is_known() {
        let store = stores();
        let rows = serde_json::to_value(list(&[&store], &Filter::default(), NOW)).unwrap();
        let expect = json!({
            "key": "agent:dev:main", "kind": "direct", "label": "Work", "displayName": "Work",
            "updatedAt": NOW - 1000, "sessionId": "s-main", "totalTokens": 0,
        });
        assert_eq!(rows[0], expect);
        assert_eq!((&rows[1]["kind"], &rows[2]["updatedAt"]), (&json!("group"), &Value::Null));
    }
}
