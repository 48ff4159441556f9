use serde_json::{Value, json};

use super::support::{Received, params, start, start_with};

#[tokio::test]
async fn the_challenge_comes_first_and_hello_tells_everything() {
    let gateway =
        start(json!({ "gateway": { "mode": "local" }, "agents": { "list": [{ "id": "dev" }] } })).await;
    let mut client = gateway.open().await;
    let Received::Frame(challenge) = client.receive().await else { panic!("no challenge") };
    assert_eq!((&challenge["type"], &challenge["event"]), (&json!("event"), &json!("connect.challenge")));
    assert_eq!(challenge["payload"]["nonce"].as_str().unwrap().len(), 36);
    assert!(challenge["payload"]["ts"].is_u64() && challenge.get("seq").is_none());

    let hello = client.hello(params("operator", &[])).await;
    assert_eq!((&hello["type"], &hello["protocol"]), (&json!("hello-ok"), &json!(3)));
    assert_eq!(
        hello["policy"],
        json!({ "maxPayload": 524_288, "maxBufferedBytes": 1_572_864, "tickIntervalMs": 30_000 })
    );
    let snapshot = &hello["snapshot"];
    assert_eq!(snapshot["stateDir"], gateway.state.path().to_str().unwrap());
    assert_eq!(snapshot["health"], json!({}));
    assert_eq!(
        snapshot["sessionDefaults"],
        json!({ "defaultAgentId": "dev", "mainKey": "main", "mainSessionKey": "agent:dev:main", "scope": "per-sender" })
    );
    assert_eq!(snapshot["presence"].as_array().unwrap().len(), 2, "the gateway and this client");
    assert!(hello["features"]["methods"].as_array().unwrap().contains(&json!("health")));
    assert!(hello["server"]["connId"].is_string() && hello.get("auth").is_none());
    let health = client.event("health").await;
    assert_eq!((&health["payload"]["ok"], &health["seq"]), (&json!(true), &json!(1)));
}

/// What a first message is answered with before the close, and the close.
async fn refused(token: Option<&str>, message: String) -> (Option<Value>, u16, String) {
    let gateway = start_with(json!({}), token, |_| ()).await;
    let mut client = gateway.open().await;
    client.event("connect.challenge").await;
    client.send(message).await;
    let mut response = None;
    loop {
        match client.receive().await {
            Received::Frame(frame) => response = Some(frame["error"]["message"].clone()),
            Received::Close(code, reason) => return (response, code, reason),
            Received::End => panic!("connection ended without a close frame"),
        }
    }
}

#[tokio::test]
async fn every_close_code_of_the_handshake() {
    let connect = |params: Value| {
        json!({ "type": "req", "id": "1", "method": "connect", "params": params }).to_string()
    };
    let with = |name: &str, value: Value| {
        let mut params = params("operator", &[]);
        params[name] = value;
        connect(params)
    };
    let first = "invalid handshake: first request must be connect";
    let missing = "unauthorized: gateway token mismatch (provide gateway auth token)";
    let cases = [
        (None, "not json".to_owned(), None, 1000, ""),
        (None, json!({ "type": "req" }).to_string(), None, 1008, "invalid request frame"),
        (None, json!({ "type": "req", "id": "1", "method": "health" }).to_string(), Some(first), 1008, first),
        (None, with("minProtocol", json!(4)), Some("protocol mismatch"), 1002, "protocol mismatch"),
        (None, with("role", json!("king")), Some("invalid role"), 1008, "invalid role"),
        (None, with("auth", json!({})), Some("device identity required"), 1008, "device identity required"),
        (Some("secret"), connect(params("operator", &[])), Some(missing), 1008, missing),
        (
            None,
            with("extra", json!(1)),
            Some("invalid connect params: at root: unexpected property 'extra'"),
            1008,
            "invalid connect params: at root: unexpected property 'extra'",
        ),
    ];
    for (token, message, response, code, reason) in cases {
        let expect = (response.map(Value::from), code, reason.to_owned());
        assert_eq!(refused(token, message.clone()).await, expect, "{message}");
    }
}

#[tokio::test]
async fn the_right_token_is_let_in() {
    let gateway = start_with(json!({}), Some("any"), |_| ()).await;
    gateway.client(&["operator.read"]).await.call("health", json!({})).await;
}

#[tokio::test]
async fn a_client_that_says_nothing_is_closed_after_ten_seconds() {
    let gateway = start(json!({})).await;
    let mut client = gateway.open().await;
    client.event("connect.challenge").await;
    // The clock jumps to the next timer whenever nothing else is to do.
    tokio::time::pause();
    assert_eq!(client.closed().await, (1000, String::new()));
}
