use std::path::Path;

use serde_json::json;

use super::support::{start, start_with};

fn write_sessions(state: &Path, agent: &str, sessions: &serde_json::Value) {
    let directory = state.join("agents").join(agent).join("sessions");
    std::fs::create_dir_all(&directory).unwrap();
    std::fs::write(directory.join("sessions.json"), sessions.to_string()).unwrap();
}

#[tokio::test]
async fn health_and_status_tell_the_real_sessions() {
    let config = json!({ "agents": { "list": [{ "id": "dev", "name": "Dev" }, { "id": "other" }] } });
    let gateway = start_with(config, None, |state| {
        write_sessions(
            state,
            "dev",
            &json!({ "main": { "sessionId": "s1", "updatedAt": 5, "totalTokens": 10 } }),
        );
        write_sessions(state, "other", &json!({ "agent:other:main": { "updatedAt": 7 } }));
    })
    .await;
    let mut client = gateway.client(&["operator.read"]).await;
    let health = client.call("health", json!({})).await;
    assert_eq!(health["defaultAgentId"], "dev");
    assert_eq!(health["sessions"]["count"], 1);
    assert_eq!(health["sessions"]["recent"][0]["key"], "agent:dev:main");
    assert_eq!(health["agents"][0]["name"], "Dev");
    assert_eq!(health["agents"][1]["sessions"]["recent"][0]["key"], "agent:other:main");
    let status = client.call("status", json!({})).await;
    assert_eq!(status["sessions"]["count"], 2);
    assert_eq!(status["sessions"]["recent"][0]["key"], "agent:other:main");
    assert_eq!(
        status["sessions"]["defaults"],
        json!({ "model": "claude-opus-4-5", "contextTokens": 200_000 })
    );
    let list = client.call("sessions.list", json!({ "agentId": "dev" })).await;
    assert_eq!((&list["count"], &list["path"]), (&json!(1), &json!("(multiple)")));
    assert_eq!(list["sessions"][0]["totalTokens"], 10);
    let bad = client.request("sessions.list", json!({ "limit": "x", "more": 1 })).await;
    assert_eq!(
        bad["error"]["message"],
        "invalid sessions.list params: at root: unexpected property 'more'; at /limit: must be integer"
    );
}

#[tokio::test]
async fn agents_and_models_are_those_of_the_configuration() {
    let identity = json!({ "name": "C3", "emoji": "🤖" });
    let gateway = start(json!({
        "agents": {
            "defaults": { "model": { "primary": "anthropic/claude-opus-4-5", "fallbacks": ["openai/gpt"] } },
            "list": [{ "id": "dev", "identity": identity }],
        },
    }))
    .await;
    let mut client = gateway.client(&[]).await;
    let agents = client.call("agents.list", json!({})).await;
    let expect = json!({
        "defaultId": "dev", "mainKey": "main", "scope": "per-sender",
        "agents": [{ "id": "dev", "identity": identity }],
    });
    assert_eq!(agents, expect);
    let models = client.call("models.list", json!({})).await;
    let expect = json!({ "models": [
        { "id": "claude-opus-4-5", "name": "claude-opus-4-5", "provider": "anthropic" },
        { "id": "gpt", "name": "gpt", "provider": "openai" },
    ] });
    assert_eq!(models, expect);
    let shown = client.call("agent.identity.get", json!({ "sessionKey": "agent:dev:main" })).await;
    assert_eq!(shown, json!({ "agentId": "dev", "name": "C3", "avatar": "🤖" }));
    let unknown = client.call("agent.identity.get", json!({ "agentId": "nobody" })).await;
    assert_eq!(unknown, json!({ "agentId": "nobody", "name": "Assistant", "avatar": "A" }));
    let clash =
        client.request("agent.identity.get", json!({ "agentId": "a", "sessionKey": "agent:b:main" })).await;
    assert_eq!(
        clash["error"]["message"],
        "invalid agent.identity.get params: agent \"a\" does not match session key agent \"b\""
    );
}

#[tokio::test]
async fn an_agent_without_configured_identity_is_named_by_its_workspace() {
    let gateway = start_with(json!({}), None, |state| {
        std::fs::create_dir_all(state.join("workspace")).unwrap();
        let text = "# Identity\n\n- **Name:** Clawd\n- Emoji: 🦞\n- Avatar: *(a picture)*\n";
        std::fs::write(state.join("workspace/IDENTITY.md"), text).unwrap();
    })
    .await;
    let shown = gateway.client(&[]).await.call("agent.identity.get", json!({})).await;
    assert_eq!(shown, json!({ "agentId": "main", "name": "Clawd", "avatar": "🦞" }));
}

#[tokio::test]
async fn presence_is_told_on_events_and_on_a_disconnect_but_not_on_a_connect() {
    let gateway = start(json!({})).await;
    let mut watcher = gateway.client(&[]).await;
    watcher.event("health").await;
    let mut guest = gateway.client(&[]).await;
    guest
        .call("system-event", json!({ "text": "Node: pad (10.0.0.9) · app 2 · mode ui · reason launch" }))
        .await;
    let event = watcher.event("presence").await;
    assert_eq!(event["stateVersion"]["presence"], 4);
    let entries = event["payload"]["presence"].as_array().unwrap();
    assert!(entries.iter().any(|entry| entry["host"] == "pad" && entry["mode"] == "ui"));
    let status = watcher.call("status", json!({})).await;
    assert_eq!(
        status["queuedSystemEvents"],
        json!(["Node: pad (10.0.0.9) · app 2 · mode ui · reason launch"])
    );
    assert_eq!(
        watcher.request("system-event", json!({ "text": " " })).await["error"]["message"],
        "text required"
    );
    drop(guest);
    let event = watcher.event("presence").await;
    let entries = event["payload"]["presence"].as_array().unwrap();
    assert!(entries.iter().any(|entry| entry["reason"] == "disconnect"));
    // Whoever has neither device nor instance is not kept once that was told.
    assert_eq!(watcher.call("system-presence", json!({})).await.as_array().unwrap().len(), entries.len() - 1);
}

#[tokio::test]
async fn what_does_not_exist_is_empty() {
    let gateway = start(json!({})).await;
    let mut client = gateway.client(&[]).await;
    assert_eq!(client.call("last-heartbeat", json!({})).await, json!(null));
    let channels = client.call("channels.status", json!({ "probe": true, "timeoutMs": 8000 })).await;
    assert_eq!((&channels["channels"], &channels["channelOrder"]), (&json!({}), &json!([])));
    assert_eq!(client.call("device.pair.list", json!({})).await, json!({ "pending": [], "paired": [] }));
    assert_eq!(client.call("node.list", json!({})).await["nodes"], json!([]));
    assert_eq!(client.call("sessions.list", json!({})).await["sessions"], json!([]));
}
