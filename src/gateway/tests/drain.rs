use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::support::{Received, TestClient, listener, params, soon, standby, start};
use crate::gateway::StartError;
use crate::gateway::drain::Phase;

const GRACE: Duration = Duration::from_secs(5);

#[tokio::test]
async fn clients_are_told_and_closed() {
    let gateway = start(json!({})).await;
    let mut client = gateway.client(&["operator.read"]).await;
    client.event("health").await;
    let goodbye = gateway.running.goodbye(Some(40), GRACE);
    let told = async {
        let event = client.event("shutdown").await;
        let payload = json!({ "reason": "gateway restarting", "restartExpectedMs": 40 });
        assert_eq!((&event["payload"], &event["seq"]), (&payload, &json!(2)));
        assert_eq!(client.closed().await, (1012, "service restart".to_owned()));
        assert_eq!(client.receive().await, Received::End);
    };
    soon(async { tokio::join!(goodbye, told) }).await;
}

#[tokio::test]
async fn a_stop_says_so_and_removes_the_runtime_file() {
    let gateway = start(json!({})).await;
    let runtime_file = gateway.state.path().join("gateway.json");
    assert!(runtime_file.exists());
    let mut client = gateway.client(&[]).await;
    let told = async {
        let event = client.event("shutdown").await;
        assert_eq!(event["payload"], json!({ "reason": "gateway stopping", "restartExpectedMs": null }));
        client.closed().await;
        client.receive().await;
    };
    soon(async { tokio::join!(gateway.running.goodbye(None, GRACE), told) }).await;
    assert!(!runtime_file.exists());
}

#[tokio::test]
async fn the_next_generation_serves_what_waits_in_the_queue() {
    let state = tempfile::tempdir().unwrap();
    let listener = listener();
    let address = listener.local_addr().unwrap();
    let shared = listener.try_clone().unwrap();
    let mut old = standby(state.path(), listener, 1, None).await.activate().await.unwrap();
    let new = standby(state.path(), shared, 2, None).await;
    let mut client = TestClient::open(address).await;
    assert_eq!(client.hello(params("operator", &[])).await["server"]["version"], env!("CARGO_PKG_VERSION"));

    old.quiesce().await;
    // The kernel completes the connection; nobody takes it before the next generation does.
    let queued = std::net::TcpStream::connect(address).unwrap();
    queued.set_nonblocking(true).unwrap();
    let waiting = tokio::net::TcpStream::from_std(queued).unwrap();
    let opening = tokio_tungstenite::client_async(format!("ws://{address}/"), waiting);
    let mut opening = std::pin::pin!(opening);
    let early = tokio::time::timeout(Duration::from_millis(50), &mut opening).await;
    assert!(early.is_err(), "the old generation answered");

    let new = new.activate().await.unwrap();
    soon(opening).await.unwrap();
    let mut next = TestClient::open(address).await;
    next.hello(params("operator", &[])).await;
    assert_eq!(next.call("health", json!({})).await["ok"], true);

    let told = async {
        client.event("shutdown").await;
        assert_eq!(client.closed().await, (1012, "service restart".to_owned()));
        client.receive().await;
    };
    soon(async { tokio::join!(old.goodbye(Some(10), GRACE), told) }).await;
    assert!(state.path().join("gateway.json").exists(), "it is the new generation's");
    new.goodbye(None, Duration::from_millis(10)).await;
}

#[tokio::test]
async fn only_one_gateway_holds_a_state_directory() {
    let mut gateway = start(json!({})).await;
    let second = standby(gateway.state.path(), listener(), 1, None).await;
    let Err(StartError::Locked(holder)) = second.activate().await else { panic!("two holders") };
    let holder: serde_json::Value = serde_json::from_str(&holder).unwrap();
    assert_eq!(holder["pid"], std::process::id());
    assert_eq!(holder["port"], gateway.address.port());
    gateway.running.quiesce().await;
    let third = standby(gateway.state.path(), listener(), 1, None).await;
    third.activate().await.unwrap();
}

#[tokio::test]
async fn a_handshake_that_is_too_late_is_sent_to_the_next_generation() {
    let mut gateway = start(json!({})).await;
    let mut late = gateway.open().await;
    late.event("connect.challenge").await;
    let started = std::time::Instant::now();
    gateway.running.quiesce().await;
    assert!(started.elapsed() < Duration::from_secs(1), "quiescing is bounded");
    assert_eq!(late.closed().await, (1012, "service restart".to_owned()));
}

#[tokio::test]
async fn a_handshake_under_way_is_finished() {
    let mut gateway = start(json!({})).await;
    let mut client = gateway.open().await;
    client.event("connect.challenge").await;
    let (hello, ()) = tokio::join!(client.hello(params("operator", &[])), gateway.running.quiesce());
    assert_eq!(hello["type"], "hello-ok");
}

#[tokio::test]
async fn a_client_that_does_not_read_holds_the_goodbye_no_longer_than_its_grace() {
    let gateway = start(json!({})).await;
    let stalled = gateway.client(&[]).await;
    let grace = Duration::from_millis(100);
    let started = std::time::Instant::now();
    soon(gateway.running.goodbye(Some(1), grace)).await;
    let elapsed = started.elapsed();
    assert!(elapsed >= grace && elapsed < grace + Duration::from_secs(1), "{elapsed:?}");
    drop(stalled);
}

#[tokio::test]
async fn a_request_on_a_fresh_connection_is_answered_while_closing() {
    let gateway = start(json!({})).await;
    let address = gateway.address;
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    // Accepted, and not a byte sent yet.
    while gateway.running.connections.is_empty() {
        tokio::task::yield_now().await;
    }
    let lifecycle = Arc::clone(&gateway.running.gateway.lifecycle);
    let exchange = async {
        lifecycle.reached(Phase::Closing).await;
        stream.write_all(format!("GET /ready HTTP/1.1\r\nHost: {address}\r\n\r\n").as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    };
    let (answer, ()) = soon(async { tokio::join!(exchange, gateway.running.goodbye(None, GRACE)) }).await;
    assert!(
        answer.starts_with("HTTP/1.1 503") && answer.to_lowercase().contains("connection: close"),
        "{answer}"
    );
}
