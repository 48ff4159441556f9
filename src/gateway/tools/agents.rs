//! `agents_list`: which agents a session may start others as.

use serde_json::{Value, json};

use super::call::{Answer, Invocation};
use crate::gateway::agents::normalize_id;

pub(super) fn list(invocation: &Invocation<'_>) -> Answer {
    let roster = &invocation.live.roster;
    let requester = invocation.session.agent.as_str();
    let resolved = &invocation.live.snapshot.resolved;
    let entries = resolved["agents"]["list"].as_array().map_or(&[][..], Vec::as_slice);
    let own =
        entries.iter().find(|entry| entry["id"].as_str().is_some_and(|id| normalize_id(id) == requester));
    let allowed: Vec<String> = own
        .and_then(|entry| entry["subagents"]["allowAgents"].as_array())
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(|id| id.trim().to_owned())
        .collect();
    let allow_any = allowed.iter().any(|id| id == "*");
    let mut others: Vec<String> = if allow_any {
        roster.agents().iter().map(|agent| agent.id.clone()).collect()
    } else {
        allowed.iter().map(|id| normalize_id(id)).collect()
    };
    others.retain(|id| id != requester);
    others.sort();
    others.dedup();
    let row = |id: &str| {
        let agent = roster.get(id).filter(|_| roster.is_listed);
        let mut row = json!({ "id": id });
        if let Some(name) = agent.and_then(|agent| agent.name.as_deref()) {
            row["name"] = name.into();
        }
        row["configured"] = agent.is_some().into();
        row
    };
    let agents: Vec<Value> =
        std::iter::once(requester).chain(others.iter().map(String::as_str)).map(row).collect();
    Answer::Details(json!({ "requester": requester, "allowAny": allow_any, "agents": agents }))
}
