//! Hooks against the real binary: what the recorded exchanges (`protocol_fixtures`) do not show.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::edits::Save;
use crate::support::gateway::{self, Gateway, configure, prompt};
use crate::support::home::Home;
use crate::support::http::{self, Failure, Response};
use crate::support::process;
use crate::support::program::Run;
use crate::support::wait::PATIENCE;

const BEARER: (&str, &str) = ("authorization", "Bearer hook-secret");

fn config(hooks: &str) -> String {
    prompt("auth: { token: 'right' }, controlUi: { enabled: false }", &format!("hooks: {{ {hooks} }},"))
}

fn started(home: &Home, hooks: &str) -> Gateway {
    configure(home, &config(hooks));
    gateway::in_home(home).start()
}

/// Posts with the right token.
#[track_caller]
fn post(address: SocketAddr, path: &str, body: &str) -> Response {
    http::send(address, "POST", path, &[BEARER], Some(body), PATIENCE).unwrap()
}

/// Sends bytes and reads everything that comes back.
fn raw(address: SocketAddr, pieces: &[&[u8]]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    for piece in pieces {
        // A gateway that has answered need not read the rest.
        let _ = stream.write_all(piece);
    }
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap_or_else(|error| panic!("{error} after {bytes:?}"));
    String::from_utf8(bytes).unwrap()
}

fn head(length: usize, more: &str) -> String {
    format!(
        "POST /hooks/wake HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer hook-secret\r\n\
         Content-Length: {length}\r\n{more}\r\n"
    )
}

fn queued(gateway: &Gateway) -> Value {
    gateway.client("right").payload("status", &json!({}))["queuedSystemEvents"].clone()
}

#[test]
fn a_hook_reaches_the_main_session_and_everybody_is_told() {
    let home = Home::new();
    let gateway = started(&home, "enabled: true, token: 'hook-secret', path: 'in/'");
    let mut client = gateway.client("right");
    let answer = post(gateway.address(), "/in/wake", r#"{"text":"mail"}"#);
    assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"ok":true,"mode":"now"}"#));
    assert_eq!(client.event("heartbeat").unwrap()["payload"]["reason"], "no-agent");
    let answer = post(gateway.address(), "/in/agent", r#"{"message":"do it","name":"CI"}"#);
    let told: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((answer.status, &told["queuedAs"]), (202, &json!("system-event")));
    assert!(told["runId"].as_str().is_some_and(|id| id.len() == 36), "{told}");
    assert_eq!(queued(&gateway), json!(["mail", "Hook CI: do it"]));
    assert_eq!(post(gateway.address(), "/hooks/wake", "{}").status, 404, "the usual path is not used");
    gateway.stop();
}

#[test]
fn a_start_without_a_token_is_refused() {
    let home = Home::new();
    for (hooks, text) in [
        ("enabled: true", "hooks.enabled requires hooks.token\n"),
        ("enabled: true, token: 'x', path: '/'", "hooks.path may not be '/'\n"),
    ] {
        configure(&home, &config(hooks));
        let refused = Run::new(&home, &["gateway", "--port", "0"]).finish();
        assert_eq!(refused.code(), Some(78), "{hooks}");
        assert!(refused.stderr.starts_with(text), "{}", refused.stderr);
    }
    let checked = Run::new(&home, &["doctor", "--json"]).finish().expect_code(1).stdout;
    assert!(checked.contains("hooks.path may not be '/'"), "{checked}");
}

#[test]
fn code_in_a_mapping_is_told_before_and_refused() {
    let home = Home::new();
    let mapping = "mappings: [{ id: 'mine', match: { path: 'code' }, transform: { module: './x.js' } }]";
    let gateway = started(&home, &format!("enabled: true, token: 'hook-secret', {mapping}"));
    let answer = post(gateway.address(), "/hooks/code", "{}");
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((answer.status, &body["error"]), (500, &json!("hook mapping failed")));
    assert!(
        body["hint"].as_str().unwrap().contains("mapping mine: transform.module needs JavaScript"),
        "{body}"
    );
    let checked = Run::new(&home, &["doctor", "--json"]).finish().stdout;
    assert!(checked.contains("hooks.token has 11 characters"), "{checked}");
    assert!(checked.contains("hooks.mappings[0].transform: transform.module needs JavaScript"), "{checked}");
    gateway.stop();
}

#[test]
fn bodies_that_mean_no_good_are_answered() {
    let home = Home::new();
    let gateway = started(&home, "enabled: true, token: 'hook-secret', maxBodyBytes: 1000");
    let address = gateway.address();
    let deep = "[".repeat(900);
    assert_eq!(post(address, "/hooks/wake", &deep).status, 400);
    // Nothing of it is sent before somebody says that it is wanted.
    let waiting = raw(address, &[head(5_000_000, "Expect: 100-continue\r\n").as_bytes()]);
    assert!(waiting.starts_with("HTTP/1.1 413 "), "{waiting}");
    let large = vec![b'x'; 3_000_000];
    let sent = raw(address, &[head(large.len(), "").as_bytes(), &large]);
    assert!(sent.starts_with("HTTP/1.1 413 "), "{sent}");
    let chunk = [format!("{:x}\r\n", large.len()).as_bytes(), &large, b"\r\n0\r\n\r\n"].concat();
    let chunked = head(0, "Transfer-Encoding: chunked\r\n").replace("Content-Length: 0\r\n", "");
    let sent = raw(address, &[chunked.as_bytes(), &chunk]);
    assert!(sent.starts_with("HTTP/1.1 413 "), "{sent}");
    // Half of what was said, and no more.
    let mut half = TcpStream::connect(address).unwrap();
    half.write_all(head(100, "").as_bytes()).unwrap();
    half.write_all(b"{\"text\":\"half\"}").unwrap();
    drop(half);
    assert_eq!(post(address, "/hooks/wake", r#"{"text":"whole"}"#).status, 200);
    assert_eq!(queued(&gateway), json!(["whole"]));
    gateway.stop();
}

#[test]
fn pages_of_others_do_not_get_to_the_hooks() {
    let home = Home::new();
    let gateway = started(&home, "enabled: true, token: 'hook-secret'");
    for (name, value) in [("origin", "https://evil.example"), ("host", "evil.example")] {
        let answer = http::send(
            gateway.address(),
            "POST",
            "/hooks/wake?token=hook-secret",
            &[(name, value)],
            Some(r#"{"text":"evil"}"#),
            PATIENCE,
        );
        assert_eq!(answer.unwrap().status, 403, "{name}");
    }
    assert_eq!(queued(&gateway), json!([]));
    assert!(!gateway.log().contains("hook-secret"), "{}", gateway.log());
    gateway.stop();
}

#[test]
fn guessing_is_slowed_down_and_locks_nobody_else_out() {
    let home = Home::new();
    let gateway = started(&home, "enabled: true, token: 'hook-secret'");
    let address = gateway.address();
    let guess = move || {
        let wrong = [("x-clawdbot-token", "wrong")];
        http::send(address, "POST", "/hooks/wake", &wrong, Some("{}"), PATIENCE).unwrap().status
    };
    for _ in 0..5 {
        assert_eq!(guess(), 401);
    }
    let begin = Instant::now();
    assert_eq!(guess(), 401);
    assert!(begin.elapsed() >= Duration::from_millis(100), "{:?}", begin.elapsed());
    // Enough of them at once, and nothing more is looked at.
    let guesses: Vec<_> = (0..12).map(|_| thread::spawn(guess)).collect();
    // Another secret is another matter.
    gateway.client("right").payload("health", &json!({}));
    let statuses: Vec<u16> = guesses.into_iter().map(|guess| guess.join().unwrap()).collect();
    assert!(statuses.contains(&429) && statuses.contains(&401), "{statuses:?}");
    gateway.stop();
}

#[test]
fn hooks_follow_the_configuration_and_none_is_lost() {
    let home = Home::new();
    let path = configure(&home, &config("enabled: true, token: 'hook-secret'"));
    let gateway = gateway::in_home(&home).start();
    let address = gateway.address();
    let over = AtomicBool::new(false);
    let statuses = thread::scope(|scope| {
        let caller = scope.spawn(|| {
            let mut statuses = Vec::new();
            while !over.load(Ordering::Relaxed) {
                match http::send(address, "POST", "/hooks/wake", &[BEARER], Some(r#"{"text":"a"}"#), PATIENCE)
                {
                    Ok(answer) => statuses.push(answer.status),
                    Err(failure) => return Err(failure),
                }
            }
            Ok::<_, Failure>(statuses)
        });
        let edit = |hooks: &str| {
            let mark = gateway.mark();
            Save::Rename.write(&path, &config(hooks));
            gateway.line(mark, "✓ reloaded in ");
        };
        edit("enabled: true, token: 'another'");
        edit("enabled: false, token: 'another'");
        let mark = gateway.mark();
        Save::Rename.write(&path, &config("enabled: true"));
        gateway.kept(mark, &["hooks.enabled requires hooks.token"]);
        edit(
            "enabled: true, token: 'hook-secret', mappings: [{ match: { path: 'm' }, action: 'wake', textTemplate: '{{a}}' }]",
        );
        let mapped = post(address, "/hooks/m", r#"{"a":"mapped"}"#).status;
        over.store(true, Ordering::Relaxed);
        assert_eq!(mapped, 200);
        caller.join().unwrap()
    });
    let statuses = statuses.unwrap_or_else(|failure| panic!("a hook was not answered: {failure:?}"));
    for expected in [200, 401] {
        assert!(statuses.contains(&expected), "never {expected}: {statuses:?}");
    }
    let odd: Vec<_> = statuses.iter().filter(|status| ![200, 401, 404, 405, 429].contains(status)).collect();
    assert!(odd.is_empty(), "{odd:?}");
    gateway.stop();
}

#[test]
fn bodies_do_not_pile_up() {
    let home = Home::new();
    let gateway = started(&home, "enabled: true, token: 'hook-secret', maxBodyBytes: 1048576");
    let address = gateway.address();
    let body = format!(r#"{{"text":"{}"}}"#, "x".repeat(1_000_000));
    for _ in 0..30 {
        assert_eq!(post(address, "/hooks/wake", &body).status, 200);
    }
    let (before, _) = process::memory_kib(gateway.pid());
    for number in 0..100 {
        let body = body.replacen("xx", &number.to_string(), 1);
        assert_eq!(post(address, "/hooks/wake", &body).status, 200);
    }
    let (after, _) = process::memory_kib(gateway.pid());
    // The queue holds twenty texts.
    assert!(after < before + 40 * 1024, "{before} KiB became {after} KiB");
    gateway.stop();
}
