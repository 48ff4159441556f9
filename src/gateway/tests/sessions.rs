use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::support::{TestClient, TestGateway, start_with};

/// A gateway whose agent `dev` has sessions, as the published program writes them.
pub(super) async fn written() -> (TestGateway, TestClient) {
    let config = json!({ "agents": { "list": [{ "id": "dev" }, { "id": "other" }] } });
    let gateway = start_with(config, None, |state| {
        let directory = state.join("agents/dev/sessions");
        fs::create_dir_all(&directory).unwrap();
        let store = json!({
            "agent:dev:main": {
                "sessionId": "s-main", "updatedAt": 9, "label": "Work", "thinkingLevel": "high",
                "skillsSnapshot": { "prompt": "p", "skills": [] }, "fromTheFuture": { "b": 1, "a": 2 },
            },
            "legacy": { "sessionId": "s-legacy", "updatedAt": 8 },
            "agent:dev:evil": { "sessionId": "../../evil", "updatedAt": 7 },
            "agent:dev:empty": { "sessionId": "s-empty", "updatedAt": 6 },
        });
        fs::write(directory.join("sessions.json"), format!("{store:#}")).unwrap();
        fs::write(directory.join("s-main.jsonl"), transcript()).unwrap();
        fs::write(directory.join("s-legacy.jsonl"), transcript()).unwrap();
        fs::write(state.join("agents/evil.jsonl"), transcript()).unwrap();
    })
    .await;
    let client = gateway.client(&["operator.admin"]).await;
    (gateway, client)
}

/// As the published program writes it, with a line that was cut off by a crash.
fn transcript() -> String {
    let text = |text: &str| json!([{ "type": "text", "text": text }]);
    let entry = |id: &str, message: Value| {
        json!({ "type": "message", "id": id, "parentId": null, "timestamp": "2026-01-01T00:00:00.000Z",
                "message": message })
        .to_string()
    };
    let call = json!([{ "type": "toolCall", "id": "t", "name": "exec", "arguments": {} }]);
    [
        json!({ "type": "session", "version": 3, "id": "s-main", "cwd": "/" }).to_string(),
        json!({ "type": "model_change", "id": "a0", "parentId": null, "provider": "p" }).to_string(),
        entry("a1", json!({ "role": "user", "content": text("[Slack #a +5m] hello\n[message_id: r1]") })),
        entry("a2", json!({ "role": "assistant", "content": call, "provider": "p" })),
        "{ \"type\": \"mess".to_owned(),
        entry("a3", json!({ "role": "assistant", "content": text("Done.\n[message_id: x]") })),
    ]
    .join("\n")
        + "\n"
}

#[tokio::test]
async fn the_history_of_a_session() {
    let (_gateway, mut client) = written().await;
    let shown = client.call("chat.history", json!({ "sessionKey": "main" })).await;
    let expect = json!({
        "sessionKey": "main",
        "sessionId": "s-main",
        "messages": [
            { "role": "user", "content": [{ "type": "text", "text": "hello" }] },
            { "role": "assistant", "content": [{ "type": "toolCall", "id": "t", "name": "exec", "arguments": {} }],
              "provider": "p" },
            { "role": "assistant", "content": [{ "type": "text", "text": "Done.\n[message_id: x]" }] },
        ],
        "thinkingLevel": "high",
    });
    assert_eq!(shown, expect);
    for key in ["agent:dev:main", "agent:DEV:main", "  main "] {
        let last = client.call("chat.history", json!({ "sessionKey": key, "limit": 1 })).await;
        assert_eq!((&last["sessionKey"], &last["messages"]), (&json!(key), &json!([expect["messages"][2]])));
    }
    for key in ["legacy", "agent:dev:legacy"] {
        let legacy = client.call("chat.history", json!({ "sessionKey": key })).await;
        assert_eq!((&legacy["messages"], &legacy["thinkingLevel"]), (&expect["messages"], &json!("low")));
    }
    let none = client.call("chat.history", json!({ "sessionKey": "agent:other:main" })).await;
    assert_eq!(none, json!({ "sessionKey": "agent:other:main", "messages": [], "thinkingLevel": "low" }));
    let evil = client.call("chat.history", json!({ "sessionKey": "agent:dev:evil" })).await;
    assert_eq!(evil["messages"], json!([]), "the id leads out of the directory");
    let bad = client.request("chat.history", json!({ "sessionKey": "main", "limit": 1001 })).await;
    assert_eq!(bad["error"]["message"], "invalid chat.history params: at /limit: must be <= 1000");
}

#[tokio::test]
async fn a_history_of_megabytes_arrives_and_others_do_not_wait_for_it() {
    let (gateway, mut client) = written().await;
    let line = json!({ "message": { "role": "assistant", "content": "y".repeat(100_000) } }).to_string();
    let path = sessions_of(&gateway, "dev").join("s-empty.jsonl");
    fs::write(path, format!("{line}\n").repeat(100)).unwrap();
    let history = client.call("chat.history", json!({ "sessionKey": "empty", "limit": 1000 })).await;
    let count = history["messages"].as_array().unwrap().len();
    assert!(history["messages"].to_string().len() <= 6 * 1024 * 1024 && count > 60, "{count}");
    assert_eq!(client.call("health", json!({})).await["ok"], true);
}

#[tokio::test]
async fn previews_of_sessions() {
    let (_gateway, mut client) = written().await;
    let keys = ["main", "nope", "agent:dev:empty", "agent:dev:evil", "legacy", " "];
    let answer = client.call("sessions.preview", json!({ "keys": keys, "limit": 2 })).await;
    let items = json!([
        { "role": "tool", "text": "call exec" },
        { "role": "assistant", "text": "Done.\n[message_id: x]" },
    ]);
    let expect = json!([
        { "key": "main", "status": "ok", "items": items },
        { "key": "nope", "status": "missing", "items": [] },
        { "key": "agent:dev:empty", "status": "empty", "items": [] },
        { "key": "agent:dev:evil", "status": "empty", "items": [] },
        { "key": "legacy", "status": "ok", "items": items },
    ]);
    assert_eq!(answer["previews"], expect);
    assert!(answer["ts"].is_u64());
    let cut = client.call("sessions.preview", json!({ "keys": ["main"], "maxChars": 20 })).await;
    assert_eq!(cut["previews"][0]["items"][2]["text"], "Done.\n[message_id...");
    let bad = client.request("sessions.preview", json!({ "keys": [] })).await;
    assert_eq!(
        bad["error"]["message"],
        "invalid sessions.preview params: at /keys: must NOT have fewer than 1 items"
    );
}

#[tokio::test]
async fn a_session_is_found_by_key_id_and_label() {
    let (_gateway, mut client) = written().await;
    for (wanted, expect) in [
        (json!({ "key": "main" }), "agent:dev:main"),
        (json!({ "key": "agent:dev:legacy" }), "agent:dev:legacy"),
        (json!({ "sessionId": "s-legacy" }), "agent:dev:legacy"),
        (json!({ "label": "Work" }), "agent:dev:main"),
    ] {
        let found = client.call("sessions.resolve", wanted).await;
        assert_eq!(found, json!({ "ok": true, "key": expect }));
    }
    let none = client.request("sessions.resolve", json!({ "key": "agent:gone:x" })).await;
    assert_eq!(none["error"]["message"], "No session found: agent:gone:x");
}

pub(super) fn sessions_of(gateway: &TestGateway, agent: &str) -> PathBuf {
    Path::new(gateway.state.path()).join("agents").join(agent).join("sessions")
}
