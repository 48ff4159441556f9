use std::time::Duration;

use serde_json::{Value, json};

use super::support::start;
use crate::gateway::drain::Phase;

const APPROVER: [&str; 1] = ["operator.approvals"];

/// Sends a request without waiting for its answer.
async fn ask(client: &mut super::support::TestClient, id: &str, params: Value) {
    let request = json!({ "type": "req", "id": id, "method": "exec.approval.request", "params": params });
    client.send(request.to_string()).await;
}

#[tokio::test]
async fn a_command_is_allowed_by_somebody_else() {
    let gateway = start(json!({})).await;
    let mut asker = gateway.client(&APPROVER).await;
    let mut person = gateway.client(&APPROVER).await;
    let mut reader = gateway.client(&["operator.read"]).await;
    ask(&mut asker, "q", json!({ "id": "a", "command": "ls", "cwd": null, "host": "node" })).await;
    let told = person.event("exec.approval.requested").await["payload"].clone();
    let facts = json!({ "command": "ls", "cwd": null, "host": "node", "security": null, "ask": null,
        "agentId": null, "resolvedPath": null, "sessionKey": null });
    assert_eq!((&told["id"], &told["request"]), (&json!("a"), &facts));
    let span = told["expiresAtMs"].as_u64().unwrap() - told["createdAtMs"].as_u64().unwrap();
    assert_eq!(span, 120_000);

    let again = person.request("exec.approval.request", json!({ "id": "a", "command": "ls" })).await;
    assert_eq!(again["error"]["message"], "approval id already pending");
    for (params, expect) in [
        (json!({ "id": "a", "decision": "allow" }), "invalid decision"),
        (json!({ "id": "b", "decision": "deny" }), "unknown approval id"),
    ] {
        let refused = person.request("exec.approval.resolve", params).await;
        assert_eq!(refused["error"]["message"], expect);
    }
    let decision = json!({ "id": "a", "decision": "allow-always" });
    assert_eq!(person.call("exec.approval.resolve", decision.clone()).await, json!({ "ok": true }));
    let resolved = asker.event("exec.approval.resolved").await["payload"].clone();
    assert_eq!((&resolved["id"], &resolved["resolvedBy"]), (&json!("a"), &json!("test")));
    let answer = asker.frame(|frame| frame["id"] == "q").await;
    assert_eq!(answer["payload"]["decision"], "allow-always");
    let late = person.request("exec.approval.resolve", decision).await;
    assert_eq!(late["error"]["message"], "unknown approval id");
    // Others were told nothing: the next thing they hear is the answer to this.
    assert_eq!(reader.request("status", json!({})).await["ok"], true);
}

#[tokio::test]
async fn nobody_decides_and_nobody_else_waits() {
    let gateway = start(json!({})).await;
    let mut client = gateway.client(&[]).await;
    let undecided = client.call("exec.approval.request", json!({ "command": "ls", "timeoutMs": 1 })).await;
    assert_eq!(undecided["decision"], Value::Null);
    // More than a connection may have at work, and more than it may ask.
    for index in 0..100 {
        ask(&mut client, &index.to_string(), json!({ "command": "ls" })).await;
    }
    assert_eq!(client.call("health", json!({})).await["ok"], true);
}

#[tokio::test]
async fn who_goes_away_takes_the_question_along() {
    let gateway = start(json!({})).await;
    let mut person = gateway.client(&APPROVER).await;
    let mut asker = gateway.client(&APPROVER).await;
    ask(&mut asker, "q", json!({ "id": "a", "command": "ls" })).await;
    person.event("exec.approval.requested").await;
    drop(asker);
    let told = person.event("exec.approval.resolved").await["payload"].clone();
    assert_eq!((&told["id"], &told["decision"]), (&json!("a"), &Value::Null));
    let decide = json!({ "id": "a", "decision": "deny" });
    let late = person.request("exec.approval.resolve", decide).await;
    assert_eq!(late["error"]["message"], "unknown approval id");
}

#[tokio::test]
async fn a_restart_is_told_and_not_waited_for() {
    let mut gateway = start(json!({})).await;
    let mut asker = gateway.client(&APPROVER).await;
    let mut person = gateway.client(&APPROVER).await;
    ask(&mut asker, "q", json!({ "command": "ls" })).await;
    person.event("exec.approval.requested").await;
    let quiet = tokio::time::timeout(Duration::from_secs(5), gateway.running.quiesce()).await;
    assert!(quiet.is_ok() && gateway.running.gateway.lifecycle.phase() == Phase::Released);
    let answer = asker.frame(|frame| frame["id"] == "q").await;
    assert_eq!(answer["error"]["message"], "gateway restarting; ask again");
    assert_eq!(person.event("exec.approval.resolved").await["payload"]["decision"], Value::Null);
}

#[tokio::test]
async fn the_rules_are_kept_with_their_hash() {
    let gateway = start(json!({})).await;
    let mut client = gateway.client(&[]).await;
    let first = client.call("exec.approvals.get", json!({})).await;
    assert_eq!(first["exists"], false);
    let file = json!({ "version": 1, "agents": { "main": { "allowlist": [{ "pattern": "ls" }] } } });
    let set = client.call("exec.approvals.set", json!({ "file": file })).await;
    assert!(set["file"]["agents"]["main"]["allowlist"][0]["id"].is_string(), "{set}");
    assert_eq!(client.call("exec.approvals.get", json!({})).await, set);
    for (params, expect) in [
        (
            json!({ "file": { "version": 1 } }),
            "exec approvals base hash required; re-run exec.approvals.get and retry",
        ),
        (
            json!({ "file": { "version": 2, "zzz": 1 } }),
            "invalid exec.approvals.set params: at /file: unexpected property 'zzz'; at /file/version: must be equal to constant",
        ),
    ] {
        let refused = client.request("exec.approvals.set", params).await;
        assert_eq!(refused["error"]["message"], expect);
    }
}
