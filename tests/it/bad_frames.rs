//! Frames and requests that are wrong in every way, against the real gateway: the published answer, and the connection
//! stays open where the published gateway keeps it.

use serde_json::{Value, json};

use crate::support::gateway::{self, Gateway};
use crate::support::home::Home;
use crate::support::wire::{Closed, Credentials, Wire, connect_frame};

/// Largest message that is read.
const LIMIT: usize = 512 * 1024;

fn serve() -> (Home, Gateway) {
    let home = Home::new();
    gateway::configure(&home, &gateway::prompt("auth: { token: 'right' }", ""));
    let gateway = gateway::in_home(&home).start();
    (home, gateway)
}

/// Whether the connection still serves: a request with an id of its own is answered.
#[track_caller]
fn is_open(client: &mut Wire) {
    client.payload("last-heartbeat", &json!({}));
}

/// Sends a frame as it is; the answer has this id, code, and message, and the connection stays.
#[track_caller]
fn answered(client: &mut Wire, frame: &str, id: &Value, message: &str) {
    client.send_text(frame).unwrap();
    let answer = loop {
        let found = client.next().unwrap_or_else(|error| panic!("{frame}: {error}"));
        if found["type"] == "res" {
            break found;
        }
    };
    let found = (&answer["id"], &answer["ok"], &answer["error"]["code"], &answer["error"]["message"]);
    assert_eq!(found, (id, &json!(false), &json!("INVALID_REQUEST"), &json!(message)), "{frame}");
    is_open(client);
}

#[test]
fn what_is_no_request_frame_is_answered() {
    let (_home, gateway) = serve();
    let mut client = gateway.client("right");
    let frame = |text: &str| format!("invalid request frame: {text}");
    let none = json!("invalid");
    for (sent, id, message) in [
        ("[]", &none, "must be object"),
        ("7", &none, "must be object"),
        ("null", &none, "must be object"),
        (
            "{}",
            &none,
            "must have required property 'type'; must have required property 'id'; \
             must have required property 'method'",
        ),
        (r#"{"type":"req","id":7,"method":"health"}"#, &json!(7), "at /id: must be string"),
        (
            r#"{"type":"req","id":"","method":"health"}"#,
            &json!(""),
            "at /id: must NOT have fewer than 1 characters",
        ),
        (
            r#"{"type":"req","id":"a","method":""}"#,
            &json!("a"),
            "at /method: must NOT have fewer than 1 characters",
        ),
        (
            r#"{"type":"event","id":"a","method":"health"}"#,
            &json!("a"),
            "at /type: must be equal to constant",
        ),
        (
            r#"{"type":"req","id":"a","method":"health","more":1}"#,
            &json!("a"),
            "at root: unexpected property 'more'",
        ),
    ] {
        answered(&mut client, sent, id, &frame(message));
    }
}

#[test]
fn parameters_that_do_not_fit_are_answered() {
    let (_home, gateway) = serve();
    let mut client = gateway.client("right");
    for (method, params, message) in [
        ("agents.list", json!([]), "invalid agents.list params: must be object"),
        ("agents.list", json!("x"), "invalid agents.list params: must be object"),
        ("agents.list", json!({ "x": 1 }), "invalid agents.list params: at root: unexpected property 'x'"),
        (
            "sessions.reset",
            json!({ "key": "" }),
            "invalid sessions.reset params: at /key: must NOT have fewer than 1 characters",
        ),
        (
            "sessions.reset",
            json!({ "key": ["main"] }),
            "invalid sessions.reset params: at /key: must be string",
        ),
        (
            "logs.tail",
            json!({ "limit": "1", "cursor": -1 }),
            "invalid logs.tail params: at /cursor: must be >= 0; at /limit: must be integer",
        ),
        ("no.such", json!({}), "unknown method: no.such"),
        ("", json!({}), "invalid request frame: at /method: must NOT have fewer than 1 characters"),
        ("connect", json!({}), "connect is only valid as the first request"),
    ] {
        let frame = json!({ "type": "req", "id": "a", "method": method, "params": params });
        answered(&mut client, &frame.to_string(), &json!("a"), message);
    }
}

#[test]
fn what_is_not_json_is_ignored() {
    let (_home, gateway) = serve();
    let mut client = gateway.client("right");
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let request =
        |params: &str| format!(r#"{{"type":"req","id":"deep","method":"health","params":{{"x":{params}}}}}"#);
    for text in ["", "not json", "{", r#"{"type":"req","id":"a""#, "\u{0}\u{1}\u{2}"] {
        client.send_text(text).unwrap();
        is_open(&mut client);
    }
    // Deeper than the parser goes: not read, and no stack overflows.
    client.send_text(&nested(LIMIT / 2)).unwrap();
    is_open(&mut client);
    client.send_text(&request(&nested(100_000))).unwrap();
    is_open(&mut client);
    client.send_text(&request(&nested(100))).unwrap();
    assert_eq!(client.answer("deep").unwrap()["ok"], true);
    let garbage: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    client.send_binary(garbage).unwrap();
    is_open(&mut client);
}

#[test]
fn an_id_that_is_used_twice_is_answered_twice() {
    let (_home, gateway) = serve();
    let mut client = gateway.client("right");
    let request = json!({ "type": "req", "id": "twice", "method": "last-heartbeat" });
    client.send(&request).unwrap();
    client.send(&request).unwrap();
    for _ in 0..2 {
        assert_eq!(client.answer("twice").unwrap()["ok"], true);
    }
    is_open(&mut client);
}

#[test]
fn a_message_of_the_limit_is_read_and_one_byte_more_closes() {
    let (_home, gateway) = serve();
    let mut client = gateway.client("right");
    let empty = json!({ "type": "req", "id": "big", "method": "health", "params": { "x": "" } }).to_string();
    let filled = |length: usize| {
        let x = "x".repeat(length - empty.len());
        json!({ "type": "req", "id": "big", "method": "health", "params": { "x": x } }).to_string()
    };
    client.send_text(&filled(LIMIT)).unwrap();
    assert_eq!(client.answer("big").unwrap()["ok"], true);
    client.send_text(&filled(LIMIT + 1)).unwrap();
    assert_eq!(client.closed(), Closed { code: 1009, reason: String::new() });
}

#[test]
fn before_the_handshake_a_wrong_message_closes() {
    let (_home, gateway) = serve();
    let credentials = Credentials::Token("right".to_owned());
    let mut of_strings = connect_frame("", &credentials);
    of_strings["params"]["caps"] = json!("replay");
    let mut with_more = connect_frame("", &credentials);
    with_more["params"]["more"] = json!(1);
    let nested = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    for (sent, code, reason) in [
        ("not json".to_owned(), 1000, ""),
        (nested, 1000, ""),
        ("[]".to_owned(), 1008, "invalid request frame"),
        (
            json!({ "type": "req", "id": "a", "method": "health" }).to_string(),
            1008,
            "invalid handshake: first request must be connect",
        ),
        (of_strings.to_string(), 1008, "invalid connect params: at /caps: must be array"),
        (with_more.to_string(), 1008, "invalid connect params: at root: unexpected property 'more'"),
    ] {
        let mut client = Wire::open(gateway.address()).unwrap();
        client.challenge().unwrap();
        client.send_text(&sent).unwrap();
        let expect = Closed { code, reason: reason.to_owned() };
        assert_eq!(client.closed(), expect, "{}", sent.chars().take(200).collect::<String>());
    }
}
