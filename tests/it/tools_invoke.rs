//! `POST /tools/invoke` against the real binary: what the recorded exchanges (`protocol_fixtures`) do not show.

use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::edits::Save;
use crate::support::gateway::{self, Gateway, configure, prompt};
use crate::support::home::Home;
use crate::support::http::{self, Response};
use crate::support::wait::PATIENCE;

const BEARER: (&str, &str) = ("authorization", "Bearer right");

fn started(home: &Home, more: &str) -> Gateway {
    configure(home, &prompt("auth: { token: 'right' }", more));
    gateway::in_home(home).start()
}

#[track_caller]
fn post(address: SocketAddr, headers: &[(&str, &str)], body: &str) -> Response {
    http::send(address, "POST", "/tools/invoke", headers, Some(body), PATIENCE).unwrap()
}

/// The details of a result.
#[track_caller]
fn invoke(address: SocketAddr, body: &Value) -> Value {
    let answer = post(address, &[BEARER], &body.to_string());
    assert_eq!(answer.status, 200, "{}", answer.body);
    let answer: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(answer["ok"], true, "{answer}");
    answer["result"]["details"].clone()
}

#[test]
fn tools_do_what_the_methods_do() {
    let home = Home::new();
    let gateway = started(&home, "");
    let address = gateway.address();
    let woken =
        invoke(address, &json!({ "tool": "cron", "action": "wake", "args": { "text": "from a tool" } }));
    assert_eq!(woken, json!({ "ok": true }));
    let mut client = gateway.client("right");
    assert_eq!(client.payload("status", &json!({}))["queuedSystemEvents"], json!(["from a tool"]));
    let config = invoke(address, &json!({ "tool": "gateway", "action": "config.get" }));
    assert_eq!(config["ok"], true);
    assert!(!config.to_string().contains("\"right\""), "{config}");
    let mark = gateway.mark();
    let raw = r#"{"ui":{"seamColor":"112233"}}"#;
    let changed =
        invoke(address, &json!({ "tool": "gateway", "action": "config.patch", "args": { "raw": raw } }));
    assert_eq!(changed["result"]["ok"], true, "{changed}");
    gateway.line(mark, "✓ reloaded in ");
    assert!(home.read(".clawdbot/clawdbot.json").contains("112233"));
    assert_eq!(invoke(address, &json!({ "tool": "nodes", "action": "status" }))["nodes"], json!([]));
    gateway.stop();
}

#[test]
fn nobody_gets_in_without_the_secret() {
    let home = Home::new();
    let gateway = started(&home, "");
    let address = gateway.address();
    let body = r#"{"tool":"agents_list"}"#;
    for headers in [
        &[][..],
        &[("authorization", "Bearer wrong")],
        &[("authorization", "Basic right")],
        &[("x-clawdbot-token", "right")],
    ] {
        assert_eq!(post(address, headers, body).status, 401, "{headers:?}");
    }
    for foreign in [("origin", "https://evil.example"), ("host", "evil.example")] {
        assert_eq!(post(address, &[BEARER, foreign], body).status, 403, "{foreign:?}");
    }
    // Guesses count with those of WebSocket clients.
    let guesses: Vec<_> = (0..12)
        .map(|_| thread::spawn(move || post(address, &[("authorization", "Bearer wrong")], body).status))
        .collect();
    let statuses: Vec<u16> = guesses.into_iter().map(|guess| guess.join().unwrap()).collect();
    assert!(statuses.contains(&429) && statuses.contains(&401), "{statuses:?}");
    gateway.stop();
}

#[test]
fn without_authentication_only_pages_of_others_are_kept_out() {
    let home = Home::new();
    configure(&home, &prompt("auth: {}", ""));
    let gateway = gateway::in_home(&home).start();
    let body = r#"{"tool":"agents_list"}"#;
    assert_eq!(post(gateway.address(), &[], body).status, 200);
    assert_eq!(post(gateway.address(), &[("origin", "null")], body).status, 403);
    gateway.stop();
}

#[test]
fn bodies_that_mean_no_good_are_answered() {
    let home = Home::new();
    let gateway = started(&home, "");
    let address = gateway.address();
    let large = format!(r#"{{"tool":"agents_list","args":{{"x":"{}"}}}}"#, "x".repeat(2 * 1024 * 1024));
    for (body, status) in [
        (large.as_str(), 413),
        (&large[..200], 400),
        (&"[".repeat(10_000), 400),
        (r#"{"tool":"agents_list","args":{"__proto__":{"a":1}},"sessionKey":"../../x"}"#, 200),
        (r#"{"tool":"../gateway","action":"config.get"}"#, 404),
    ] {
        let answer = post(address, &[BEARER], body);
        assert_eq!(answer.status, status, "{}", &body[..body.len().min(60)]);
        assert!(serde_json::from_str::<Value>(&answer.body).is_ok(), "{}", answer.body);
    }
    gateway.client("right").payload("health", &json!({}));
    gateway.stop();
}

#[test]
fn what_is_denied_later_is_denied_at_once() {
    let home = Home::new();
    let gateway = started(&home, "");
    let address = gateway.address();
    let status = || post(address, &[BEARER], r#"{"tool":"gateway","action":"config.get"}"#).status;
    assert_eq!(status(), 200);
    let mark = gateway.mark();
    let denied = prompt("auth: { token: 'right' }", "tools: { deny: ['group:automation'] },");
    Save::Rename.write(&home.path().join(".clawdbot/clawdbot.json"), &denied);
    gateway.line(mark, "✓ reloaded in ");
    assert_eq!(status(), 404);
    gateway.stop();
}

#[test]
fn many_callers_at_once_are_answered() {
    let home = Home::new();
    let gateway = started(&home, "");
    let address = gateway.address();
    let callers: Vec<_> = (0..16)
        .map(|_| {
            thread::spawn(move || {
                (0..20).all(|_| post(address, &[BEARER], r#"{"tool":"sessions_list"}"#).status == 200)
            })
        })
        .collect();
    assert!(callers.into_iter().all(|caller| caller.join().unwrap()));
    let mut client = gateway.client("right");
    client.patience(Duration::from_secs(5));
    client.payload("health", &json!({}));
    gateway.stop();
}
