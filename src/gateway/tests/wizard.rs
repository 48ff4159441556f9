use serde_json::{Value, json};

use super::support::{TestClient, start};

/// Answers the steps from the one that `told` holds, and returns what the last answer led to.
async fn answer(client: &mut TestClient, session: &Value, mut told: Value, answers: &[Value]) -> Value {
    for value in answers {
        let answer = json!({ "stepId": told["step"]["id"], "value": value });
        told = client.call("wizard.next", json!({ "sessionId": session, "answer": answer })).await;
    }
    told
}

#[tokio::test]
async fn the_wizard_writes_what_onboard_would_write() {
    let gateway = start(json!({ "logging": { "level": "info" } })).await;
    let file = gateway.state.path().join("clawdbot.json");
    let before = std::fs::read_to_string(&file).unwrap();
    let mut client = gateway.client(&["operator.admin"]).await;
    let started = client.call("wizard.start", json!({ "mode": "local", "workspace": "/tmp/w" })).await;
    let session = &started["sessionId"];
    let again = client.request("wizard.start", json!({})).await;
    assert_eq!(
        (&again["error"]["code"], &again["error"]["message"]),
        (&json!("UNAVAILABLE"), &json!("wizard already running"))
    );
    assert_eq!(
        client.call("wizard.status", json!({ "sessionId": session })).await,
        json!({ "status": "running" })
    );

    let at_port =
        answer(&mut client, session, started.clone(), &[json!(null), json!(null), json!(true)]).await;
    assert_eq!(
        (&at_port["step"]["type"], &at_port["step"]["initialValue"]),
        (&json!("text"), &json!("18789"))
    );
    let bad = json!({ "sessionId": session, "answer": { "stepId": at_port["step"]["id"], "value": "none" } });
    let refused = client.request("wizard.next", bad).await;
    assert_eq!(refused["error"]["message"], "Error: wizard: a port is a number from 1 to 65535");

    let answers = [json!("18800"), json!("loopback"), json!("password"), json!("hidden")];
    let at_end = answer(&mut client, session, at_port, &answers).await;
    assert_eq!(std::fs::read_to_string(&file).unwrap(), before, "nothing is written before the end");
    let done = answer(&mut client, session, at_end, &[json!(true)]).await;
    assert_eq!(done, json!({ "done": true, "status": "done" }));
    let written: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(
        written["gateway"],
        json!({
            "mode": "local", "port": 18800, "auth": { "mode": "password", "password": "hidden" },
        })
    );
    assert_eq!(written["agents"]["defaults"]["workspace"], "/tmp/w");
    let gone = client.request("wizard.status", json!({ "sessionId": session })).await;
    assert_eq!(gone["error"]["message"], "wizard not found");
}

#[tokio::test]
async fn what_cannot_be_written_is_said_and_ends_it() {
    let gateway = start(json!({})).await;
    let mut client = gateway.client(&["operator.admin"]).await;
    let started = client.call("wizard.start", json!({})).await;
    let session = &started["sessionId"];
    let answers = [json!(null), json!(null), json!(true), json!(18800), json!("auto"), json!("token")];
    let at_end = answer(&mut client, session, started.clone(), &answers).await;
    std::fs::write(gateway.state.path().join("clawdbot.json"), "{ half").unwrap();
    let failed = answer(&mut client, session, at_end, &[json!(true)]).await;
    assert_eq!((&failed["done"], &failed["status"]), (&json!(true), &json!("error")));
    assert!(failed["error"].as_str().unwrap().starts_with("the configuration cannot be read: "), "{failed}");
    client.call("wizard.start", json!({})).await;
}

#[tokio::test]
async fn a_wizard_is_cancelled_and_others_are_not_found() {
    let gateway = start(json!({})).await;
    let mut client = gateway.client(&["operator.admin"]).await;
    for method in ["wizard.next", "wizard.cancel", "wizard.status"] {
        let refused = client.request(method, json!({ "sessionId": "x" })).await;
        assert_eq!(refused["error"]["message"], "wizard not found", "{method}");
    }
    let session = client.call("wizard.start", json!({})).await["sessionId"].clone();
    let stray = json!({ "sessionId": session, "answer": { "stepId": "x", "value": 1 } });
    let refused = client.request("wizard.next", stray).await;
    assert_eq!(refused["error"]["message"], "Error: wizard: no pending step");
    let cancelled = client.call("wizard.cancel", json!({ "sessionId": session })).await;
    assert_eq!(cancelled, json!({ "status": "cancelled", "error": "cancelled" }));
    let started = client.call("wizard.start", json!({})).await;
    let declined = [json!(null), json!(null), json!(false)];
    let told = answer(&mut client, &started["sessionId"], started.clone(), &declined).await;
    assert_eq!(told, json!({ "done": true, "status": "cancelled", "error": "risk not accepted" }));
    let remote = client.request("wizard.start", json!({ "mode": "remote" })).await;
    assert!(
        remote["error"]["message"].as_str().unwrap().contains("config set gateway.mode remote"),
        "{remote}"
    );
}
