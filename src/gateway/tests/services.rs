use serde_json::{Value, json};

use super::support::{params, start};

#[track_caller]
fn refused(response: &Value) -> (&str, &str) {
    assert_eq!(response["ok"], false, "{response}");
    (response["error"]["code"].as_str().unwrap(), response["error"]["message"].as_str().unwrap())
}

#[tokio::test]
async fn a_wake_is_queued_and_its_heartbeat_told() {
    let gateway = start(json!({})).await;
    let mut admin = gateway.client(&["operator.admin"]).await;
    let mut other = gateway.client(&["operator.read"]).await;
    assert_eq!(admin.call("last-heartbeat", json!({})).await, Value::Null);
    let blank = admin.call("wake", json!({ "mode": "now", "text": " " })).await;
    assert_eq!(blank, json!({ "ok": false }));
    admin.call("wake", json!({ "mode": "next-heartbeat", "text": "later" })).await;
    admin.call("wake", json!({ "mode": "now", "text": "at once" })).await;
    let told = other.event("heartbeat").await["payload"].clone();
    assert_eq!((&told["status"], &told["reason"]), (&json!("skipped"), &json!("no-agent")));
    assert_eq!(other.call("last-heartbeat", json!({})).await, told);
    let status = other.call("status", json!({})).await;
    assert_eq!(status["queuedSystemEvents"], json!(["later", "at once"]));

    let enabled = admin.call("set-heartbeats", json!({ "enabled": false, "more": 1 })).await;
    assert_eq!(enabled, json!({ "ok": true, "enabled": false }));
    admin.call("wake", json!({ "mode": "now", "text": "again" })).await;
    assert_eq!(other.event("heartbeat").await["payload"]["reason"], "disabled");
    let bad = admin.request("set-heartbeats", json!({ "enabled": "yes" })).await;
    assert_eq!(refused(&bad).1, "invalid set-heartbeats params: enabled (boolean) required");
    let bad = admin.request("wake", json!({})).await;
    let expect =
        "invalid wake params: must have required property 'mode'; must have required property 'text'";
    assert_eq!(refused(&bad), ("INVALID_REQUEST", expect));
}

#[tokio::test]
async fn wake_words_are_kept_and_told() {
    let gateway = start(json!({})).await;
    let mut client = gateway.client(&["operator.write"]).await;
    let usual = json!({ "triggers": ["clawd", "claude", "computer"] });
    assert_eq!(client.call("voicewake.get", json!({ "any": 1 })).await, usual);
    let set = client.call("voicewake.set", json!({ "triggers": [" hey ", "", 3] })).await;
    assert_eq!(set, json!({ "triggers": ["hey"] }));
    let mut other = gateway.client(&["operator.read"]).await;
    assert_eq!(other.call("voicewake.get", json!({})).await, set);
    client.call("voicewake.set", json!({ "triggers": [] })).await;
    assert_eq!(other.event("voicewake.changed").await["payload"], usual);
    let bad = client.request("voicewake.set", json!({ "triggers": "hey" })).await;
    assert_eq!(refused(&bad).1, "voicewake.set requires triggers: string[]");
}

#[tokio::test]
async fn a_page_talks_only_when_a_phone_is_there() {
    let gateway = start(json!({})).await;
    let mut program = gateway.client(&[]).await;
    let told = program.call("talk.mode", json!({ "enabled": true })).await;
    assert_eq!((&told["enabled"], &told["phase"]), (&json!(true), &Value::Null));
    let mut page = gateway.open().await;
    let mut about_page = params("operator", &["operator.write"]);
    about_page["client"]["mode"] = "webchat".into();
    page.hello(about_page).await;
    let no_phone = ("UNAVAILABLE", "talk disabled: no connected iOS/Android nodes");
    // Whatever the parameters are.
    assert_eq!(refused(&page.request("talk.mode", json!([])).await), no_phone);

    let mut phone = gateway.open().await;
    let mut about_phone = params("node", &[]);
    about_phone["client"]["platform"] = "iOS 19.1".into();
    phone.hello(about_phone).await;
    let bad = page.request("talk.mode", json!({ "phase": 1 })).await;
    let expect = "invalid talk.mode params: must have required property 'enabled'; at /phase: must be string";
    assert_eq!(refused(&bad).1, expect);
    page.call("talk.mode", json!({ "enabled": false, "phase": "listening" })).await;
    let event = phone.event("talk.mode").await;
    assert_eq!(event["payload"]["phase"], "listening");
}

#[tokio::test]
async fn speech_is_chosen_and_not_had() {
    let gateway = start(json!({})).await;
    let mut client = gateway.client(&[]).await;
    let status = client.call("tts.status", json!({})).await;
    assert_eq!((&status["enabled"], &status["provider"]), (&json!(false), &json!("edge")));
    let (enabled, chosen) =
        tokio::join!(async { gateway.client(&[]).await.call("tts.enable", json!({})).await }, async {
            gateway.client(&[]).await.call("tts.setProvider", json!({ "provider": "OpenAI" })).await
        },);
    assert_eq!((enabled, chosen), (json!({ "enabled": true }), json!({ "provider": "openai" })));
    let status = client.call("tts.status", json!({})).await;
    assert_eq!((&status["auto"], &status["provider"]), (&json!("always"), &json!("openai")));
    assert_eq!(client.call("tts.providers", json!({})).await["active"], "openai");
    let bad = client.request("tts.setProvider", json!({ "provider": "x" })).await;
    assert_eq!(refused(&bad).1, "Invalid provider. Use openai, elevenlabs, or edge.");
    let bad = client.request("tts.convert", json!({})).await;
    assert_eq!(refused(&bad), ("INVALID_REQUEST", "tts.convert requires text"));
    assert_eq!(refused(&client.request("tts.convert", json!({ "text": "a" })).await).0, "UNAVAILABLE");
}

#[tokio::test]
async fn what_is_not_there_is_refused_at_once() {
    let gateway = start(json!({})).await;
    let mut client = gateway.client(&[]).await;
    let message = json!({ "to": "x", "message": "hi", "idempotencyKey": "k" });
    let run = json!({ "sessionKey": "main", "message": "hi", "idempotencyKey": "k" });
    let no_agents = "agent runs are not part of this gateway yet: it serves sessions, but calls no model";
    for (method, params, code, expect) in [
        ("send", message.clone(), "INVALID_REQUEST", "unsupported channel: whatsapp"),
        (
            "poll",
            json!({ "to": "x", "question": "q", "options": ["a", "b"], "idempotencyKey": "k", "channel": "y" }),
            "INVALID_REQUEST",
            "unsupported poll channel: y",
        ),
        (
            "poll",
            json!({ "to": "x", "question": "q", "options": ["a"], "idempotencyKey": "k" }),
            "INVALID_REQUEST",
            "invalid poll params: at /options: must NOT have fewer than 2 items",
        ),
        ("channels.logout", json!({ "channel": "x" }), "INVALID_REQUEST", "invalid channels.logout channel"),
        ("web.login.start", json!({}), "INVALID_REQUEST", "web login provider is not available"),
        ("web.login.wait", json!({}), "INVALID_REQUEST", "web login provider is not available"),
        ("agent", json!({ "message": "hi", "idempotencyKey": "k" }), "UNAVAILABLE", no_agents),
        ("chat.send", run.clone(), "UNAVAILABLE", no_agents),
    ] {
        let response = client.request(method, params).await;
        assert_eq!(refused(&response), (code, expect), "{method}");
    }
    assert_eq!(refused(&client.request("update.run", json!({})).await).0, "UNAVAILABLE");
    let nothing = json!({ "ok": true, "aborted": false, "runIds": [] });
    let stop = json!({ "sessionKey": "main", "message": " Stop ", "idempotencyKey": "k" });
    assert_eq!(client.call("chat.send", stop).await, nothing);
    assert_eq!(client.call("chat.abort", json!({ "sessionKey": "main" })).await, nothing);
    let waited = client.call("agent.wait", json!({ "runId": "r" })).await;
    assert_eq!(waited, json!({ "runId": "r", "status": "timeout" }));
    assert_eq!(client.call("usage.status", json!({})).await["providers"], json!([]));
    assert_eq!(client.call("usage.cost", json!({ "days": "7" })).await["days"], 7);
}

#[tokio::test]
async fn a_form_learns_the_shape_of_the_configuration() {
    let gateway = start(json!({})).await;
    let mut client = gateway.client(&["operator.admin"]).await;
    let first = client.call("config.schema", json!({})).await;
    assert_eq!(first["schema"]["$schema"], "http://json-schema.org/draft-07/schema#");
    assert_eq!(first["schema"]["properties"]["gateway"]["properties"]["port"]["type"], "integer");
    assert_eq!(first["uiHints"]["gateway.auth.token"]["sensitive"], true);
    assert!(first["generatedAt"].as_str().unwrap().ends_with('Z'), "{}", first["generatedAt"]);
    assert_eq!(client.call("config.schema", json!({})).await, first);
    let bad = client.request("config.schema", json!({ "a": 1 })).await;
    assert_eq!(refused(&bad).1, "invalid config.schema params: at root: unexpected property 'a'");
    let mut reader = gateway.client(&["operator.read"]).await;
    let bad = reader.request("config.schema", json!({})).await;
    assert_eq!(refused(&bad).1, "missing scope: operator.admin");
}
