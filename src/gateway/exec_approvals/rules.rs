//! What the file says: as clients see it, and as it is kept. Pure.

use serde_json::{Map, Value, json};

use crate::protocol::schemas;
use crate::protocol::validate::validate;

/// What clients know, by place. The rest stays in the file and is not shown: a client that sent it back would be
/// refused.
const FILE: [&str; 4] = ["version", "socket", "defaults", "agents"];
const SOCKET: [&str; 2] = ["path", "token"];
const AGENT: [&str; 5] = ["security", "ask", "askFallback", "autoAllowSkills", "allowlist"];
const ENTRY: [&str; 5] = ["id", "pattern", "lastUsedAt", "lastUsedCommand", "lastResolvedPath"];

/// Why a file cannot be understood; whatever is unknown in it does no harm.
pub(super) fn problem(file: &Value) -> Option<String> {
    validate(&schemas::EXEC_APPROVALS_FILE, &known(file)).err().map(|violations| violations.text())
}

/// The file as clients see it: without the token of the socket.
pub(super) fn shown(file: &Value) -> Value {
    let mut shown = known(&united(file.clone()));
    if let Some(socket) = shown.get_mut("socket").and_then(Value::as_object_mut) {
        socket.remove("token");
    }
    shown
}

/// What a client sent, as it is kept: with the old socket where it names none, an id for every entry of an allow
/// list, and what the client does not know.
pub(super) fn complete(sent: Value, old: &Value, mut fresh_id: impl FnMut() -> String) -> Value {
    let (mut file, old) = (united(sent), united(old.clone()));
    keep_unknown(&mut file, &old, &FILE);
    for (place, names) in [("socket", &[][..]), ("defaults", &AGENT[..])] {
        if old[place].is_object() {
            keep_unknown(&mut file[place], &old[place], names);
        }
    }
    let Some(agents) = file["agents"].as_object_mut() else { return file };
    for (id, agent) in agents {
        let old = &old["agents"][id.as_str()];
        keep_unknown(agent, old, &AGENT);
        for entry in agent.get_mut("allowlist").and_then(Value::as_array_mut).into_iter().flatten() {
            match entry.get("id") {
                Some(id) => {
                    let known = old["allowlist"].as_array().into_iter().flatten();
                    let same = known.into_iter().find(|old| old.get("id") == Some(id)).cloned();
                    keep_unknown(entry, &same.unwrap_or_default(), &ENTRY);
                }
                None => entry["id"] = fresh_id().into(),
            }
        }
    }
    file
}

/// Adds what `old` has and `new` has not, except what clients know: that they may take away.
fn keep_unknown(new: &mut Value, old: &Value, known: &[&str]) {
    let Some(old) = old.as_object() else { return };
    if new.is_null() {
        *new = json!({});
    }
    let Some(new) = new.as_object_mut() else { return };
    for (name, value) in old.iter().filter(|(name, _)| !known.contains(&name.as_str())) {
        new.entry(name.as_str()).or_insert_with(|| value.clone());
    }
}

/// The file with its members, and with the agent that older files call `default` under its name `main`.
fn united(mut file: Value) -> Value {
    if !file.is_object() {
        file = json!({});
    }
    for name in ["defaults", "agents"] {
        if file[name].is_null() {
            file[name] = json!({});
        }
    }
    if let Some(agents) = file["agents"].as_object_mut()
        && let Some(Value::Object(usual)) = agents.remove("default")
    {
        adopt(agents.entry("main").or_insert_with(|| json!({})), usual);
    }
    file
}

/// Fills in what `agent` does not say itself; its allow list comes first.
fn adopt(agent: &mut Value, usual: Map<String, Value>) {
    let Some(agent) = agent.as_object_mut() else { return };
    for (name, value) in usual {
        match (agent.get_mut(&name), value) {
            (Some(Value::Array(list)), Value::Array(more)) => list.extend(more),
            (Some(_), _) => {}
            (None, value) => {
                agent.insert(name, value);
            }
        }
    }
}

/// What clients know of the file.
fn known(file: &Value) -> Value {
    let mut known = pick(file, &FILE);
    for (name, names) in [("socket", &SOCKET[..]), ("defaults", &AGENT[..4])] {
        if let Some(value) = known.get_mut(name) {
            *value = pick(value, names);
        }
    }
    let agents = known.get_mut("agents").and_then(Value::as_object_mut);
    for agent in agents.into_iter().flat_map(Map::values_mut) {
        *agent = pick(agent, &AGENT);
        let list = agent.get_mut("allowlist").and_then(Value::as_array_mut);
        for entry in list.into_iter().flatten() {
            *entry = pick(entry, &ENTRY);
        }
    }
    known
}

fn pick(value: &Value, names: &[&str]) -> Value {
    let Some(members) = value.as_object() else { return value.clone() };
    let kept = members.iter().filter(|(name, _)| names.contains(&name.as_str()));
    Value::Object(kept.map(|(name, value)| (name.clone(), value.clone())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_completed() {
        let sent = json!({ "version": 1, "agents": {
            "default": { "ask": "off", "allowlist": [{ "pattern": "ls" }, { "id": "a", "pattern": "cat" }] },
            "main": { "security": "full", "allowlist": [{ "id": "b", "pattern": "id" }] },
        } });
        let old = json!({ "version": 1, "socket": { "path": "/s", "token": "t" } });
        let kept = complete(sent, &old, || "1".to_owned());
        let expect = json!({ "version": 1, "defaults": {}, "socket": { "path": "/s", "token": "t" }, "agents": {
            "main": { "security": "full", "ask": "off", "allowlist": [
                { "id": "b", "pattern": "id" }, { "pattern": "ls", "id": "1" }, { "id": "a", "pattern": "cat" },
            ] },
        } });
        assert_eq!(kept, expect);
    }

    #[test]
    fn what_clients_do_not_know_is_neither_shown_nor_lost() {
        let old = json!({ "version": 1, "new": 1, "socket": { "path": "/s", "token": "t", "new": 2 },
            "defaults": { "ask": "off", "new": 3 },
            "agents": {
                "a": { "new": 4, "ask": "off", "allowlist": [{ "id": "i", "pattern": "ls", "new": 5 }] },
                "b": { "new": 6 },
            } });
        assert_eq!(problem(&old), None);
        let mut sent = shown(&old);
        assert!(!sent.to_string().contains("new") && !sent.to_string().contains("\"t\""), "{sent}");
        // The client takes away what it knows.
        sent["defaults"] = json!({});
        sent["agents"] = json!({ "a": { "allowlist": [{ "id": "i", "pattern": "cat" }] } });
        let kept = complete(sent, &old, String::new);
        let expect = json!({ "version": 1, "new": 1, "socket": { "path": "/s", "token": "t", "new": 2 },
            "defaults": { "new": 3 },
            "agents": { "a": { "new": 4, "allowlist": [{ "id": "i", "pattern": "cat", "new": 5 }] } } });
        assert_eq!(kept, expect);
    }

    #[track_caller]
    fn check(file: &Value, expect: &str) {
        assert_eq!(problem(file).as_deref(), Some(expect), "{file}");
    }

    #[test]
    fn what_is_shown_can_be_sent_back() {
        let shown = shown(&json!({ "version": 1 }));
        assert_eq!(shown, json!({ "version": 1, "defaults": {}, "agents": {} }));
        assert_eq!(validate(&schemas::EXEC_APPROVALS_SET, &json!({ "file": shown })), Ok(()));
    }

    #[test]
    fn what_is_not_understood_is_said() {
        check(&json!({}), "must have required property 'version'");
        check(&json!({ "version": 2 }), "at /version: must be equal to constant");
        check(&json!({ "version": 1, "agents": [] }), "at /agents: must be object");
        let list = json!({ "version": 1, "agents": { "a": { "allowlist": [{}] } } });
        check(&list, "at /agents/a/allowlist/0: must have required property 'pattern'");
    }
}
