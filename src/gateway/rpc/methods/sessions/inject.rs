//! `chat.inject` (`wire-protocol` D.9): a message of the assistant that no model wrote.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::params;
use super::change::{ChangeError, change};
use crate::gateway::context::Gateway;
use crate::gateway::events::{EventFrame, EventName};
use crate::gateway::sessions;
use crate::protocol::error::RpcError;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct InjectParams {
    session_key: String,
    message: String,
    label: Option<String>,
}

/// `chat.inject`: appended to the transcript, and told to everybody.
pub(crate) async fn inject(gateway: &Arc<Gateway>, params: Value) -> Result<Value, RpcError> {
    let InjectParams { session_key, message, label } = params::parse("chat.inject", params)?;
    let now_ms = gateway.now_ms();
    let text = match label.as_deref().map(str::trim).filter(|label| !label.is_empty()) {
        Some(label) => format!("[{label}]\n\n{message}"),
        None => message,
    };
    // The store is not changed; while it is held, nobody shortens or renames the transcript.
    let (id, message) = change(gateway, session_key.clone(), move |store, key, _| {
        let entry = store.entry(&key.canonical).filter(|entry| entry.text("sessionId").is_some());
        let entry = entry.ok_or(ChangeError::NoSession)?;
        let path = sessions::transcript_of(store, &entry)?.ok_or(ChangeError::NoTranscript)?;
        sessions::inject(&path, &text, now_ms)
            .map_err(|source| ChangeError::Append { path: path.to_string_lossy().into_owned(), source })
    })
    .await?;
    let told = json!({
        "runId": format!("inject-{id}"),
        "sessionKey": session_key,
        "seq": 0,
        "state": "final",
        "message": message,
    });
    gateway.clients.broadcast(&EventFrame::new(EventName::Chat, &told, None));
    Ok(json!({ "ok": true, "messageId": id }))
}
