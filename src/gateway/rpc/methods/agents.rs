//! `agents.list`, `agent.identity.get` (`wire-protocol` D.3).

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::params;
use crate::config::schema::Identity;
use crate::gateway::agents::{MAIN, normalize_id};
use crate::gateway::assistant::is_url;
use crate::gateway::context::Gateway;
use crate::protocol::error::RpcError;

/// Parameters of `agent.identity.get`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct IdentityParams {
    agent_id: Option<String>,
    session_key: Option<String>,
}

/// `agents.list`.
pub(crate) fn list(gateway: &Gateway) -> Value {
    let live = gateway.live();
    let roster = &live.roster;
    // The default agent, then the others by name.
    let mut known: Vec<_> = roster.agents().iter().collect();
    if let Some((_, others)) = known.split_first_mut() {
        others.sort_by_key(|agent| &agent.id);
    }
    let agents = known.into_iter().map(|agent| {
        let mut row = Map::new();
        row.insert("id".to_owned(), agent.id.as_str().into());
        if let Some(name) = &agent.name {
            row.insert("name".to_owned(), name.as_str().into());
        }
        if let Some(identity) = agent.identity.as_ref().and_then(identity_row) {
            row.insert("identity".to_owned(), identity);
        }
        Value::Object(row)
    });
    json!({
        "defaultId": roster.default_id(),
        "mainKey": MAIN,
        "scope": roster.scope_name(),
        "agents": agents.collect::<Vec<_>>(),
    })
}

/// `agent.identity.get`: how an agent is shown. Agents that are not known get the default.
pub(crate) async fn identity(gateway: &Arc<Gateway>, params: Value) -> Result<Value, RpcError> {
    let IdentityParams { agent_id, session_key } = params::parse("agent.identity.get", params)?;
    let asked = agent_id.map(|id| normalize_id(&id));
    let session_key = session_key.map(|key| key.trim().to_owned()).filter(|key| !key.is_empty());
    let live = gateway.live();
    let of_session = session_key.map(|key| live.roster.agent_of(&key));
    if let (Some(asked), Some(of_session)) = (&asked, &of_session)
        && asked != of_session
    {
        return Err(RpcError::invalid(format!(
            "invalid agent.identity.get params: agent \"{asked}\" does not match session key agent \"{of_session}\""
        )));
    }
    let id = asked.or(of_session).unwrap_or_else(|| live.roster.default_id().to_owned());
    let shared = Arc::clone(gateway);
    let shown = params::off_thread(move || shared.shown(&id)).await?;
    Ok(json!({ "agentId": shown.agent, "name": shown.name, "avatar": shown.avatar }))
}

fn identity_row(identity: &Identity) -> Option<Value> {
    let mut row = serde_json::to_value(identity).ok()?.as_object().cloned()?;
    if let Some(avatar) = identity.avatar.as_deref().filter(|avatar| is_url(avatar)) {
        row.insert("avatarUrl".to_owned(), avatar.into());
    }
    (!row.is_empty()).then_some(Value::Object(row))
}
