//! The short forms of the session list in `health` and `status` (`wire-protocol` D.1). Pure.

use serde_json::{Map, Value, json};

use super::entry::{Entry, Kind};
use super::store::Store;

/// Sessions in a health summary.
const HEALTH_ROWS: usize = 5;
/// Sessions in each list of `status`.
const STATUS_ROWS: usize = 10;

/// `{path, count, recent}` of one store, as `health` has it.
pub(crate) fn recent(store: &Store, now_ms: u64) -> Value {
    let shown: Vec<&Entry> = countable(store).collect();
    let rows = shown.iter().take(HEALTH_ROWS).map(|entry| {
        json!({
            "key": entry.key,
            "updatedAt": entry.updated_at,
            "age": age(entry, now_ms),
        })
    });
    json!({ "path": store.path, "count": shown.len(), "recent": rows.collect::<Vec<_>>() })
}

/// What counts for a session that says nothing else.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Defaults<'a> {
    /// The model, without its provider.
    pub(crate) model: &'a str,
    /// How many tokens it can keep in mind.
    pub(crate) context_tokens: u64,
}

/// How many sessions the stores have, and the rows of the ones used last, as `status` has them.
pub(crate) fn status_rows(
    stores: &[(&str, &Store)],
    defaults: Defaults<'_>,
    now_ms: u64,
) -> (usize, Vec<Value>) {
    let mut all: Vec<(&str, &Entry)> =
        stores.iter().flat_map(|(agent, store)| countable(store).map(|entry| (*agent, entry))).collect();
    all.sort_by_key(|(_, entry)| std::cmp::Reverse(entry.updated_at));
    let rows = all.iter().take(STATUS_ROWS);
    (all.len(), rows.map(|(agent, entry)| status_row(agent, entry, defaults, now_ms)).collect())
}

fn status_row(agent: &str, entry: &Entry, defaults: Defaults<'_>, now_ms: u64) -> Value {
    // Where nobody has counted, the published gateway says that there were none.
    let total = entry.total_tokens().unwrap_or(0);
    let context = entry.get("contextTokens").and_then(Value::as_u64).unwrap_or(defaults.context_tokens);
    let mut row = Map::new();
    row.insert("agentId".to_owned(), agent.into());
    row.insert("key".to_owned(), entry.key.as_str().into());
    row.insert("kind".to_owned(), entry.kind().as_str().into());
    let members = [
        "sessionId",
        "thinkingLevel",
        "verboseLevel",
        "reasoningLevel",
        "elevatedLevel",
        "systemSent",
        "abortedLastRun",
        "inputTokens",
        "outputTokens",
    ];
    for name in members {
        if let Some(value) = entry.get(name) {
            row.insert(name.to_owned(), value.clone());
        }
    }
    row.insert("updatedAt".to_owned(), entry.updated_at.into());
    row.insert("age".to_owned(), age(entry, now_ms).into());
    row.insert("totalTokens".to_owned(), total.into());
    row.insert("remainingTokens".to_owned(), context.saturating_sub(total).into());
    row.insert("percentUsed".to_owned(), percent(total, context).into());
    row.insert("model".to_owned(), entry.get("model").cloned().unwrap_or_else(|| defaults.model.into()));
    row.insert("contextTokens".to_owned(), context.into());
    row.insert("flags".to_owned(), flags(entry).into());
    Value::Object(row)
}

/// Rounded, and never above 999, which is what three columns hold.
fn percent(total: u64, context: u64) -> Option<u64> {
    let (total, context) = (u128::from(total), u128::from(context));
    let percent = (total * 100 + context / 2).checked_div(context)?;
    u64::try_from(percent.min(999)).ok()
}

fn flags(entry: &Entry) -> Vec<String> {
    let levels = [
        ("thinkingLevel", "think"),
        ("verboseLevel", "verbose"),
        ("reasoningLevel", "reasoning"),
        ("elevatedLevel", "elevated"),
    ];
    let mut flags: Vec<String> =
        levels.iter().filter_map(|(name, short)| Some(format!("{short}:{}", entry.text(name)?))).collect();
    for (name, flag) in [("systemSent", "system"), ("abortedLastRun", "aborted")] {
        if entry.get(name) == Some(&Value::Bool(true)) {
            flags.push(flag.to_owned());
        }
    }
    flags.extend(entry.text("sessionId").map(|id| format!("id:{id}")));
    flags
}

/// The sessions that count: not the two that stand for none in particular.
fn countable(store: &Store) -> impl Iterator<Item = &Entry> {
    store.entries.iter().filter(|entry| !matches!(entry.kind(), Kind::Global | Kind::Unknown))
}

fn age(entry: &Entry, now_ms: u64) -> Option<u64> {
    entry.updated_at.map(|at| now_ms.saturating_sub(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFAULTS: Defaults<'_> = Defaults { model: "opus", context_tokens: 1000 };

    fn store(entries: &[(&str, Value)]) -> Store {
        let entries = entries.iter().map(|(key, value)| Entry::read(key, "dev", value).unwrap()).collect();
        Store { path: "/state/sessions.json".into(), entries }
    }

    #[test]
    fn health_counts_all_and_shows_five() {
        let rows: Vec<(String, Value)> =
            (0..7).map(|number| (format!("s{number}"), json!({ "updatedAt": 100 - number }))).collect();
        let mut rows: Vec<(&str, Value)> =
            rows.iter().map(|(key, value)| (key.as_str(), value.clone())).collect();
        rows.push(("global", json!({ "updatedAt": 999 })));
        let summary = recent(&store(&rows), 150);
        assert_eq!(summary["count"], 7);
        assert_eq!(summary["recent"].as_array().unwrap().len(), 5);
        assert_eq!(summary["recent"][0], json!({ "key": "agent:dev:s0", "updatedAt": 100, "age": 50 }));
    }

    #[test]
    fn status_rows_tell_what_is_left_of_the_context() {
        let full = json!({
            "sessionId": "id-1", "updatedAt": 100, "totalTokens": 50, "contextTokens": 200, "systemSent": true,
            "thinkingLevel": "low",
        });
        let store = store(&[("main", full), ("empty", json!({}))]);
        let (count, rows) = status_rows(&[("dev", &store)], DEFAULTS, 150);
        assert_eq!(count, 2);
        assert_eq!((&rows[0]["remainingTokens"], &rows[0]["percentUsed"]), (&json!(150), &json!(25)));
        assert_eq!(rows[0]["flags"], json!(["think:low", "system", "id:id-1"]));
        assert_eq!((&rows[1]["totalTokens"], &rows[1]["age"]), (&json!(0), &Value::Null));
        assert_eq!((&rows[1]["remainingTokens"], &rows[1]["model"]), (&json!(1000), &json!("opus")));
        assert_eq!(percent(5000, 100), Some(999));
        assert_eq!(percent(5, 0), None);
        assert_eq!(percent(u64::MAX, u64::MAX / 2), Some(200));
    }

    #[test]
    fn tokens_beyond_all_bounds_are_the_largest_number() {
        let store = store(&[("main", json!({ "inputTokens": u64::MAX, "outputTokens": u64::MAX }))]);
        let (_, rows) = status_rows(&[("dev", &store)], DEFAULTS, 150);
        assert_eq!((&rows[0]["totalTokens"], &rows[0]["percentUsed"]), (&json!(u64::MAX), &json!(999)));
    }
}
