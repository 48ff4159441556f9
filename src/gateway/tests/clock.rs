//! A wall clock that is set back. Everything of a gateway but its reading of files runs on the thread of the test, whose
//! clock this is; what runs elsewhere has the real time, which only makes more of a mess.

use std::time::Duration;

use serde_json::{Value, json};

use super::support::{TestClient, TestGateway, listener, params, standby, start};
use crate::platform::clock::test::set_days;

/// A method and its parameters.
type Call = (&'static str, fn() -> Value);

/// Everything that looks at the time.
const CALLS: [Call; 12] = [
    ("health", || json!({})),
    ("health", || json!({ "probe": true })),
    ("status", || json!({})),
    ("system-presence", || json!({})),
    ("usage.cost", || json!({})),
    ("wake", || json!({ "mode": "now", "text": "text" })),
    ("node.pair.list", || json!({})),
    ("device.pair.list", || json!({})),
    ("sessions.list", || json!({ "activeMinutes": 5 })),
    ("cron.list", || json!({})),
    ("cron.status", || json!({})),
    ("cron.runs", || json!({ "id": "j" })),
];

#[tokio::test]
async fn while_a_gateway_runs() {
    set_days(2);
    let gateway = start(json!({})).await;
    let mut early = gateway.client(&[]).await;
    let ahead = early.call("usage.status", json!({})).await["updatedAt"].as_u64().unwrap();
    for (method, params) in CALLS {
        early.call(method, params()).await;
    }
    early.call("node.pair.request", json!({ "nodeId": "n" })).await;

    set_days(-2);
    let behind = early.call("usage.status", json!({})).await["updatedAt"].as_u64().unwrap();
    assert!(behind < ahead);
    let mut late = gateway.client(&[]).await;
    for (method, params) in CALLS {
        early.call(method, params()).await;
        late.call(method, params()).await;
    }
    // What is dated in the future neither counts as fresh until then, nor waits so long for its end.
    let cost = late.call("usage.cost", json!({})).await["updatedAt"].as_u64().unwrap();
    assert!(cost < ahead, "{cost} {ahead}");
    assert_eq!(late.call("node.pair.list", json!({})).await["pending"], json!([]));
    let undecided = late.call("exec.approval.request", json!({ "command": "ls", "timeoutMs": 1 })).await;
    assert_eq!(undecided["decision"], Value::Null);
    late.call("node.pair.request", json!({ "nodeId": "m" })).await;
    gateway.running.goodbye(None, Duration::from_millis(100)).await;
}

#[tokio::test]
async fn between_two_gateways() {
    set_days(400);
    let gateway = start(json!({})).await;
    let mut client = gateway.client(&[]).await;
    let asked = client.call("node.pair.request", json!({ "nodeId": "n" })).await;
    let request = json!({ "requestId": asked["request"]["requestId"] });
    client.call("voicewake.set", json!({ "triggers": ["hey"] })).await;
    let pairing = client.call("node.pair.approve", request).await;
    let TestGateway { running, state, .. } = gateway;
    running.goodbye(None, Duration::from_millis(100)).await;

    set_days(0);
    let listener = listener();
    let address = listener.local_addr().unwrap();
    let running = standby(state.path(), listener, 1, None).await.activate().await.unwrap();
    let mut client = TestClient::open(address).await;
    client.hello(params("operator", &[])).await;
    for (method, params) in CALLS {
        client.call(method, params()).await;
    }
    let verify = json!({ "nodeId": "n", "token": pairing["node"]["token"] });
    assert_eq!(client.call("node.pair.verify", verify).await["ok"], true);
    assert_eq!(client.call("voicewake.get", json!({})).await, json!({ "triggers": ["hey"] }));
    running.goodbye(None, Duration::from_millis(100)).await;
}
