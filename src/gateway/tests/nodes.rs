use std::time::Duration;

use serde_json::{Value, json};

use super::support::{TestClient, TestGateway, params, start};

/// A connected node with these commands.
async fn node(gateway: &TestGateway, commands: &[&str]) -> TestClient {
    let mut node = gateway.open().await;
    let mut about = params("node", &[]);
    about["client"]["id"] = "node-host".into();
    about["commands"] = json!(commands);
    node.hello(about).await;
    node
}

fn order(command: &str) -> Value {
    keyed(command, &uuid::Uuid::new_v4().to_string())
}

fn keyed(command: &str, key: &str) -> Value {
    json!({ "nodeId": "node-host", "command": command, "params": { "a": 1 }, "idempotencyKey": key })
}

/// Sends a request without waiting for its answer.
async fn begin(client: &mut TestClient, id: &str, method: &str, params: Value) {
    client.send(json!({ "type": "req", "id": id, "method": method, "params": params }).to_string()).await;
}

async fn answer(client: &mut TestClient, id: &str) -> Value {
    client.frame(|frame| frame["type"] == "res" && frame["id"] == id).await
}

#[tokio::test]
async fn a_command_goes_to_the_node_and_its_answer_back() {
    let gateway = start(json!({})).await;
    let mut node = node(&gateway, &["system.run"]).await;
    assert_eq!(node.event("voicewake.changed").await.get("seq"), None);
    let mut client = gateway.client(&["operator.write"]).await;
    for (given, payload, text) in [
        (json!({ "payload": { "x": 1 } }), json!({ "x": 1 }), Value::Null),
        (json!({ "payloadJSON": "{\"x\":2}" }), json!({ "x": 2 }), json!("{\"x\":2}")),
        (json!({ "payloadJSON": null, "error": null }), Value::Null, Value::Null),
        (json!({ "payloadJSON": { "x": 3 } }), json!({ "x": 3 }), Value::Null),
        (json!({ "payloadJSON": "no json" }), json!({ "payloadJSON": "no json" }), json!("no json")),
    ] {
        let order = order("system.run");
        begin(&mut client, "call", "node.invoke", order.clone()).await;
        let event = node.event("node.invoke.request").await;
        assert_eq!(event.get("seq"), None);
        let told = &event["payload"];
        assert_eq!((&told["nodeId"], &told["command"]), (&json!("node-host"), &json!("system.run")));
        assert_eq!((&told["paramsJSON"], &told["timeoutMs"]), (&json!("{\"a\":1}"), &Value::Null));
        assert_eq!(told["idempotencyKey"], order["idempotencyKey"]);
        let mut report = json!({ "id": told["id"], "nodeId": "node-host", "ok": true });
        report.as_object_mut().unwrap().extend(given.as_object().unwrap().clone());
        assert_eq!(node.call("node.invoke.result", report.clone()).await, json!({ "ok": true }));
        let mut expect = json!({ "ok": true, "nodeId": "node-host", "command": "system.run",
            "payloadJSON": text });
        if !payload.is_null() {
            expect["payload"] = payload;
        }
        assert_eq!(answer(&mut client, "call").await["payload"], expect, "{given}");
        let late = node.call("node.invoke.result", report).await;
        assert_eq!(late, json!({ "ok": true, "ignored": true }));
    }
    let wrong = json!({ "id": "x", "nodeId": "other", "ok": true });
    assert_eq!(node.request("node.invoke.result", wrong).await["error"]["message"], "nodeId mismatch");
}

#[tokio::test]
async fn what_goes_wrong_is_told() {
    let gateway = start(json!({ "gateway": { "nodes": { "denyCommands": ["system.notify"] } } })).await;
    let mut client = gateway.client(&["operator.write"]).await;
    let gone = client.request("node.invoke", order("system.run")).await["error"].clone();
    assert_eq!(
        (&gone["message"], &gone["details"]),
        (&json!("node not connected"), &json!({ "code": "NOT_CONNECTED" }))
    );

    let mut silent = node(&gateway, &[]).await;
    let refused = client.request("node.invoke", order("system.run")).await["error"].clone();
    let details = json!({ "reason": "node did not declare commands", "command": "system.run" });
    assert_eq!((&refused["message"], &refused["details"]), (&json!("node command not allowed"), &details));
    silent.send("gone").await;
    drop(silent);

    let mut node = node(&gateway, &["system.run", "system.notify"]).await;
    for (command, reason) in [
        ("sms.send", "command not allowlisted"),
        ("system.notify", "command not allowlisted"),
        ("system.which", "command not declared by node"),
    ] {
        let refused = client.request("node.invoke", order(command)).await["error"].clone();
        assert_eq!(
            (&refused["code"], &refused["details"]["reason"]),
            (&json!("INVALID_REQUEST"), &json!(reason))
        );
    }

    begin(&mut client, "failing", "node.invoke", order("system.run")).await;
    let told = node.event("node.invoke.request").await["payload"].clone();
    let error = json!({ "code": "DENIED", "message": "the user said no" });
    node.call(
        "node.invoke.result",
        json!({ "id": told["id"], "nodeId": "node-host", "ok": false, "error": error }),
    )
    .await;
    let failed = answer(&mut client, "failing").await["error"].clone();
    assert_eq!((&failed["code"], &failed["message"]), (&json!("UNAVAILABLE"), &error["message"]));
    assert_eq!(failed["details"], json!({ "nodeError": error }));

    let mut quick = order("system.run");
    quick["timeoutMs"] = 1.into();
    let late = client.request("node.invoke", quick).await["error"].clone();
    assert_eq!(
        (&late["message"], &late["details"]["nodeError"]["code"]),
        (&json!("node invoke timed out"), &json!("TIMEOUT"))
    );
    node.event("node.invoke.request").await;

    begin(&mut client, "lost", "node.invoke", order("system.run")).await;
    node.event("node.invoke.request").await;
    drop(node);
    let lost = answer(&mut client, "lost").await["error"].clone();
    assert_eq!(lost["message"], "Error: node disconnected (system.run)");
}

#[tokio::test]
async fn a_repeat_is_not_done_twice() {
    let gateway = start(json!({})).await;
    let mut node = node(&gateway, &["system.run"]).await;
    let mut client = gateway.client(&["operator.write"]).await;
    begin(&mut client, "first", "node.invoke", keyed("system.run", "a")).await;
    let told = node.event("node.invoke.request").await["payload"].clone();
    // Its caller goes, and comes back for the answer.
    drop(client);
    let mut client = gateway.client(&["operator.write"]).await;
    begin(&mut client, "meanwhile", "node.invoke", keyed("system.run", "a")).await;
    client.call("health", json!({})).await;
    let report = json!({ "id": told["id"], "nodeId": "node-host", "ok": true, "payload": { "exit": 0 } });
    assert_eq!(node.call("node.invoke.result", report).await, json!({ "ok": true }));
    let meanwhile = answer(&mut client, "meanwhile").await["payload"].clone();
    assert_eq!(meanwhile["payload"], json!({ "exit": 0 }));
    assert_eq!(client.call("node.invoke", keyed("system.run", "a")).await, meanwhile);

    // Another key, or another order, is another request.
    let mut other = keyed("system.run", "a");
    other["params"] = json!({ "a": 2 });
    for order in [keyed("system.run", "b"), other] {
        begin(&mut client, "again", "node.invoke", order.clone()).await;
        let told = node.event("node.invoke.request").await["payload"].clone();
        let error = json!({ "code": "DENIED", "message": "no" });
        let report = json!({ "id": told["id"], "nodeId": "node-host", "ok": false, "error": error });
        node.call("node.invoke.result", report).await;
        assert_eq!(answer(&mut client, "again").await["error"]["message"], "no");
        assert_eq!(client.request("node.invoke", order).await["error"]["message"], "no");
    }

    // What the node has not answered is asked once more.
    let mut quick = keyed("system.run", "c");
    quick["timeoutMs"] = 1.into();
    for _ in 0..2 {
        let late = client.request("node.invoke", quick.clone()).await;
        assert_eq!(late["error"]["message"], "node invoke timed out");
        assert_eq!(node.event("node.invoke.request").await["payload"]["idempotencyKey"], "c");
    }
}

#[tokio::test]
async fn two_hundred_calls_at_once_each_get_their_own_answer() {
    let gateway = start(json!({})).await;
    let mut node = node(&gateway, &["system.run"]).await;
    let mut client = gateway.client(&["operator.write"]).await;
    for index in 0..200 {
        let mut order = order("system.run");
        order["params"] = index.into();
        begin(&mut client, &format!("call-{index}"), "node.invoke", order).await;
    }
    assert_eq!(client.call("health", json!({})).await["ok"], true);
    let mut told = Vec::new();
    while told.len() < 200 {
        told.push(node.event("node.invoke.request").await["payload"].clone());
    }
    // The last one first.
    for call in told.iter().rev() {
        let report =
            json!({ "id": call["id"], "nodeId": "node-host", "ok": true, "payloadJSON": call["paramsJSON"] });
        begin(&mut node, "report", "node.invoke.result", report).await;
    }
    let mut answered = 0;
    while answered < 200 {
        let frame =
            client.frame(|frame| frame["id"].as_str().is_some_and(|id| id.starts_with("call-"))).await;
        let id = frame["id"].as_str().unwrap();
        assert_eq!(format!("call-{}", frame["payload"]["payload"]), id);
        answered += 1;
    }
}

#[tokio::test]
async fn a_restart_ends_calls_and_is_not_held_up() {
    let mut gateway = start(json!({})).await;
    let mut node = node(&gateway, &["system.run"]).await;
    let mut client = gateway.client(&["operator.write"]).await;
    begin(&mut client, "call", "node.invoke", order("system.run")).await;
    node.event("node.invoke.request").await;
    let quiet = tokio::time::timeout(Duration::from_secs(5), gateway.running.quiesce()).await;
    assert!(quiet.is_ok());
    let cut = answer(&mut client, "call").await;
    assert_eq!(cut["error"]["message"], "gateway restarting; reconnect and retry");
}

#[tokio::test]
async fn what_a_node_tells_is_heard() {
    let gateway = start(json!({})).await;
    let mut node = node(&gateway, &[]).await;
    let mut client = gateway.client(&[]).await;
    let ok = json!({ "ok": true });
    let finished = json!({ "runId": "r", "exitCode": 0, "output": "done" }).to_string();
    for params in [
        json!({ "event": "unheard.of", "payloadJSON": null }),
        json!({ "event": "voice.transcript", "payload": { "text": "hello" } }),
        json!({ "event": "exec.finished", "payloadJSON": finished }),
        json!({ "event": "chat.subscribe", "payload": { "sessionKey": "main" } }),
    ] {
        assert_eq!(node.call("node.event", params).await, ok);
    }
    let status = client.call("status", json!({})).await;
    let expect = json!(["Exec finished (node=node-host id=r, code 0)\ndone"]);
    assert_eq!(status["queuedSystemEvents"], expect);
    // A node that follows a session hears everything twice, once without a number.
    client.call("health", json!({ "probe": true })).await;
    node.frame(|frame| frame["event"] == "health" && frame["seq"].is_u64()).await;
    node.frame(|frame| frame["event"] == "health" && frame["seq"].is_null()).await;
    assert_eq!(
        client.request("node.event", json!({})).await["error"]["message"],
        "unauthorized role: operator"
    );
}

#[tokio::test]
async fn the_rules_of_a_node_are_its_own() {
    let gateway = start(json!({})).await;
    let mut client = gateway.client(&[]).await;
    let gone =
        client.request("exec.approvals.node.get", json!({ "nodeId": "node-host" })).await["error"].clone();
    assert_eq!(gone["details"]["nodeError"]["code"], "NOT_CONNECTED");
    let mut node = node(&gateway, &["system.execApprovals.get", "system.execApprovals.set"]).await;
    begin(&mut client, "get", "exec.approvals.node.get", json!({ "nodeId": "node-host" })).await;
    let told = node.event("node.invoke.request").await["payload"].clone();
    assert_eq!(told["command"], "system.execApprovals.get");
    let report =
        json!({ "id": told["id"], "nodeId": "node-host", "ok": true, "payload": { "exists": false } });
    node.call("node.invoke.result", report).await;
    assert_eq!(answer(&mut client, "get").await["payload"], json!({ "exists": false }));
    let set = json!({ "nodeId": "node-host", "file": { "version": 1 }, "baseHash": "h" });
    begin(&mut client, "set", "exec.approvals.node.set", set).await;
    let told = node.event("node.invoke.request").await["payload"].clone();
    let passed: Value = serde_json::from_str(told["paramsJSON"].as_str().unwrap()).unwrap();
    assert_eq!(passed, json!({ "file": { "version": 1 }, "baseHash": "h" }));
}

#[tokio::test]
async fn the_older_pairing_is_told_and_kept() {
    let gateway = start(json!({})).await;
    let mut client = gateway.client(&["operator.pairing"]).await;
    let mut other = gateway.client(&["operator.pairing"]).await;
    let asked = client.call("node.pair.request", json!({ "nodeId": "n", "displayName": "N" })).await;
    assert_eq!((&asked["status"], &asked["created"]), (&json!("pending"), &json!(true)));
    assert_eq!(other.event("node.pair.requested").await["payload"], asked["request"]);
    let request_id = asked["request"]["requestId"].clone();
    let approved = client.call("node.pair.approve", json!({ "requestId": request_id })).await;
    let resolved = other.event("node.pair.resolved").await["payload"].clone();
    assert_eq!((&resolved["nodeId"], &resolved["decision"]), (&json!("n"), &json!("approved")));
    let token = &approved["node"]["token"];
    let verified = client.call("node.pair.verify", json!({ "nodeId": "n", "token": token })).await;
    assert_eq!((&verified["ok"], verified["node"].get("token")), (&json!(true), None));
    let renamed = client.call("node.rename", json!({ "nodeId": "n", "displayName": " New " })).await;
    assert_eq!(renamed, json!({ "nodeId": "n", "displayName": "New" }));
    let list = client.call("node.pair.list", json!({})).await;
    assert_eq!((&list["pending"], &list["paired"][0]["displayName"]), (&json!([]), &json!("New")));
    for (method, params, expect) in [
        ("node.pair.approve", json!({ "requestId": "x" }), "unknown requestId"),
        ("node.pair.reject", json!({ "requestId": "x" }), "unknown requestId"),
        ("node.rename", json!({ "nodeId": "m", "displayName": "x" }), "unknown nodeId"),
        ("node.rename", json!({ "nodeId": "n", "displayName": " " }), "displayName required"),
    ] {
        assert_eq!(client.request(method, params).await["error"]["message"], expect, "{method}");
    }
    let text = std::fs::read_to_string(gateway.state.path().join("nodes/paired.json")).unwrap();
    assert!(text.contains(token.as_str().unwrap()));
}
