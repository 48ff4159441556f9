use serde_json::{Value, json};

use super::support::{TestClient, TestGateway, device, start, start_with, with_token};
use crate::gateway::devices::model::Asked;
use crate::gateway::devices::{DeviceMetadata, Urgency};
use crate::platform::clock::test::set_days;

/// A device on another machine asks, as if it had connected.
fn ask(gateway: &TestGateway, request_id: &str) {
    let gateway = &gateway.running.gateway;
    let asked = Asked {
        device_id: "d1",
        public_key: "key",
        metadata: &DeviceMetadata::default(),
        role: "operator",
        scopes: &["operator.read".to_owned()],
        silent: false,
    };
    let now_ms = gateway.now_ms();
    gateway.devices.with(|book| book.ensure_pending(&asked, now_ms, request_id), |_| Urgency::Urgent);
}

#[tokio::test]
async fn a_request_is_approved_or_rejected_once() {
    let gateway = start(json!({})).await;
    let mut client = gateway.client(&["operator.pairing", "operator.read"]).await;
    // The caller hears of it before its answer; a second client makes the order irrelevant.
    let mut watcher = gateway.client(&["operator.pairing"]).await;
    for (request_id, method, decision) in
        [("r1", "device.pair.reject", "rejected"), ("r2", "device.pair.approve", "approved")]
    {
        ask(&gateway, request_id);
        let listed = client.call("device.pair.list", json!({})).await;
        assert_eq!(listed["pending"][0]["requestId"], request_id);
        let params = json!({ "requestId": request_id });
        client.call(method, params.clone()).await;
        let resolved = watcher.event("device.pair.resolved").await;
        assert_eq!(resolved["payload"]["requestId"], request_id);
        assert_eq!(resolved["payload"]["deviceId"], "d1");
        assert_eq!(resolved["payload"]["decision"], decision);
        let again = client.request(method, params).await;
        assert_eq!(again["error"]["message"], "unknown requestId");
    }
    let listed = client.call("device.pair.list", json!({})).await;
    assert_eq!(listed["pending"], json!([]));
    let approved = &listed["paired"][0];
    assert_eq!((&approved["deviceId"], &approved["scopes"]), (&json!("d1"), &json!(["operator.read"])));
}

#[tokio::test]
async fn tokens_are_rotated_and_revoked() {
    let gateway = start(json!({})).await;
    let mut client = gateway.client(&["operator.admin"]).await;
    ask(&gateway, "r1");
    client.call("device.pair.approve", json!({ "requestId": "r1" })).await;
    let of_device = json!({ "deviceId": "d1", "role": "operator" });
    let rotated = client.call("device.token.rotate", of_device.clone()).await;
    assert_eq!(rotated["token"].as_str().unwrap().len(), 32);
    assert_eq!(rotated["scopes"], json!(["operator.read"]));
    let revoked = client.call("device.token.revoke", of_device).await;
    assert!(revoked["revokedAtMs"].is_u64(), "{revoked}");
    for method in ["device.token.rotate", "device.token.revoke"] {
        for (device_id, role) in [("d2", "operator"), ("d1", "node")] {
            let answer = client.request(method, json!({ "deviceId": device_id, "role": role })).await;
            assert_eq!(answer["error"]["message"], "unknown deviceId/role", "{method} {device_id} {role}");
        }
    }
    let missing = client.request("device.token.revoke", json!({ "deviceId": "d1" })).await;
    assert_eq!(
        missing["error"]["message"],
        "invalid device.token.revoke params: must have required property 'role'"
    );
}

#[tokio::test]
async fn nobody_grants_more_than_they_have() {
    let gateway = start(json!({})).await;
    let mut client = gateway.client(&["operator.pairing"]).await;
    ask(&gateway, "r1");
    let missing = "missing scope: operator.admin";
    let answer = client.request("device.pair.approve", json!({ "requestId": "r1" })).await;
    assert_eq!(answer["error"]["message"], missing);
    let mut admin = gateway.client(&["operator.admin"]).await;
    admin.call("device.pair.approve", json!({ "requestId": "r1" })).await;
    for scopes in [json!(["operator.admin"]), json!(["operator.pairing"]), json!([])] {
        let params = json!({ "deviceId": "d1", "role": "operator", "scopes": scopes });
        let answer = client.request("device.token.rotate", params).await;
        assert_eq!(answer["error"]["message"], missing, "{scopes}");
    }
}

/// A day passes between what a device asks and what a person decides.
#[tokio::test]
async fn a_request_that_has_expired_is_asked_anew() {
    set_days(0);
    let gateway = start_with(json!({}), Some("right"), |_| ()).await;
    let come = async || {
        let mut client = TestClient::from_afar(gateway.address).await;
        let connect = device(&mut client, 3, "right").await;
        client.request("connect", connect).await
    };
    let mut operator = gateway.open().await;
    let mut connect = with_token("right");
    connect["scopes"] = json!(["operator.admin", "operator.pairing"]);
    operator.hello(connect).await;
    let asked = |answer: &Value| answer["error"]["details"]["requestId"].clone();

    let first = asked(&come().await);
    assert_eq!(operator.event("device.pair.requested").await["payload"]["requestId"], first);
    assert_eq!(asked(&come().await), first, "it waits");
    set_days(1);
    let late = operator.request("device.pair.approve", json!({ "requestId": first })).await;
    assert_eq!(late["error"]["message"], "unknown requestId");
    assert_eq!(operator.call("device.pair.list", json!({})).await["pending"], json!([]));
    let second = asked(&come().await);
    assert_ne!(second, first);
    assert_eq!(operator.event("device.pair.requested").await["payload"]["requestId"], second);
    operator.call("device.pair.approve", json!({ "requestId": second })).await;
    assert_eq!(come().await["ok"], true);
}
