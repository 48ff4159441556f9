//! `sessions.delete` and `sessions.compact` (`wire-protocol` D.4). Nothing runs in this gateway, so there is
//! nothing to abort before.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::params;
use super::change::{ChangeError, change};
use crate::gateway::context::Gateway;
use crate::gateway::sessions::{self, Compacted, Document};
use crate::protocol::error::RpcError;

/// Lines that a transcript keeps, when the client does not say.
const LINES: usize = 400;

/// Parameters of `sessions.delete`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct DeleteParams {
    key: String,
    delete_transcript: Option<bool>,
}

/// Parameters of `sessions.compact`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CompactParams {
    key: String,
    max_lines: Option<usize>,
}

/// `sessions.delete`: forgets a session and renames its transcript.
pub(crate) async fn delete(gateway: &Arc<Gateway>, params: Value) -> Result<Value, RpcError> {
    let DeleteParams { key, delete_transcript } = params::parse("sessions.delete", params)?;
    let now_ms = gateway.now_ms();
    let (key, deleted, transcript) = change(gateway, key, move |store, key, roster| {
        if key.is_main(roster) {
            return Err(ChangeError::Main(key.canonical.clone()));
        }
        let transcript = own_transcript(store, &key.canonical);
        Ok((key.canonical.clone(), store.remove(&key.canonical), transcript))
    })
    .await?;
    let transcript = transcript.filter(|_| delete_transcript.unwrap_or(true));
    // Only now: a session that could not be deleted keeps its transcript.
    let archived = params::off_thread(move || transcript.and_then(|path| put_away(&path, now_ms))).await?;
    let archived: Vec<String> = archived.into_iter().collect();
    Ok(json!({ "ok": true, "key": key, "deleted": deleted, "archived": archived }))
}

/// The transcript that goes with a session. A session can be deleted whether there is one or not, so what stands
/// in the way is only logged.
fn own_transcript(store: &Document, key: &str) -> Option<PathBuf> {
    let entry = store.entry(key)?;
    if entry.text("sessionId").is_some_and(|id| store.is_taken(key, "sessionId", id)) {
        tracing::info!(key, "transcript stays: another session has it too");
        return None;
    }
    sessions::transcript_of(store, &entry).unwrap_or_else(|error| {
        tracing::warn!(%error, "transcript stays");
        None
    })
}

fn put_away(path: &Path, now_ms: u64) -> Option<String> {
    match sessions::put_away(path, now_ms) {
        Ok(archived) => Some(archived.to_string_lossy().into_owned()),
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "transcript cannot be renamed");
            None
        }
    }
}

/// `sessions.compact`: leaves the end of a transcript.
pub(crate) async fn compact(gateway: &Arc<Gateway>, params: Value) -> Result<Value, RpcError> {
    let CompactParams { key, max_lines } = params::parse("sessions.compact", params)?;
    let now_ms = gateway.now_ms();
    change(gateway, key, move |store, key, _| {
        let key = &key.canonical;
        let nothing = |reason: &str| json!({ "ok": true, "key": key, "compacted": false, "reason": reason });
        let Some(entry) = store.entry(key).filter(|entry| entry.text("sessionId").is_some()) else {
            return Ok(nothing("no sessionId"));
        };
        let Some(path) = sessions::transcript_of(store, &entry)? else {
            return Ok(nothing("no transcript"));
        };
        let compacted = sessions::compact(&path, max_lines.unwrap_or(LINES), now_ms)
            .map_err(|source| ChangeError::Compact { path: path.to_string_lossy().into_owned(), source })?;
        match compacted {
            Compacted::Short(kept) => Ok(json!({ "ok": true, "key": key, "compacted": false, "kept": kept })),
            Compacted::Cut { kept, archived } => {
                let mut entry = store.get(key).cloned().unwrap_or_default();
                for name in ["inputTokens", "outputTokens", "totalTokens"] {
                    entry.shift_remove(name);
                }
                entry.insert("updatedAt".to_owned(), now_ms.into());
                store.put(key, entry);
                Ok(json!({ "ok": true, "key": key, "compacted": true, "archived": archived, "kept": kept }))
            }
        }
    })
    .await
}
