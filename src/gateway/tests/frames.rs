use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use futures_util::SinkExt as _;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::support::{Received, params, soon, start};

#[tokio::test]
async fn binary_messages_are_text() {
    let gateway = start(json!({})).await;
    let mut client = gateway.client(&[]).await;
    let request = json!({ "type": "req", "id": "b", "method": "system-presence" }).to_string();
    client.socket.send(Message::binary(request.into_bytes())).await.unwrap();
    assert_eq!(client.frame(|frame| frame["id"] == "b").await["ok"], true);
}

#[tokio::test]
async fn what_is_no_request_is_answered_or_ignored_and_the_connection_stays() {
    let gateway = start(json!({})).await;
    let mut client = gateway.client(&["operator.read"]).await;
    client.send("not json").await;
    client.send(json!({ "type": "req", "id": 7, "method": "health" }).to_string()).await;
    let answer = client.frame(|frame| frame["id"] == 7).await;
    assert_eq!(answer["error"]["message"], "invalid request frame: at /id: must be string");
    client.send("[]").await;
    client.frame(|frame| frame["id"] == "invalid").await;
    for (method, message) in [
        ("connect", "missing scope: operator.admin"),
        ("config.get", "missing scope: operator.admin"),
        ("no.such", "missing scope: operator.admin"),
        ("node.event", "unauthorized role: operator"),
    ] {
        let response = client.request(method, json!({})).await;
        assert_eq!(response["error"]["message"], message, "{method}");
        assert_eq!(response["error"]["code"], "INVALID_REQUEST");
    }
    let mut admin = gateway.client(&[]).await;
    for (method, message) in
        [("no.such", "unknown method: no.such"), ("connect", "connect is only valid as the first request")]
    {
        assert_eq!(admin.request(method, json!({})).await["error"]["message"], message);
    }
}

#[tokio::test]
async fn many_requests_at_once_are_all_answered() {
    let gateway = start(json!({})).await;
    let mut client = gateway.client(&[]).await;
    for number in 0..200 {
        let method = ["health", "status", "sessions.list", "config.get", "logs.tail"][number % 5];
        let request = json!({ "type": "req", "id": format!("m{number}"), "method": method });
        client.send(request.to_string()).await;
    }
    let mut answered = std::collections::BTreeSet::new();
    while answered.len() < 200 {
        let response = client.frame(|frame| frame["type"] == "res").await;
        assert_eq!(response["ok"], true, "{response}");
        assert!(answered.insert(response["id"].to_string()));
    }
}

#[tokio::test]
async fn ticks_come_every_thirty_seconds_and_numbers_have_no_gap() {
    let gateway = start(json!({})).await;
    let mut reader = gateway.client(&["operator.read"]).await;
    reader.event("health").await;
    tokio::time::pause();
    let mut last = 1;
    let started = tokio::time::Instant::now();
    for _ in 0..4 {
        loop {
            let event = reader.frame(|frame| frame["type"] == "event").await;
            assert_eq!(event["seq"], last + 1);
            last += 1;
            if event["event"] == "tick" {
                break;
            }
        }
    }
    let elapsed = started.elapsed();
    assert!(elapsed >= Duration::from_secs(119) && elapsed < Duration::from_secs(125), "{elapsed:?}");
}

#[tokio::test]
async fn a_stranger_s_page_is_refused_and_our_own_is_not() {
    let gateway = start(json!({})).await;
    let url = format!("ws://{}/", gateway.address);
    for (origin, status) in
        [("https://evil.example", Some(403)), (&format!("http://{}", gateway.address), None)]
    {
        let mut request = url.as_str().into_client_request().unwrap();
        request.headers_mut().insert("origin", origin.parse().unwrap());
        match soon(tokio_tungstenite::connect_async(request)).await {
            Ok(_) => assert_eq!(status, None, "{origin}"),
            Err(Error::Http(response)) => assert_eq!(Some(response.status().as_u16()), status, "{origin}"),
            Err(other) => panic!("{other}"),
        }
    }
}

/// Sends a plain HTTP request from another thread; returns status line and body.
async fn http(address: std::net::SocketAddr, head: &'static str) -> String {
    let exchange = move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream
            .write_all(format!("{head}\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes())
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    soon(tokio::task::spawn_blocking(exchange)).await.unwrap()
}

#[tokio::test]
async fn plain_http() {
    let gateway = start(json!({})).await;
    let health = http(gateway.address, "GET /health HTTP/1.1").await;
    assert!(health.starts_with("HTTP/1.1 200"), "{health}");
    let body: Value = serde_json::from_str(health.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    assert_eq!((&body["ok"], &body["generation"]), (&json!(true), &json!(1)));
    assert!(http(gateway.address, "GET /ready HTTP/1.1").await.starts_with("HTTP/1.1 200"));
    let missing = http(gateway.address, "GET /ui/nothing HTTP/1.1").await;
    assert!(missing.starts_with("HTTP/1.1 404") && missing.ends_with("\r\n\r\nNot Found"), "{missing}");
    assert!(missing.to_lowercase().contains("content-type: text/plain"));
    let bad = http(gateway.address, "GET / HTTP/1.1\r\nUpgrade: websocket").await;
    assert!(bad.starts_with("HTTP/1.1 400"), "{bad}");
}

#[tokio::test]
async fn pairing_is_told_to_those_with_the_scope_only() {
    let gateway = start(json!({})).await;
    let mut watcher = gateway.client(&["operator.pairing"]).await;
    let mut reader = gateway.client(&["operator.read"]).await;
    reader.event("health").await;
    let frame = crate::gateway::events::EventFrame::new(
        crate::gateway::events::EventName::DevicePairResolved,
        &json!({ "decision": "approved" }),
        None,
    );
    gateway.running.gateway.clients.broadcast(&frame);
    watcher.event("device.pair.resolved").await;
    let mut admin = gateway.client(&[]).await;
    admin.call("system-event", json!({ "text": "hello" })).await;
    // The next event of the reader is not the one that it may not see, and has the next number.
    loop {
        let Received::Frame(event) = reader.receive().await else { panic!("closed") };
        assert_ne!(event["event"], "device.pair.resolved");
        if event["event"] == "presence" {
            break;
        }
    }
}

#[tokio::test]
async fn nodes_call_nothing_but_what_is_theirs() {
    let gateway = start(json!({})).await;
    let mut node = gateway.open().await;
    let mut params = params("node", &[]);
    params["commands"] = json!(["system.run", "camera.snap"]);
    node.hello(params).await;
    assert_eq!(node.request("health", json!({})).await["error"]["message"], "unauthorized role: node");
    let list = gateway.client(&[]).await.call("node.list", json!({})).await;
    assert_eq!(list["nodes"].as_array().unwrap().len(), 1);
    assert_eq!(list["nodes"][0]["commands"], json!(["system.run"]));
    assert_eq!((&list["nodes"][0]["connected"], &list["nodes"][0]["paired"]), (&json!(true), &json!(false)));
}

#[tokio::test]
async fn a_websocket_may_follow_a_plain_request() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let gateway = start(json!({})).await;
    let mut stream = tokio::net::TcpStream::connect(gateway.address).await.unwrap();
    stream.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    while !answer.ends_with('}') {
        answer.push(char::from(soon(stream.read_u8()).await.unwrap()));
    }
    let url = format!("ws://{}/", gateway.address);
    let (mut socket, _) = soon(tokio_tungstenite::client_async(url, stream)).await.unwrap();
    let challenge = soon(futures_util::StreamExt::next(&mut socket)).await.unwrap().unwrap();
    assert!(challenge.to_text().unwrap().contains("connect.challenge"));
}

#[tokio::test]
async fn who_floods_waits_longest_for_itself() {
    let gateway = start(json!({})).await;
    let mut flooding = gateway.client(&["operator.admin"]).await;
    let mut modest = gateway.client(&["operator.admin"]).await;
    for number in 0..1000 {
        let params = json!({ "text": number.to_string() });
        let request =
            json!({ "type": "req", "id": number.to_string(), "method": "system-event", "params": params });
        flooding.socket.feed(Message::text(request.to_string())).await.unwrap();
    }
    flooding.socket.flush().await.unwrap();
    let present = modest.call("system-presence", json!({})).await;
    let numbers = present.as_array().unwrap().iter().filter_map(|entry| entry["text"].as_str()?.parse().ok());
    let served: u32 = numbers.max().unwrap_or_default();
    assert!(served < 100, "{served} of a thousand went first");
    let last = flooding.frame(|frame| frame["id"] == "999").await;
    assert_eq!(last["ok"], true);
}
