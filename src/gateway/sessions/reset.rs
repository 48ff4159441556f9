//! What is left of a session that starts afresh (`sessions.reset`, `wire-protocol` D.4). Pure.

use serde_json::{Map, Value};

/// Members that stay, in the order of the published program.
const KEPT: [&str; 12] = [
    "thinkingLevel",
    "verboseLevel",
    "reasoningLevel",
    "responseUsage",
    "model",
    "contextTokens",
    "sendPolicy",
    "label",
    "origin",
    "lastChannel",
    "lastTo",
    "skillsSnapshot",
];

/// Members that end with the conversation. What is in neither list is not known here, and stays.
const ENDED: [&str; 45] = [
    "sessionId",
    "updatedAt",
    "sessionFile",
    "spawnedBy",
    "systemSent",
    "abortedLastRun",
    "chatType",
    "elevatedLevel",
    "ttsAuto",
    "execHost",
    "execSecurity",
    "execAsk",
    "execNode",
    "providerOverride",
    "modelOverride",
    "authProfileOverride",
    "authProfileOverrideSource",
    "authProfileOverrideCompactionCount",
    "groupActivation",
    "groupActivationNeedsSystemIntro",
    "queueMode",
    "queueDebounceMs",
    "queueCap",
    "queueDrop",
    "inputTokens",
    "outputTokens",
    "totalTokens",
    "modelProvider",
    "compactionCount",
    "memoryFlushAt",
    "memoryFlushCompactionCount",
    "cliSessionIds",
    "claudeCliSessionId",
    "displayName",
    "channel",
    "groupId",
    "subject",
    "groupChannel",
    "space",
    "deliveryContext",
    "lastAccountId",
    "lastThreadId",
    "lastHeartbeatText",
    "lastHeartbeatSentAt",
    "systemPromptReport",
];

/// The entry of the new conversation.
pub(crate) fn reset(before: &Map<String, Value>, session_id: &str, now_ms: u64) -> Map<String, Value> {
    let mut entry = Map::new();
    let mut put = |name: &str, value: Value| {
        entry.insert(name.to_owned(), value);
    };
    put("sessionId", session_id.into());
    put("updatedAt", now_ms.into());
    put("systemSent", false.into());
    put("abortedLastRun", false.into());
    for name in KEPT {
        if let Some(value) = before.get(name) {
            put(name, value.clone());
        }
    }
    for name in ["inputTokens", "outputTokens", "totalTokens"] {
        put(name, 0.into());
    }
    let is_known = |name: &str| KEPT.contains(&name) || ENDED.contains(&name);
    for (name, value) in before.iter().filter(|(name, _)| !is_known(name)) {
        put(name, value.clone());
    }
    entry
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn settings_stay_and_the_conversation_goes() {
        let before = json!({
            "sessionId": "s", "updatedAt": 5, "fromTheFuture": { "b": 1 }, "label": "L", "thinkingLevel": "low",
            "elevatedLevel": "on", "systemSent": true, "totalTokens": 11, "sessionFile": "/s/s.jsonl",
            "skillsSnapshot": { "prompt": "p" }, "lastTo": "x", "modelOverride": "m", "compactionCount": 3,
        });
        let expect = json!({
            "sessionId": "fresh", "updatedAt": 9, "systemSent": false, "abortedLastRun": false,
            "thinkingLevel": "low", "label": "L", "lastTo": "x", "skillsSnapshot": { "prompt": "p" },
            "inputTokens": 0, "outputTokens": 0, "totalTokens": 0, "fromTheFuture": { "b": 1 },
        });
        let after = reset(before.as_object().unwrap(), "fresh", 9);
        assert_eq!(Value::Object(after).to_string(), expect.to_string());
    }
}
