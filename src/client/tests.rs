//! Against a small gateway on a free port.

mod gateway;
mod reconnect;

use std::time::Duration;

use gateway::Gateway;
use serde_json::json;

use super::*;

fn options(gateway: &Gateway) -> ConnectOptions {
    ConnectOptions::cli(gateway.url()).timeout(Duration::from_secs(5))
}

#[tokio::test]
async fn a_device_connects_and_calls() {
    let gateway = Gateway::open().await;
    let options = options(&gateway).identity(DeviceIdentity::generate().unwrap());
    let mut connection = connect(&options).await.unwrap();
    assert_eq!(connection.hello().auth.as_ref().unwrap().scopes, options.scopes);
    let answer = connection.request("echo", json!({ "a": 1 }), Duration::from_secs(5)).await.unwrap();
    assert_eq!(answer, json!({ "a": 1 }));
    connection.close().await;
}

#[tokio::test]
async fn events_wait_while_a_request_is_answered() {
    let gateway = Gateway::open().await;
    let mut connection = connect(&options(&gateway).token("any")).await.unwrap();
    // The gateway sends an event before each answer.
    connection.request("echo", json!({}), Duration::from_secs(5)).await.unwrap();
    connection.request("echo", json!({}), Duration::from_secs(5)).await.unwrap();
    for seq in 1..=2 {
        let event = connection.next_event().await.unwrap();
        assert_eq!((event.event.as_str(), event.seq), ("asked", Some(seq)));
    }
}

#[tokio::test]
async fn a_method_error_is_the_servers() {
    let gateway = Gateway::open().await;
    let mut connection = connect(&options(&gateway).token("any")).await.unwrap();
    let error = connection.request("nope", json!({}), Duration::from_secs(5)).await.unwrap_err();
    assert_eq!(error.to_string(), "unknown method: nope");
    assert!(matches!(error, ClientError::Rpc(_)));
}

#[tokio::test]
async fn an_unanswered_request_times_out_and_the_connection_goes_on() {
    let gateway = Gateway::open().await;
    let mut connection = connect(&options(&gateway).token("any")).await.unwrap();
    let error = connection.request("silence", json!({}), Duration::from_millis(20)).await.unwrap_err();
    assert_eq!(error.to_string(), "gateway timeout after 20ms");
    connection.request("echo", json!({}), Duration::from_secs(5)).await.unwrap();
}

#[tokio::test]
async fn a_close_frame_says_why() {
    let gateway = Gateway::open().await;
    let mut connection = connect(&options(&gateway).token("any")).await.unwrap();
    let error = connection.request("restart", json!({}), Duration::from_secs(5)).await.unwrap_err();
    assert_eq!(error.to_string(), "gateway closed (1012): service restart");
    let mut connection = connect(&options(&gateway).token("any")).await.unwrap();
    let error = connection.request("drop", json!({}), Duration::from_secs(5)).await.unwrap_err();
    assert_eq!(error, ClientError::Dropped);
}

#[tokio::test]
async fn a_refusal_carries_answer_and_close() {
    let gateway = Gateway::with_token().await;
    let error = connect(&options(&gateway).token("wrong")).await.unwrap_err();
    let text = "unauthorized: gateway token mismatch (set gateway.remote.token to match gateway.auth.token)";
    assert_eq!(error.to_string(), format!("gateway closed (1008): {text}"));
    let ClientError::Refused { error: Some(answer), close } = error else { panic!() };
    assert_eq!((answer.message.as_str(), close.code), (text, 1008));
}

#[tokio::test]
async fn nothing_listens() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = connect(&ConnectOptions::cli(format!("ws://{address}"))).await.unwrap_err();
    assert!(error.is_unreachable(), "{error:?}");
    assert_eq!(error.to_string(), "gateway closed (1006 abnormal closure (no close frame)): no close reason");
}

#[tokio::test]
async fn a_listener_that_never_answers() {
    // The kernel accepts; nobody reads.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap());
    let options = ConnectOptions::cli(url).timeout(Duration::from_millis(30));
    let error = connect(&options).await.unwrap_err();
    assert_eq!(error, ClientError::Unreachable { cause: "no answer within 30ms".to_owned() });
}

#[tokio::test]
async fn urls_that_cannot_work() {
    for url in ["", "127.0.0.1", "http://127.0.0.1:1", "wss://", "ws://", "ws://a b"] {
        let error = connect(&ConnectOptions::cli(url)).await.unwrap_err();
        assert!(matches!(error, ClientError::Url { .. }), "{url}: {error:?}");
    }
}

#[tokio::test]
async fn the_device_token_takes_the_place_of_the_shared_one() {
    let gateway = Gateway::with_token().await;
    let state = tempfile::tempdir().unwrap();
    let identity = DeviceIdentity::load_or_create(state.path()).unwrap();
    let tokens = TokenStore::new(state.path(), identity.device_id());
    let known = options(&gateway).identity(identity).tokens(tokens.clone());
    connect(&known.clone().token("right")).await.unwrap();
    let issued = tokens.get(known.role).unwrap();

    // Without any shared token, and with a wrong one that is not even tried.
    connect(&known).await.unwrap();
    connect(&known.clone().token("wrong")).await.unwrap();

    // A refused device token is dropped, and the shared one tried at once.
    gateway.revoke();
    assert!(connect(&known).await.is_err());
    assert_eq!(tokens.get(known.role).as_deref(), Some(issued.as_str()), "nothing to replace it");
    connect(&known.clone().token("right")).await.unwrap();
    assert_ne!(tokens.get(known.role).unwrap(), issued);
}

#[tokio::test]
async fn a_gateway_that_is_being_replaced_is_asked_again() {
    use futures_util::SinkExt as _;
    use tokio_tungstenite::tungstenite::protocol::CloseFrame;

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap());
    let gateway = tokio::spawn(async move {
        for code in [1012_u16, 1012, 1008] {
            let (stream, _) = listener.accept().await.unwrap();
            let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
            let frame = CloseFrame { code: code.into(), reason: "gone".into() };
            socket.close(Some(frame)).await.unwrap();
            socket.flush().await.unwrap();
        }
    });
    let error = connect(&ConnectOptions::cli(url).timeout(Duration::from_secs(5))).await.unwrap_err();
    assert!(matches!(&error, ClientError::Refused { close, .. } if close.code == 1008), "{error:?}");
    gateway.await.unwrap();
}
