//! `sessions.preview` (`wire-protocol` D.4).

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::params;
use crate::gateway::agents::Roster;
use crate::gateway::context::Gateway;
use crate::gateway::sessions::{self, Item, SessionKey, Stores};
use crate::protocol::error::RpcError;

/// Sessions in one answer; more keys are passed over.
const KEYS: usize = 64;
/// Most items of a session.
const ITEMS_MAX: usize = 50;
/// Most characters of an item.
const CHARS_MAX: usize = 2000;

/// Parameters of `sessions.preview`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct PreviewParams {
    keys: Vec<String>,
    limit: Option<usize>,
    max_chars: Option<usize>,
}

/// What there is to show of a session.
enum Shown {
    Missing,
    Unreadable,
    Items(Vec<Item>),
}

/// `sessions.preview`: the last messages of some sessions in short.
pub(crate) async fn preview(gateway: &Arc<Gateway>, params: Value) -> Result<Value, RpcError> {
    let PreviewParams { keys, limit, max_chars } = params::parse("sessions.preview", params)?;
    let limit = limit.unwrap_or(12).min(ITEMS_MAX);
    let max_chars = max_chars.unwrap_or(240).min(CHARS_MAX);
    let live = gateway.live();
    let (roster, stores) = (Arc::clone(&live.roster), Arc::clone(&live.stores));
    let previews = params::off_thread(move || {
        let keys = keys.iter().filter(|key| !key.trim().is_empty()).take(KEYS);
        let rows = keys.map(|key| {
            let (status, items) = match show(&stores, &roster, key, limit, max_chars) {
                Shown::Missing => ("missing", Vec::new()),
                Shown::Unreadable => ("error", Vec::new()),
                Shown::Items(items) if items.is_empty() => ("empty", items),
                Shown::Items(items) => ("ok", items),
            };
            json!({ "key": key, "status": status, "items": items })
        });
        rows.collect::<Vec<_>>()
    })
    .await?;
    Ok(json!({ "ts": gateway.now_ms(), "previews": previews }))
}

fn show(stores: &Stores, roster: &Roster, key: &str, limit: usize, max_chars: usize) -> Shown {
    let Some(key) = SessionKey::of(roster, key) else { return Shown::Missing };
    let store = stores.read(&key.agent);
    let Some(entry) = store.get(&key.canonical) else { return Shown::Missing };
    let Some(path) = store.transcript(entry) else { return Shown::Items(Vec::new()) };
    sessions::preview(&path, limit, max_chars).map_or_else(
        |error| {
            tracing::warn!(path = %path.display(), %error, "transcript cannot be read");
            Shown::Unreadable
        },
        Shown::Items,
    )
}
