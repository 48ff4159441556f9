//! `sessions.patch` and `sessions.reset` (`wire-protocol` D.4).

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::change::change;
use crate::gateway::context::Gateway;
use crate::gateway::live::Live;
use crate::gateway::sessions::{self, ModelRules, PatchContext};
use crate::protocol::error::RpcError;

/// `sessions.patch`: changes the settings of a session, which is made if there is none.
pub(crate) async fn patch(gateway: &Arc<Gateway>, params: Value) -> Result<Value, RpcError> {
    let Value::Object(patch) = params else {
        return Err(RpcError::invalid("invalid sessions.patch params: must be object"));
    };
    let now_ms = gateway.now_ms();
    let models = model_rules(&gateway.live());
    change(gateway, given_key(&patch), move |store, key, _| {
        let mut entry = store.get(&key.canonical).cloned().unwrap_or_default();
        if entry.get("sessionId").and_then(Value::as_str).is_none_or(|id| id.trim().is_empty()) {
            entry.insert("sessionId".to_owned(), fresh_id().into());
        }
        entry.insert("updatedAt".to_owned(), now_ms.into());
        let is_taken = |label: &str| store.is_taken(&key.canonical, "label", label);
        let context = PatchContext { models: &models, is_subagent: key.is_subagent(), is_taken: &is_taken };
        sessions::patch(&mut entry, &patch, &context)?;
        store.put(&key.canonical, entry.clone());
        Ok(json!({ "ok": true, "path": store.path(), "key": key.canonical, "entry": entry }))
    })
    .await
}

/// `sessions.reset`: a new conversation under the same key. The old transcript stays.
pub(crate) async fn reset(gateway: &Arc<Gateway>, params: Value) -> Result<Value, RpcError> {
    let now_ms = gateway.now_ms();
    let given = params.as_object().map(given_key).unwrap_or_default();
    change(gateway, given, move |store, key, _| {
        let before = store.get(&key.canonical).cloned().unwrap_or_default();
        let entry = sessions::reset(&before, &fresh_id(), now_ms);
        store.put(&key.canonical, entry.clone());
        Ok(json!({ "ok": true, "key": key.canonical, "entry": entry }))
    })
    .await
}

/// The schema has seen to it that there is one.
fn given_key(params: &Map<String, Value>) -> String {
    params.get("key").and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn fresh_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

fn model_rules(live: &Live) -> ModelRules {
    let models = live.snapshot.resolved["agents"]["defaults"]["models"].as_object();
    let listed = models
        .into_iter()
        .flatten()
        .map(|(reference, settings)| (reference.clone(), settings["alias"].as_str().map(str::to_owned)));
    ModelRules { default: live.settings.model.clone(), listed: listed.collect() }
}
