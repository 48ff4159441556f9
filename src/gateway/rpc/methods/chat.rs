//! `chat.history` (`wire-protocol` D.9).

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{models, params};
use crate::gateway::context::Gateway;
use crate::gateway::sessions::{self, SessionKey};
use crate::protocol::error::RpcError;

/// Messages in an answer, when the client does not say.
const LIMIT: usize = 200;

/// Parameters of `chat.history`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct HistoryParams {
    session_key: String,
    limit: Option<usize>,
}

/// What is known of a session.
#[derive(Debug, Default)]
struct Known {
    id: Option<String>,
    thinking: Option<String>,
    messages: Vec<Value>,
}

/// `chat.history`: the last messages of a session; none of one that does not exist.
pub(crate) async fn history(gateway: &Arc<Gateway>, params: Value) -> Result<Value, RpcError> {
    let HistoryParams { session_key, limit } = params::parse("chat.history", params)?;
    let live = gateway.live();
    let limit = limit.unwrap_or(LIMIT);
    let known = match SessionKey::of(&live.roster, &session_key) {
        Some(key) => {
            let stores = Arc::clone(&live.stores);
            params::off_thread(move || {
                let store = stores.read(&key.agent);
                let Some(entry) = store.get(&key.canonical) else { return Ok(Known::default()) };
                let messages = match store.transcript(entry) {
                    Some(path) => sessions::history(&path, limit)
                        .map_err(|error| format!("failed to read {}: {error}", path.display()))?,
                    None => Vec::new(),
                };
                let text = |name| entry.text(name).map(str::to_owned);
                Ok(Known { id: text("sessionId"), thinking: text("thinkingLevel"), messages })
            })
            .await?
            .map_err(|error: String| RpcError::unavailable(error))?
        }
        None => Known::default(),
    };
    let mut answer = Map::new();
    answer.insert("sessionKey".to_owned(), session_key.into());
    if let Some(id) = known.id {
        answer.insert("sessionId".to_owned(), id.into());
    }
    answer.insert("messages".to_owned(), known.messages.into());
    let thinking = known.thinking.unwrap_or_else(|| models::thinking_level(&live).to_owned());
    answer.insert("thinkingLevel".to_owned(), thinking.into());
    Ok(Value::Object(answer))
}
