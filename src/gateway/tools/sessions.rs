//! `sessions_list`, `sessions_history`: sessions of the agent that asks, and of others as far as the configuration says.

use serde_json::{Map, Value, json};

use super::call::{Answer, Invocation};
use crate::gateway::agents::AgentKey;
use crate::gateway::sessions::SessionKey;

/// What a session can be asked for as.
const KINDS: [&str; 6] = ["main", "group", "cron", "hook", "node", "other"];

/// Messages of each session in a list, at most.
const MOST_MESSAGES: u64 = 20;

/// Members that a row takes over as they are, after those that are worked out.
const TAKEN_OVER: [&str; 10] = [
    "model",
    "contextTokens",
    "totalTokens",
    "thinkingLevel",
    "verboseLevel",
    "systemSent",
    "abortedLastRun",
    "sendPolicy",
    "lastChannel",
    "lastTo",
];

pub(super) async fn list(invocation: &Invocation<'_>) -> Result<Answer, String> {
    let mut params = json!({ "includeGlobal": true, "includeUnknown": true });
    for name in ["limit", "activeMinutes"] {
        if let Some(count) = invocation.count(name) {
            params[name] = count.into();
        }
    }
    let kinds: Vec<&str> =
        invocation.args.get("kinds").and_then(Value::as_array).map_or(Vec::new(), |kinds| {
            let asked = kinds.iter().filter_map(Value::as_str).map(|kind| kind.trim().to_lowercase());
            asked.filter_map(|asked| KINDS.into_iter().find(|kind| *kind == asked)).collect()
        });
    let messages = invocation.count("messageLimit").unwrap_or(0).min(MOST_MESSAGES);
    let mut listed = invocation.ask("sessions.list", params).await?;
    let Value::Array(rows) = listed["sessions"].take() else { return Err("no sessions".to_owned()) };
    let store = listed["path"].as_str().filter(|path| !path.starts_with('(')).unwrap_or_default();
    let mut sessions = Vec::new();
    for row in rows {
        let key = row["key"].as_str().unwrap_or_default();
        let agent = AgentKey::parse(key).map_or(invocation.session.agent.as_str(), |key| key.agent);
        let kind = kind(key, &row);
        if key == "unknown" || !may_see(invocation, agent) || !(kinds.is_empty() || kinds.contains(&kind)) {
            continue;
        }
        let mut session = shown(key, kind, &row, store);
        if messages > 0 {
            session.insert("messages".to_owned(), read(invocation, key, Some(messages), false).await?.into());
        }
        sessions.push(Value::Object(session));
    }
    Ok(Answer::Details(json!({ "count": sessions.len(), "sessions": sessions })))
}

pub(super) async fn history(invocation: &Invocation<'_>) -> Result<Answer, String> {
    let given = invocation.required("sessionKey")?;
    let key = if is_key(given) {
        given.to_owned()
    } else {
        match invocation.ask("sessions.resolve", json!({ "sessionId": given, "includeGlobal": true })).await {
            Ok(mut found) => match found["key"].take() {
                Value::String(key) => key,
                _ => return Err("no key".to_owned()),
            },
            Err(error) => return Ok(Answer::Details(json!({ "status": "error", "error": error }))),
        }
    };
    let session = SessionKey::of(&invocation.live.roster, &key);
    if !session.is_some_and(|session| may_see(invocation, &session.agent)) {
        let error = "Agent-to-agent history is disabled. Set tools.agentToAgent.enabled=true to allow cross-agent access.";
        return Ok(Answer::Details(json!({ "status": "forbidden", "error": error })));
    }
    let with_tools = invocation.args.get("includeTools").and_then(Value::as_bool).unwrap_or(false);
    let messages = read(invocation, &key, invocation.count("limit"), with_tools).await?;
    Ok(Answer::Details(json!({ "sessionKey": key, "messages": messages })))
}

/// The last messages of a session; those of tools count, also when they are left out.
async fn read(
    invocation: &Invocation<'_>,
    key: &str,
    limit: Option<u64>,
    with_tools: bool,
) -> Result<Vec<Value>, String> {
    let mut params = json!({ "sessionKey": key });
    if let Some(limit) = limit {
        params["limit"] = limit.min(1000).into();
    }
    let mut answer = invocation.ask("chat.history", params).await?;
    let Value::Array(mut messages) = answer["messages"].take() else { return Ok(Vec::new()) };
    messages.retain(|message| with_tools || message["role"] != "toolResult");
    Ok(messages)
}

/// Whether a text is the key of a session, and not its id.
pub(super) fn is_key(text: &str) -> bool {
    matches!(text, "main" | "global" | "unknown") || text.contains(':')
}

/// Whether sessions of an agent are shown: its own always, those of others with `tools.agentToAgent`.
fn may_see(invocation: &Invocation<'_>, agent: &str) -> bool {
    let requester = invocation.session.agent.as_str();
    if agent == requester {
        return true;
    }
    let shared = &invocation.live.snapshot.resolved["tools"]["agentToAgent"];
    let allowed = shared["allow"].as_array().map_or(&[][..], Vec::as_slice);
    let is_allowed =
        |agent: &str| allowed.is_empty() || allowed.iter().any(|name| name == "*" || name == agent);
    shared["enabled"] == true && is_allowed(requester) && is_allowed(agent)
}

fn kind(key: &str, row: &Value) -> &'static str {
    match key {
        "main" | "global" => "main",
        _ if key.starts_with("cron:") => "cron",
        _ if key.starts_with("hook:") => "hook",
        _ if key.starts_with("node:") || key.starts_with("node-") => "node",
        _ if row["kind"] == "group" || key.contains(":group:") || key.contains(":channel:") => "group",
        _ => "other",
    }
}

/// A row as the published tool shows it. `store` is the file that it comes from, when there is only one.
fn shown(key: &str, kind: &str, row: &Value, store: &str) -> Map<String, Value> {
    let delivery = &row["deliveryContext"];
    let channel = [&row["channel"], &delivery["channel"], &row["lastChannel"]];
    let channel = channel.into_iter().find_map(Value::as_str).unwrap_or("unknown");
    let mut session = Map::new();
    let mut add = |name: &str, value: Value| {
        if !value.is_null() {
            session.insert(name.to_owned(), value);
        }
    };
    add("key", key.into());
    add("kind", kind.into());
    add("channel", channel.into());
    for name in ["label", "displayName", "deliveryContext", "updatedAt", "sessionId"] {
        add(name, row[name].clone());
    }
    for name in TAKEN_OVER {
        add(name, row[name].clone());
    }
    add("lastAccountId", row["lastAccountId"].clone());
    if let Some(id) = row["sessionId"].as_str() {
        let path = std::path::Path::new(store).with_file_name(format!("{id}.jsonl"));
        add("transcriptPath", path.to_string_lossy().into());
    }
    session
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_sessions() {
        for (key, row, expected) in [
            ("main", json!({}), "main"),
            ("agent:main:main", json!({ "kind": "direct" }), "other"),
            ("agent:main:discord:group:g", json!({}), "group"),
            ("agent:main:x", json!({ "kind": "group" }), "group"),
            ("cron:j", json!({}), "cron"),
            ("hook:h", json!({}), "hook"),
            ("node-n", json!({}), "node"),
        ] {
            assert_eq!(kind(key, &row), expected, "{key}");
        }
    }

    #[test]
    fn rows_have_what_is_known_and_no_more() {
        let row = json!({
            "key": "k", "kind": "direct", "label": "L", "sessionId": "s", "updatedAt": null, "totalTokens": 5,
            "deliveryContext": { "channel": "slack" }, "inputTokens": 3,
        });
        let expected = json!({
            "key": "k", "kind": "other", "channel": "slack", "label": "L",
            "deliveryContext": { "channel": "slack" }, "sessionId": "s", "totalTokens": 5,
            "transcriptPath": "/state/s.jsonl",
        });
        assert_eq!(Value::Object(shown("k", "other", &row, "/state/sessions.json")), expected);
        assert_eq!(shown("k", "other", &row, "")["transcriptPath"], "s.jsonl");
        assert_eq!(shown("k", "other", &json!({}), "")["channel"], "unknown");
    }

    #[test]
    fn keys_and_ids() {
        for (text, expected) in
            [("main", true), ("agent:a:b", true), ("11111111-1111", false), ("nobody", false)]
        {
            assert_eq!(is_key(text), expected, "{text}");
        }
    }
}
