use std::fs;

use serde_json::{Value, json};

use super::sessions::{sessions_of, written};
use super::support::{TestClient, TestGateway};

fn store_of(gateway: &TestGateway) -> Value {
    serde_json::from_slice(&fs::read(sessions_of(gateway, "dev").join("sessions.json")).unwrap()).unwrap()
}

async fn refused(client: &mut TestClient, method: &str, params: Value, code: &str) -> String {
    let response = client.request(method, params).await;
    assert_eq!(response["error"]["code"], code, "{response}");
    response["error"]["message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_patch_changes_one_session_and_keeps_everything_else() {
    let (gateway, mut client) = written().await;
    let before = store_of(&gateway);
    let patch = json!({ "key": "main", "label": "New", "thinkingLevel": null, "model": "openai/gpt-5.2" });
    let answer = client.call("sessions.patch", patch).await;
    let entry = json!({
        "sessionId": "s-main", "updatedAt": answer["entry"]["updatedAt"], "label": "New",
        "skillsSnapshot": { "prompt": "p", "skills": [] }, "fromTheFuture": { "b": 1, "a": 2 },
        "providerOverride": "openai", "modelOverride": "gpt-5.2",
    });
    let file = sessions_of(&gateway, "dev").join("sessions.json");
    assert_eq!(answer, json!({ "ok": true, "path": file, "key": "agent:dev:main", "entry": entry }));
    let mut expect = before;
    expect["agent:dev:main"] = entry;
    assert_eq!(store_of(&gateway).to_string(), expect.to_string());
    let list = client.call("sessions.list", json!({ "label": "New" })).await;
    assert_eq!(list["sessions"][0]["key"], "agent:dev:main");

    client.call("sessions.patch", json!({ "key": "agent:DEV:legacy", "label": "Old" })).await;
    let store = store_of(&gateway);
    assert_eq!(
        (&store["legacy"], &store["agent:dev:legacy"]["sessionId"]),
        (&json!(null), &json!("s-legacy"))
    );
    let other = client.call("sessions.patch", json!({ "key": "agent:other:main", "label": "Old" })).await;
    assert_eq!(other["key"], "agent:other:main");
    assert_eq!(other["entry"]["sessionId"].as_str().unwrap().len(), 36);
    assert!(sessions_of(&gateway, "other").join("sessions.json").exists());

    let taken = json!({ "key": "main", "label": "Old" });
    assert_eq!(
        refused(&mut client, "sessions.patch", taken, "INVALID_REQUEST").await,
        "label already in use: Old"
    );
    let blank = refused(&mut client, "sessions.patch", json!({ "key": " " }), "INVALID_REQUEST").await;
    assert_eq!(blank, "key required");
    let wrong = json!({ "key": "t", "zz": 1, "label": 5, "sendPolicy": "no" });
    assert_eq!(
        refused(&mut client, "sessions.patch", wrong, "INVALID_REQUEST").await,
        "invalid sessions.patch params: at root: unexpected property 'zz'; at /label: must be string; at /label: \
         must be null; at /label: must match a schema in anyOf; at /sendPolicy: must be equal to constant; at \
         /sendPolicy: must be null; at /sendPolicy: must match a schema in anyOf"
    );
}

#[tokio::test]
async fn a_damaged_store_is_never_written_over() {
    let (gateway, mut client) = written().await;
    let path = sessions_of(&gateway, "dev").join("sessions.json");
    fs::write(&path, "{ half").unwrap();
    for method in ["sessions.patch", "sessions.reset", "sessions.delete", "sessions.compact"] {
        let message = refused(&mut client, method, json!({ "key": "legacy" }), "UNAVAILABLE").await;
        assert!(message.contains(&*path.to_string_lossy()) && message.contains("damaged"), "{message}");
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), "{ half");
}

#[tokio::test]
async fn changes_at_the_same_time_are_all_there() {
    let (gateway, mut client) = written().await;
    for number in 0..20 {
        let params = json!({ "key": format!("n{number}"), "label": format!("l{number}") });
        let request = json!({ "type": "req", "id": format!("p{number}"), "method": "sessions.patch", "params": params });
        client.send(request.to_string()).await;
    }
    for _ in 0..20 {
        let response = client.frame(|frame| frame["type"] == "res").await;
        assert_eq!(response["ok"], true, "{response}");
    }
    assert_eq!(store_of(&gateway).as_object().unwrap().len(), 24);
}

#[tokio::test]
async fn a_reset_starts_afresh() {
    let (gateway, mut client) = written().await;
    let answer = client.call("sessions.reset", json!({ "key": "main" })).await;
    let entry = &answer["entry"];
    let expect = json!({
        "sessionId": entry["sessionId"], "updatedAt": entry["updatedAt"], "systemSent": false,
        "abortedLastRun": false, "thinkingLevel": "high", "label": "Work",
        "skillsSnapshot": { "prompt": "p", "skills": [] }, "inputTokens": 0, "outputTokens": 0, "totalTokens": 0,
        "fromTheFuture": { "b": 1, "a": 2 },
    });
    assert_eq!(answer, json!({ "ok": true, "key": "agent:dev:main", "entry": expect }));
    assert_ne!(entry["sessionId"], "s-main");
    assert_eq!(store_of(&gateway)["agent:dev:main"], expect);
    assert!(sessions_of(&gateway, "dev").join("s-main.jsonl").exists());
    let history = client.call("chat.history", json!({ "sessionKey": "main" })).await;
    assert_eq!((&history["sessionId"], &history["messages"]), (&entry["sessionId"], &json!([])));
}

#[tokio::test]
async fn a_deleted_session_leaves_its_transcript_under_another_name() {
    let (gateway, mut client) = written().await;
    for main in ["main", "agent:dev:main"] {
        let message =
            refused(&mut client, "sessions.delete", json!({ "key": main }), "INVALID_REQUEST").await;
        assert_eq!(message, "Cannot delete the main session (agent:dev:main).");
    }
    let directory = sessions_of(&gateway, "dev");
    let answer = client.call("sessions.delete", json!({ "key": "legacy" })).await;
    let archived = answer["archived"][0].as_str().unwrap().to_owned();
    assert_eq!(
        answer,
        json!({ "ok": true, "key": "agent:dev:legacy", "deleted": true, "archived": [archived] })
    );
    let begin = directory.join("s-legacy.jsonl.deleted.20").to_string_lossy().into_owned();
    assert!(
        archived.starts_with(&begin) && archived.ends_with('Z') && !archived[begin.len()..].contains(':')
    );
    assert!(fs::exists(&archived).unwrap() && !directory.join("s-legacy.jsonl").exists());
    let none = json!({ "ok": true, "key": "agent:dev:legacy", "deleted": false, "archived": [] });
    assert_eq!(client.call("sessions.delete", json!({ "key": "legacy" })).await, none);
    // The id of this one leads out of the directory: it goes, and what it points to stays.
    let evil = client.call("sessions.delete", json!({ "key": "evil" })).await;
    assert_eq!((&evil["deleted"], &evil["archived"]), (&json!(true), &json!([])));
    assert!(gateway.state.path().join("agents/evil.jsonl").exists());
    assert_eq!(store_of(&gateway).as_object().unwrap().len(), 2);
}

#[tokio::test]
async fn a_compacted_transcript_keeps_its_end_and_a_copy_of_the_whole() {
    let (gateway, mut client) = written().await;
    let path = sessions_of(&gateway, "dev").join("s-main.jsonl");
    let whole = fs::read_to_string(&path).unwrap();
    let short = client.call("sessions.compact", json!({ "key": "main" })).await;
    assert_eq!(short, json!({ "ok": true, "key": "agent:dev:main", "compacted": false, "kept": 6 }));
    let cut = client.call("sessions.compact", json!({ "key": "main", "maxLines": 1 })).await;
    assert_eq!((&cut["compacted"], &cut["kept"]), (&json!(true), &json!(1)));
    assert_eq!(fs::read_to_string(cut["archived"].as_str().unwrap()).unwrap(), whole);
    let lines: Vec<&str> = whole.lines().collect();
    assert_eq!(fs::read_to_string(&path).unwrap(), format!("{}\n{}\n", lines[0], lines[5]));
    for (key, reason) in [("nope", "no sessionId"), ("empty", "no transcript")] {
        let answer = client.call("sessions.compact", json!({ "key": key })).await;
        assert_eq!((&answer["compacted"], &answer["reason"]), (&json!(false), &json!(reason)));
    }
    let message = refused(&mut client, "sessions.compact", json!({ "key": "evil" }), "UNAVAILABLE").await;
    assert!(message.starts_with("the transcript of agent:dev:evil is not in "), "{message}");
}

#[tokio::test]
async fn an_injected_message_is_kept_and_told() {
    let (gateway, mut client) = written().await;
    let before = store_of(&gateway);
    let mut other = gateway.client(&["operator.read"]).await;
    let inject = json!({ "sessionKey": "main", "message": "Noted.", "label": "Ops" });
    let answer = client.call("chat.inject", inject).await;
    let id = answer["messageId"].as_str().unwrap();
    assert_eq!(answer, json!({ "ok": true, "messageId": id }));
    let event = other.event("chat").await["payload"].clone();
    let told = json!({ "runId": format!("inject-{id}"), "sessionKey": "main", "seq": 0, "state": "final",
        "message": event["message"] });
    assert_eq!(event, told);
    assert_eq!(event["message"]["content"], json!([{ "type": "text", "text": "[Ops]\n\nNoted." }]));
    let history = client.call("chat.history", json!({ "sessionKey": "main" })).await;
    assert_eq!(history["messages"].as_array().unwrap().last(), Some(&event["message"]));
    assert_eq!(store_of(&gateway), before);

    for (key, expect) in [("nobody", "session not found"), ("empty", "transcript file not found")] {
        let params = json!({ "sessionKey": key, "message": "x" });
        assert_eq!(refused(&mut client, "chat.inject", params, "INVALID_REQUEST").await, expect);
    }
    let evil = json!({ "sessionKey": "evil", "message": "x" });
    let message = refused(&mut client, "chat.inject", evil, "UNAVAILABLE").await;
    assert!(message.contains("is left alone"), "{message}");
    let long = json!({ "sessionKey": "main", "message": "x", "label": "y".repeat(101) });
    assert_eq!(
        refused(&mut client, "chat.inject", long, "INVALID_REQUEST").await,
        "invalid chat.inject params: at /label: must NOT have more than 100 characters"
    );
}
