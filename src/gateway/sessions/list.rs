//! `sessions.list`: filters and rows (`wire-protocol` D.4). Blocks only where titles or previews are asked for.

use serde::{Deserialize, Deserializer};

use super::entry::{Entry, Kind};
use super::row::Row;
use super::store::Store;
use super::transcript;
use crate::gateway::agents::{AgentKey, normalize_id};

/// Parameters of `sessions.list`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(clippy::struct_excessive_bools, reason = "the published parameters")]
pub(crate) struct Filter {
    #[serde(deserialize_with = "whole")]
    pub(super) limit: Option<u64>,
    #[serde(deserialize_with = "whole")]
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
    found.truncate(filter.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX));
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
        let wanted = self.search.as_deref().unwrap_or_default().trim();
        if wanted.is_empty() {
            return true;
        }
        let wanted = wanted.to_lowercase();
        let places = [
            entry.display_name(),
            entry.text("label"),
            entry.text("subject"),
            entry.text("sessionId"),
            Some(entry.key.as_str()),
        ];
        places.iter().flatten().any(|text| contains(text, &wanted))
    }
}

/// A whole number as JavaScript has them: `1e3` and `5.0` are, and there is no largest one.
fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "what is out of range saturates"
    )]
    let whole = |number: f64| number as u64;
    Ok(Option::<f64>::deserialize(deserializer)?.map(whole))
}

/// Whether a text contains what is wanted, which is in lower case. Nearly all texts need no copy for that.
fn contains(text: &str, wanted: &str) -> bool {
    if text.is_ascii() {
        let mut places = text.as_bytes().windows(wanted.len());
        return places.any(|place| place.eq_ignore_ascii_case(wanted.as_bytes()));
    }
    text.to_lowercase().contains(wanted)
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::row::append as append_rows;
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
        check(json!({ "activeMinutes": 1e36, "limit": 1.0 }), &["agent:dev:main"]);
        check(json!({ "label": "Work" }), &["agent:dev:main"]);
        check(json!({ "spawnedBy": "agent:dev:main" }), &["agent:dev:old"]);
        check(json!({ "search": "FRIEND" }), &["agent:other:x"]);
        check(json!({ "search": "nothing like it" }), &[]);
    }

    #[test]
    fn searching_ignores_case() {
        for (text, wanted, expect) in [
            ("Friends", "friend", true),
            ("FRIENDS", "ends", true),
            ("Fr", "friend", false),
            ("Straße ÄÖ", "äö", true),
            ("strasse", "ß", false),
            ("\u{212a}elvin", "kelvin", true),
        ] {
            assert_eq!(contains(text, wanted), expect, "{text} {wanted}");
        }
    }

    #[test]
    fn rows_carry_what_is_known() {
        let store = stores();
        let mut text = String::new();
        append_rows(&mut text, &list(&[&store], &Filter::default(), NOW));
        let rows: Value = serde_json::from_str(&text).unwrap();
        let expect = json!({
            "key": "agent:dev:main", "kind": "direct", "label": "Work", "displayName": "Work",
            "updatedAt": NOW - 1000, "sessionId": "s-main", "totalTokens": 0,
        });
        assert_eq!(rows[0], expect);
        assert_eq!((&rows[1]["kind"], &rows[2]["updatedAt"]), (&json!("group"), &Value::Null));
    }
}
