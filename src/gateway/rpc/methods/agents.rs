//! `agents.list`, `agent.identity.get` (`wire-protocol` D.3).

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::params;
use crate::config::schema::Identity;
use crate::gateway::agents::{MAIN, normalize_id};
use crate::gateway::context::Gateway;
use crate::gateway::identity_file;
use crate::protocol::error::RpcError;

/// What a client shows when nothing else is configured.
const DEFAULT_NAME: &str = "Assistant";
const DEFAULT_AVATAR: &str = "A";
/// Longest name, in characters.
const NAME_MAX: usize = 50;
/// Longest avatar that is a token or an emoji, in characters.
const AVATAR_MAX: usize = 4;

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
pub(crate) async fn identity(gateway: &Gateway, params: Value) -> Result<Value, RpcError> {
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
    let assistant = live.config.ui.assistant.clone().unwrap_or_default();
    let own = live.roster.get(&id).and_then(|agent| agent.identity.clone()).unwrap_or_default();
    let written = match gateway.workspace_of(&id) {
        Some(workspace) => params::off_thread(move || identity_file::read(&workspace)).await?,
        None => Identity::default(),
    };
    let names = [assistant.name, own.name, written.name];
    let name = names.into_iter().flatten().find_map(|name| some(&name));
    let avatars = [assistant.avatar, own.avatar, own.emoji, written.avatar, written.emoji];
    let avatar = avatars.into_iter().flatten().find_map(|text| avatar(&text, &id));
    Ok(json!({
        "agentId": id,
        "name": name.map_or_else(|| DEFAULT_NAME.to_owned(), |name| name.chars().take(NAME_MAX).collect()),
        "avatar": avatar.unwrap_or_else(|| DEFAULT_AVATAR.to_owned()),
    }))
}

fn identity_row(identity: &Identity) -> Option<Value> {
    let mut row = serde_json::to_value(identity).ok()?.as_object().cloned()?;
    if let Some(avatar) = identity.avatar.as_deref().filter(|avatar| is_url(avatar)) {
        row.insert("avatarUrl".to_owned(), avatar.into());
    }
    (!row.is_empty()).then_some(Value::Object(row))
}

/// An avatar as clients can show it: a URL, the path where a local picture is served, or a short text.
fn avatar(text: &str, agent: &str) -> Option<String> {
    let text = some(text)?;
    if is_url(&text) || text.chars().count() <= AVATAR_MAX {
        return Some(text);
    }
    (text.contains('/') || text.contains('.')).then(|| format!("/avatar/{agent}"))
}

fn is_url(text: &str) -> bool {
    ["http://", "https://", "data:image/"].iter().any(|scheme| text.starts_with(scheme))
}

fn some(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn avatars() {
        for (text, expect) in [
            ("🦞", Some("🦞")),
            ("https://a.example/b.png", Some("https://a.example/b.png")),
            ("avatars/dev.png", Some("/avatar/dev")),
            ("a long text", None),
            ("  ", None),
        ] {
            assert_eq!(avatar(text, "dev").as_deref(), expect, "{text}");
        }
    }
}
