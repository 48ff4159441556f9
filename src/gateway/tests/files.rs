use std::fs;
use std::time::Duration;

use ed25519_dalek::SigningKey;
use serde_json::{Value, json};

use super::support::{TestClient, TestGateway, listener, standby, start};
use crate::auth::device::{DeviceKey, SignedFields};
use crate::gateway::RuntimeFile;
use crate::platform::clock;

/// Connects with a device; returns `hello-ok`.
async fn hello_of_device(gateway: &TestGateway, client: &mut TestClient) -> Value {
    let _ = gateway;
    let challenge = client.event("connect.challenge").await;
    let nonce = challenge["payload"]["nonce"].as_str().unwrap();
    let key = SigningKey::from_bytes(&[7; 32]);
    let device_id = DeviceKey::of(&key).device_id();
    let scopes = ["operator.admin".to_owned()];
    let signed_at_ms = clock::unix_ms();
    let fields = SignedFields {
        device_id: &device_id,
        client_id: "gateway-client",
        client_mode: "backend",
        role: "operator",
        scopes: &scopes,
        signed_at_ms,
        token: "",
        nonce: Some(nonce),
    };
    let device = json!({
        "id": device_id, "publicKey": DeviceKey::of(&key).to_base64url(), "signature": fields.sign(&key),
        "signedAt": signed_at_ms, "nonce": nonce,
    });
    client
        .hello(json!({
            "minProtocol": 3, "maxProtocol": 3, "scopes": scopes, "device": device,
            "client": { "id": "gateway-client", "version": "1", "platform": "linux", "mode": "backend" },
        }))
        .await
}

#[tokio::test]
async fn a_device_is_paired_silently_and_survives_the_generation() {
    let mut gateway = start(json!({})).await;
    let mut client = gateway.open().await;
    let token = hello_of_device(&gateway, &mut client).await["auth"]["deviceToken"].clone();
    assert_eq!(token.as_str().unwrap().len(), 32);
    let list = client.call("device.pair.list", json!({})).await;
    assert_eq!(list["paired"].as_array().unwrap().len(), 1);
    assert!(!list.to_string().contains(token.as_str().unwrap()), "tokens are redacted");

    gateway.running.quiesce().await;
    let paired = gateway.state.path().join("devices/paired.json");
    assert!(fs::read_to_string(&paired).unwrap().contains(token.as_str().unwrap()));

    let listener = listener();
    let address = listener.local_addr().unwrap();
    let running = standby(gateway.state.path(), listener, 2, None).await.activate().await.unwrap();
    let mut again = TestClient::open(address).await;
    assert_eq!(hello_of_device(&gateway, &mut again).await["auth"]["deviceToken"], token);
    running.goodbye(None, Duration::from_millis(10)).await;
}

#[tokio::test]
async fn the_runtime_file_tells_clients_where_to_go() {
    let gateway = start(json!({})).await;
    let bytes = fs::read(gateway.state.path().join("gateway.json")).unwrap();
    let file: RuntimeFile = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(file.url, format!("ws://{}", gateway.address));
    assert_eq!((file.pid, file.generation, file.profile), (std::process::id(), 1, None));
    assert_eq!(file.state_dir, gateway.state.path());
    assert_eq!(gateway.running.report().urls, [file.url]);
}

#[tokio::test]
async fn the_configuration_is_shown_without_its_secrets() {
    let config =
        json!({ "gateway": { "mode": "local", "auth": { "mode": "token", "token": "t0p-secret" } } });
    let gateway = start(config).await;
    let mut client = gateway.client(&[]).await;
    let shown = client.call("config.get", json!({})).await;
    assert!(!shown.to_string().contains("t0p-secret"), "{shown}");
    assert_eq!((&shown["exists"], &shown["valid"]), (&json!(true), &json!(true)));
    assert_eq!(shown["config"]["gateway"]["auth"]["token"], "__redacted__");
    assert_eq!(shown["parsed"]["gateway"]["mode"], "local");
    assert!(shown["raw"].as_str().unwrap().contains("__redacted__"));
    assert_eq!(shown["hash"].as_str().unwrap().len(), 64);
}

#[tokio::test]
async fn the_configuration_is_the_file_as_it_is_now() {
    let gateway = start(json!({ "gateway": { "mode": "local" } })).await;
    let mut client = gateway.client(&[]).await;
    let before = client.call("config.get", json!({})).await;
    fs::write(gateway.state.path().join("clawdbot.json"), "{ gateway: { mode: 'remote' } }").unwrap();
    let after = client.call("config.get", json!({})).await;
    assert_ne!(before["hash"], after["hash"]);
    assert_eq!(after["parsed"]["gateway"]["mode"], "remote");
    fs::write(gateway.state.path().join("clawdbot.json"), "{ token: 'half").unwrap();
    let broken = client.call("config.get", json!({})).await;
    assert_eq!((&broken["valid"], &broken["raw"]), (&json!(false), &Value::Null));
    assert_ne!(broken["issues"], json!([]));
    assert!(!broken.to_string().contains("half"));
}

#[tokio::test]
async fn the_log_is_tailed() {
    let gateway = start(json!({})).await;
    let mut client = gateway.client(&[]).await;
    let log = gateway.state.path().join("logs/gateway.log");
    let empty = client.call("logs.tail", json!({})).await;
    let expect = json!({
        "file": log, "cursor": 0, "size": 0, "lines": [], "truncated": false, "reset": false,
    });
    assert_eq!(empty, expect);
    fs::create_dir_all(log.parent().unwrap()).unwrap();
    fs::write(&log, "one\ntwo\n").unwrap();
    let tail = client.call("logs.tail", json!({ "limit": 1 })).await;
    assert_eq!((&tail["lines"], &tail["cursor"]), (&json!(["two"]), &json!(8)));
    let bad = client.request("logs.tail", json!({ "limit": 0 })).await;
    assert_eq!(bad["error"]["message"], "invalid logs.tail params: at /limit: must be >= 1");
}
