//! What everybody can send to the gateway's port: who is let in, what is refused, and how it is said.

use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::gateway::{self, Gateway};
use crate::support::home::Home;
use crate::support::raw::{self, Answer, ask};
use crate::support::wire::{Credentials, Wire};

fn started(home: &Home, gateway: &str) -> Gateway {
    gateway::configure(home, &gateway::prompt(gateway, ""));
    gateway::in_home(home).start()
}

#[track_caller]
fn status(answer: &Answer, expected: u16) {
    assert_eq!(answer.status, expected, "{:?} {}", answer.headers, answer.text());
}

#[test]
fn every_answer_says_what_a_browser_must_not_do_with_it() {
    let home = Home::new();
    let gateway = started(&home, "auth: { token: 'right' }");
    for (line, host) in [
        ("GET /health", None),
        ("GET /ready", None),
        ("GET /metrics", None),
        ("GET /", None),
        ("POST /", None),
        ("GET /%00", None),
        ("GET /", Some("Host: evil.example")),
    ] {
        let answer = ask(gateway.address(), line, host.as_slice());
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{line}");
        assert_eq!(answer.header("x-frame-options"), Some("DENY"), "{line}");
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{line}");
        let policy = answer.header("content-security-policy").unwrap_or_default();
        assert!(policy.contains("frame-ancestors 'none'"), "{line}: {policy}");
        assert_eq!(answer.header("access-control-allow-origin"), None, "{line}");
    }
    gateway.stop();
}

#[test]
fn pages_of_others_are_refused_whatever_they_ask_for() {
    let home = Home::new();
    let gateway =
        started(&home, "auth: { token: 'right' }, controlUi: { allowedOrigins: ['https://mine.example'] }");
    let address = gateway.address();
    for line in
        ["GET /health", "GET /metrics", "GET /", "GET /avatar/main?meta=1", "POST /anything", "OPTIONS /"]
    {
        for refused in [
            "Origin: https://evil.example",
            "Origin: null",
            "Origin: http://127.0.0.1:1",
            "Host: evil.example",
            "Host: 127.0.0.1.evil.example",
        ] {
            status(&ask(address, line, &[refused]), 403);
        }
    }
    for allowed in [format!("Origin: http://{address}"), "Origin: https://mine.example".to_owned()] {
        status(&ask(address, "GET /health", &[&allowed]), 200);
    }
    gateway.stop();
}

#[test]
fn a_request_is_read_as_nobody_else_could_read_it_otherwise() {
    let home = Home::new();
    let gateway = started(&home, "auth: { token: 'right' }");
    let address = gateway.address();
    let host = format!("Host: {address}");
    status(&ask(address, "GET /health", &[&host, &host]), 400);
    status(&ask(address, &format!("GET http://{address}/health"), &[&host]), 200);
    status(&ask(address, "GET http://evil.example/health", &[&host]), 400);
    status(&ask(address, "POST /", &["Content-Length: 3", "Content-Length: 4"]), 400);
    status(&ask(address, "POST /", &["Content-Length: -1"]), 400);
    status(&ask(address, "POST /", &["Transfer-Encoding: gzip"]), 400);
    status(&ask(address, "GET /health", &["Bad Name: x"]), 400);
    status(&raw::send(address, b"GET /health\x00 HTTP/1.1\r\n\r\n"), 400);
    status(&raw::send(address, b"\x16\x03\x01\x02\x00\x01\x00"), 400);
    let long = format!("X-Long: {}", "x".repeat(64 * 1024));
    let refused = ask(address, "GET /health", &[&long]);
    assert!(matches!(refused.status, 0 | 400 | 431), "{refused:?}");
    // Whatever follows such a body is not looked at: another program may take it for a part of it.
    for lengths in
        ["Content-Length: 4\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 4"]
    {
        let smuggled = format!(
            "POST / HTTP/1.1\r\n{host}\r\n{lengths}\r\n\r\n0\r\n\r\nGET /health HTTP/1.1\r\n{host}\r\n\r\n"
        );
        let answer = raw::send(address, smuggled.as_bytes());
        assert!(!answer.text().contains("HTTP/1.1"), "a second answer: {answer:?}");
        assert_eq!(answer.header("connection"), Some("close"), "{answer:?}");
    }
    gateway.stop();
}

/// The gateway does not wait for what nobody wants to have read.
#[test]
fn a_body_that_nobody_reads_does_not_hold_up_its_answer() {
    let home = Home::new();
    let gateway = started(&home, "auth: { token: 'right' }");
    let address = gateway.address();
    let begin = Instant::now();
    let mut stream = raw::connect(address);
    let head = format!("POST /nothing HTTP/1.1\r\nHost: {address}\r\nContent-Length: 1000000000\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    // Half of it, more than any buffer on the way holds: the answer is there all the same, and nothing resets it.
    let piece = vec![b'x'; 64 * 1024];
    for _ in 0..64 {
        if stream.write_all(&piece).is_err() {
            break;
        }
    }
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    status(&raw::to_end(&mut stream), 405);
    assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
    gateway.stop();
}

#[test]
fn who_sends_a_head_byte_by_byte_is_given_up() {
    let home = Home::new();
    let gateway = started(&home, "auth: { token: 'right' }");
    let mut slow = raw::connect(gateway.address());
    slow.write_all(b"GET /health HTTP/1.1\r\n").unwrap();
    slow.set_read_timeout(Some(Duration::from_millis(250))).unwrap();
    let begin = Instant::now();
    // One byte four times a second, which no limit between two bytes would end.
    let ended = loop {
        assert!(begin.elapsed() < Duration::from_secs(30), "still open");
        let mut byte = [0];
        match slow.read(&mut byte) {
            Err(error)
                if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) =>
            {
                if slow.write_all(b"x").is_err() {
                    break begin.elapsed();
                }
            }
            // The end, or a reset.
            Ok(_) | Err(_) => break begin.elapsed(),
        }
    };
    assert!(ended > Duration::from_secs(5), "given up after {ended:?}");
    gateway.stop();
}

/// A series whose values are whole.
fn metric(text: &str, series: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' ')?.parse().ok())
}

fn metrics(address: SocketAddr) -> String {
    let answer = ask(address, "GET /metrics", &[]);
    status(&answer, 200);
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    answer.text()
}

#[test]
fn metrics_count_what_happened() {
    let home = Home::new();
    let gateway = started(&home, "auth: { token: 'right' }");
    let address = gateway.address();
    let mut client = gateway.client("right");
    let before = metrics(address);
    assert_eq!(metric(&before, "clawdbot_clients"), Some(1), "{before}");
    // The client, and whoever asks.
    assert_eq!(metric(&before, "clawdbot_connections"), Some(2), "{before}");
    assert_eq!(metric(&before, "clawdbot_generation"), Some(1));
    for _ in 0..3 {
        client.payload("health", &json!({}));
    }
    client.call("no.such.method\"} 1", &json!({})).unwrap();
    client.call("agents.list", &json!({ "extra": true })).unwrap();
    let after = metrics(address);
    let ok = "clawdbot_requests_total{method=\"health\",result=\"ok\"}";
    assert_eq!(metric(&after, ok).unwrap() - metric(&before, ok).unwrap_or(0), 3, "{after}");
    assert_eq!(
        metric(&after, "clawdbot_request_duration_seconds_count{method=\"health\"}"),
        metric(&after, ok)
    );
    for (method, count) in [("unknown", 1), ("agents.list", 1)] {
        let series = format!("clawdbot_requests_total{{method=\"{method}\",result=\"INVALID_REQUEST\"}}");
        assert_eq!(metric(&after, &series), Some(count), "{series}\n{after}");
    }
    assert!(!after.contains("no.such.method"), "{after}");
    let connections = |text: &str| metric(text, "clawdbot_connections_total").unwrap();
    assert_eq!(connections(&after) - connections(&before), 1, "one more look");
    let mark = gateway.mark();
    gateway::configure(&home, &gateway::prompt("auth: { token: 'right' }", "ui: { seamColor: '#112233' }"));
    gateway.took(mark, "reloaded", "config: ui");
    assert_eq!(metric(&metrics(address), "clawdbot_reloads_total"), Some(1));
    gateway.stop();
}

#[test]
fn metrics_are_for_this_machine_and_for_whoever_has_the_secret() {
    let home = Home::new();
    let gateway = started(&home, "auth: { token: 'right' }");
    let address = gateway.address();
    let through_proxy = "X-Forwarded-For: 203.0.113.7";
    let refused = ask(address, "GET /metrics", &[through_proxy]);
    status(&refused, 401);
    assert_eq!(refused.header("www-authenticate"), Some("Bearer"));
    let body: Value = serde_json::from_slice(&refused.body).unwrap();
    assert_eq!(body, json!({ "error": { "message": "Unauthorized", "type": "unauthorized" } }));
    status(&ask(address, "GET /metrics", &[through_proxy, "Authorization: Bearer wrong"]), 401);
    status(&ask(address, "GET /metrics", &[through_proxy, "Authorization: Basic right"]), 401);
    status(&ask(address, "GET /metrics", &[through_proxy, "Authorization: bearer right"]), 200);
    status(&ask(address, "POST /metrics", &[]), 405);
    gateway.stop();
}

#[test]
fn guessing_over_http_is_slowed_down() {
    let home = Home::new();
    let gateway = started(&home, "auth: { token: 'right' }");
    let address = gateway.address();
    let through_proxy = "X-Forwarded-For: 203.0.113.7";
    let guess = || ask(address, "GET /metrics", &[through_proxy, "Authorization: Bearer wrong"]);
    for _ in 0..5 {
        status(&guess(), 401);
    }
    let begin = Instant::now();
    (0..3).for_each(|_| status(&guess(), 401));
    // 100, 200, and 400 ms.
    assert!(begin.elapsed() >= Duration::from_millis(690), "{:?}", begin.elapsed());
    // Nobody else is concerned, and neither is who has the secret.
    let (mut client, _) = Wire::hello(address, &Credentials::Token("right".to_owned())).unwrap();
    client.payload("health", &json!({}));
    status(&ask(address, "GET /metrics", &[through_proxy, "Authorization: Bearer right"]), 200);
    gateway.stop();
}
