use std::fs;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use super::support::{soon, start, start_with};
use crate::protocol::limits::MAX_PAYLOAD;

#[tokio::test]
async fn a_message_above_the_limit_is_answered_with_1009() {
    let gateway = start(json!({})).await;
    let mut client = gateway.client(&[]).await;
    let fits = json!({ "type": "req", "id": "big", "method": "health", "params": { "x": "x".repeat(MAX_PAYLOAD - 100) } });
    client.send(fits.to_string()).await;
    assert_eq!(client.frame(|frame| frame["id"] == "big").await["ok"], true);
    client.send("x".repeat(4 * MAX_PAYLOAD)).await;
    assert_eq!(client.closed().await, (1009, String::new()));
}

#[tokio::test]
async fn a_client_that_does_not_read_is_closed_as_slow() {
    let gateway = start(json!({})).await;
    let mut slow = gateway.client(&["operator.admin"]).await;
    slow.event("health").await;
    let mut other = gateway.client(&[]).await;
    // Answers pile up beyond what the sockets' buffers and the queue hold.
    let long = json!({ "type": "req", "id": "x".repeat(400_000), "method": "system-presence" }).to_string();
    let stall = Duration::from_millis(200);
    // The gateway stops reading such a client, so the flood stalls; or it has closed the connection already.
    for _ in 0..40 {
        let sent = tokio::time::timeout(stall, slow.socket.send(Message::text(long.clone()))).await;
        if !matches!(sent, Ok(Ok(()))) {
            break;
        }
    }
    for _ in 0..3 {
        other.call("health", json!({ "probe": true })).await;
    }
    assert_eq!(slow.closed().await, (1008, "slow consumer".to_owned()));
}

#[tokio::test]
async fn text_that_is_not_utf_8_is_answered_with_1007() {
    let gateway = start(json!({})).await;
    let mut client = gateway.client(&[]).await;
    let frame = Frame::message(vec![0xff, 0xfe], OpCode::Data(Data::Text), true);
    client.socket.send(Message::Frame(frame)).await.unwrap();
    assert_eq!(client.closed().await, (1007, String::new()));
}

#[tokio::test]
async fn pings_are_answered() {
    let gateway = start(json!({})).await;
    let mut client = gateway.client(&[]).await;
    client.socket.send(Message::Ping("are you there".into())).await.unwrap();
    let pong = async {
        loop {
            if let Message::Pong(payload) = client.socket.next().await.unwrap().unwrap() {
                return payload;
            }
        }
    };
    assert_eq!(soon(pong).await, "are you there");
}

#[tokio::test]
async fn a_flood_of_pings_is_closed() {
    let gateway = start(json!({})).await;
    let mut client = gateway.open().await;
    for _ in 0..200 {
        client.socket.feed(Message::Ping("x".into())).await.unwrap();
    }
    client.socket.flush().await.unwrap();
    assert_eq!(client.closed().await, (1008, "too many pings".to_owned()));
}

#[tokio::test]
async fn files_that_cannot_be_written_do_not_prevent_serving() {
    let mut gateway = start_with(json!({}), None, |state| {
        fs::create_dir(state.join("gateway.json")).unwrap();
        fs::write(state.join("devices"), "a file").unwrap();
        fs::write(state.join("agents"), "a file").unwrap();
    })
    .await;
    let mut client = gateway.client(&[]).await;
    assert_eq!(client.call("health", json!({})).await["sessions"]["count"], 0);
    assert_eq!(client.call("status", json!({})).await["sessions"]["count"], 0);
    soon(gateway.running.quiesce()).await;
}
