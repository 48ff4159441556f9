//! What a gateway logs, where, in which form, and what it must never log.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

use crate::support::foreground::Started;
use crate::support::home::{Home, config_text};
use crate::support::program::{BINARY, Run, command, fresh_mark};
use crate::support::wait::{self, PATIENCE};
use crate::support::wire::{Credentials, Wire, connect_frame};

/// A gateway in the foreground whose standard error is read.
struct Gateway {
    started: Started,
    stderr: Arc<Mutex<String>>,
}

impl Gateway {
    /// With `logging: { … }` in its configuration.
    fn start(home: &Home, logging: &str, arguments: &[&str]) -> Self {
        home.write(".clawdbot/clawdbot.json", &config(logging));
        let mut command = command(Path::new(BINARY), home.path(), &fresh_mark());
        command.args(arguments).args(["--port", "0"]).stderr(Stdio::piped());
        let mut started = Started::of(command);
        let (stderr, mut pipe) = (Arc::new(Mutex::new(String::new())), started.child.stderr.take().unwrap());
        let shared = Arc::clone(&stderr);
        // Ends with the gateway.
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = pipe.read(&mut buffer) {
                shared.lock().unwrap().push_str(&String::from_utf8_lossy(&buffer[..length]));
            }
        });
        Self { started, stderr }
    }

    fn client(&self) -> Wire {
        Wire::hello(self.started.address(), &Credentials::Token("any".to_owned())).unwrap().0
    }

    /// Standard error, once it contains `text`.
    #[track_caller]
    fn shown(&self, text: &str) -> String {
        wait::until(format!("{text:?} on standard error"), PATIENCE, || {
            let shown = self.stderr.lock().unwrap();
            shown.contains(text).then(|| shown.clone())
        })
    }

    /// Ends it; everything that it wrote to standard error.
    fn end(mut self) -> String {
        let _ = self.started.child.kill();
        let _ = self.started.child.wait();
        // The reader lets go of its half at the end of the pipe.
        wait::until("the end of standard error", PATIENCE, || {
            (Arc::strong_count(&self.stderr) == 1).then_some(())
        });
        self.stderr.lock().unwrap().clone()
    }
}

fn config(logging: &str) -> String {
    format!("{{ gateway: {{ mode: 'local', reload: {{ debounceMs: 0 }} }}, logging: {{ {logging} }} }}")
}

const LOG: &str = ".clawdbot/logs/gateway.log";

/// The lines of a log file.
fn lines(home: &Home, file: &str) -> Vec<Value> {
    let text = fs::read_to_string(home.path().join(file)).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect()
}

/// Waits for a line of the log file whose text contains all of `parts`.
#[track_caller]
fn logged(home: &Home, parts: &[&str]) -> Value {
    wait::until(format!("{parts:?} in the log"), PATIENCE, || {
        let found = |line: &Value| {
            let text = line.to_string();
            parts.iter().all(|part| text.contains(part))
        };
        lines(home, LOG).into_iter().find(found)
    })
}

#[test]
fn the_file_holds_lines_in_the_published_schema() {
    let home = Home::new();
    let gateway = Gateway::start(&home, "", &["gateway"]);
    let line = logged(&home, &["listening on"]);
    assert_eq!(line["0"], r#"{"subsystem":"gateway"}"#);
    assert_eq!(line["1"]["pid"], gateway.started.child.id());
    assert_eq!(line["2"], format!("listening on ws://{}", gateway.started.address()));
    let meta = &line["_meta"];
    assert_eq!(
        (&meta["name"], &meta["logLevelName"], &meta["logLevelId"]),
        (&line["0"], &json!("INFO"), &json!(3))
    );
    assert_eq!(line["time"], meta["date"]);
    let tail = gateway.client().payload("logs.tail", &json!({}));
    assert_eq!(tail["file"], json!(home.path().join(LOG)));
    assert!(tail["lines"].to_string().contains("listening on"), "{tail}");
}

#[test]
fn the_file_is_where_the_configuration_says() {
    for (written, place) in
        [("~/elsewhere/here.log", "elsewhere/here.log"), ("here.log", ".clawdbot/here.log")]
    {
        let home = Home::new();
        let gateway = Gateway::start(&home, &format!("file: '{written}'"), &["gateway"]);
        let path = home.path().join(place);
        assert_eq!(gateway.started.lines.last().unwrap(), &format!("✓ log file: {}", path.display()));
        let tail = gateway.client().payload("logs.tail", &json!({}));
        assert_eq!(tail["file"], json!(path));
        assert!(tail["lines"].to_string().contains("listening on"), "{tail}");
        assert!(!home.path().join(".clawdbot/logs").exists());
    }
}

#[test]
fn a_large_file_is_rotated_at_the_first_line() {
    let home = Home::new();
    home.write(LOG, &"{}\n".repeat(4 * 1024 * 1024));
    home.write(&format!("{LOG}.1"), "{\"older\":true}\n");
    home.write(&format!("{LOG}.2"), "{\"oldest\":true}\n");
    let gateway = Gateway::start(&home, "", &["gateway"]);
    gateway.client();
    let older =
        |number: u32| fs::metadata(home.path().join(format!("{LOG}.{number}"))).map_or(0, |file| file.len());
    wait::until("rotation", PATIENCE, || (older(1) > 12_000_000).then_some(()));
    assert_eq!(older(2), 15);
    assert!(!home.path().join(format!("{LOG}.3")).exists(), "three files at most");
}

#[cfg(unix)]
#[test]
fn a_log_that_cannot_be_written_is_said_once_and_service_goes_on() {
    let home = Home::new();
    home.write(".clawdbot/logs", "a file where the directory should be");
    let fifo = home.path().join("fifo");
    rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0)
        .unwrap();
    for file in ["", "file: '~/fifo'"] {
        let gateway = Gateway::start(&home, file, &["gateway"]);
        gateway.shown("failed to write ");
        let mut client = gateway.client();
        client.call("no-such-method", &json!({})).unwrap();
        client.payload("health", &json!({}));
        let shown = gateway.end();
        assert_eq!(shown.matches("failed to write ").count(), 1, "{shown}");
        assert!(shown.contains("[logging] warn: failed to write "), "{shown}");
    }
}

#[test]
fn every_level_of_the_file_means_what_it_says() {
    for (logging, arguments, expected) in [
        ("level: 'silent'", &["gateway"][..], &[][..]),
        ("level: 'fatal'", &["gateway"], &[]),
        ("level: 'warn'", &["gateway"], &["WARN"]),
        ("level: 'info'", &["gateway"], &["INFO", "WARN"]),
        ("", &["gateway"], &["INFO", "WARN"]),
        ("level: 'debug'", &["gateway"], &["DEBUG", "INFO", "WARN"]),
        ("level: 'silent'", &["gateway", "--log-level", "warn"], &["WARN"]),
        ("level: 'debug'", &["--log-level", "silent", "gateway", "run"], &[]),
    ] {
        let home = Home::new();
        // The pattern is a warning at the start.
        let logging = format!("redactPatterns: ['('], {logging}");
        let gateway = Gateway::start(&home, &logging, arguments);
        gateway.client().payload("health", &json!({}));
        gateway.end();
        let mut levels: Vec<String> = lines(&home, LOG)
            .iter()
            .map(|line| line["_meta"]["logLevelName"].as_str().unwrap().to_owned())
            .collect();
        levels.sort();
        levels.dedup();
        assert_eq!(levels, expected, "{logging} {arguments:?}");
        assert_eq!(home.path().join(LOG).exists(), !expected.is_empty());
    }
}

#[test]
fn an_edit_of_the_log_takes_effect_without_a_restart() {
    let home = Home::new();
    let gateway = Gateway::start(&home, "level: 'warn'", &["gateway"]);
    let mut client = gateway.client();
    client.payload("health", &json!({}));
    let edit = |logging: &str, applied: &str| {
        home.write(".clawdbot/clawdbot.json", &config(logging));
        logged(&home, &[r"gateway/reload", "config change applied", applied]);
    };
    edit("level: 'debug', consoleLevel: 'info', consoleStyle: 'json'", "logging.level");
    client.payload("health", &json!({}));
    logged(&home, &["\"DEBUG\"", "request", "health"]);
    edit("level: 'debug', redactPatterns: ['inter[a-z]+-[0-9]+']", "logging.redactPatterns");
    client.call("internal-4711", &json!({})).unwrap();
    logged(&home, &["unknown method: [redacted]"]);
    home.write(".clawdbot/clawdbot.json", &config("level: 'debug', file: '~/other.log'"));
    let tail = wait::until("another file", PATIENCE, || {
        let tail = client.payload("logs.tail", &json!({}));
        (tail["file"] == json!(home.path().join("other.log"))).then_some(tail)
    });
    assert!(tail["lines"].to_string().contains("config change applied"), "{tail}");
    let file = fs::read_to_string(home.path().join(LOG)).unwrap();
    assert!(!file.contains("internal-4711"), "{file}");
    assert!(!file.contains("listening on"), "INFO before the edit: {file}");
    let shown = gateway.end();
    assert!(shown.lines().any(|line| line.starts_with("{\"time\":")), "{shown}");
}

#[test]
fn what_ends_a_start_is_in_the_file_and_said_once() {
    let home = Home::new();
    let first = Gateway::start(&home, "level: 'fatal'", &["gateway"]);
    let second = Run::new(&home, &["gateway", "--port", "0"]).finish().expect_code(78);
    assert_eq!(second.stderr.matches("already running").count(), 1, "{}", second.stderr);
    logged(&home, &["already running", "\"FATAL\""]);
    drop(first);
}

#[test]
fn the_terminal_shows_what_it_was_asked_for() {
    let listening = |line: &str| line.contains("listening on ws://127.0.0.1");
    for (logging, arguments, style) in [
        ("", &["gateway"][..], None),
        ("consoleLevel: 'info'", &["gateway"], Some("compact")),
        ("consoleLevel: 'info', consoleStyle: 'pretty'", &["gateway"], Some("pretty")),
        ("consoleLevel: 'info', consoleStyle: 'json'", &["gateway", "run"], Some("json")),
        ("consoleStyle: 'json'", &["gateway", "--log-level", "info"], Some("json")),
        ("consoleLevel: 'silent'", &["gateway", "--verbose"], Some("compact")),
        ("consoleLevel: 'silent', redactPatterns: ['(']", &["gateway"], None),
    ] {
        let home = Home::new();
        let gateway = Gateway::start(&home, logging, arguments);
        assert!(
            gateway.started.lines.iter().all(|line| line.starts_with("✓ ")),
            "{:?}",
            gateway.started.lines
        );
        gateway.client();
        let shown = gateway.end();
        let Some(style) = style else {
            assert_eq!(shown, "", "{logging} {arguments:?}");
            continue;
        };
        let line = shown.lines().find(|line| listening(line)).unwrap_or_else(|| panic!("{logging}: {shown}"));
        assert!(!line.contains('\u{1b}'), "colours on a pipe: {line}");
        match style {
            "json" => {
                let line: Value = serde_json::from_str(line).unwrap();
                assert_eq!((&line["level"], &line["subsystem"]), (&json!("info"), &json!("gateway")));
                assert!(line["message"].as_str().is_some_and(listening), "{line}");
            }
            "pretty" => assert_eq!(&line[8..19], " [gateway] ", "{line}"),
            _ => assert_eq!(&line[23..35], "Z [gateway] ", "{line}"),
        }
    }
}

#[test]
fn websocket_traffic_is_logged_as_asked() {
    for (arguments, ok, failed, frames) in [
        (&["gateway"][..], false, false, false),
        (&["gateway", "--verbose"], true, true, false),
        (&["gateway", "--ws-log", "compact"], true, true, false),
        (&["gateway", "--compact", "run"], true, true, false),
        (&["gateway", "run", "--ws-log", "full"], true, true, true),
    ] {
        let home = Home::new();
        let gateway = Gateway::start(&home, "", arguments);
        let mut client = gateway.client();
        client.payload("system-event", &json!({ "text": "of-the-parameters" }));
        client.call("no-such-method", &json!({ "secret": "of-the-parameters" })).unwrap();
        // A failed request is in the file whatever the style.
        let line = logged(&home, &["no-such-method", "\"ok\":false"]);
        assert_eq!(line["0"], r#"{"subsystem":"gateway/ws"}"#);
        assert!(line["1"]["ms"].is_u64() && line["1"]["conn"].is_string(), "{line}");
        let shown = gateway.end();
        let has = |parts: &[&str]| shown.lines().any(|line| parts.iter().all(|part| line.contains(part)));
        assert_eq!(has(&["[ws] ", "request method=system-event ok=true ms="]), ok, "{arguments:?}\n{shown}");
        assert_eq!(has(&["[ws] request method=no-such-method ok=false ms=", "error="]), failed, "{shown}");
        assert_eq!(has(&["[ws] received kind=req method=system-event id=", "bytes="]), frames, "{shown}");
        assert_eq!(has(&["[ws] sent kind=event event=connect.challenge "]), frames, "{shown}");
        assert_eq!(has(&["[ws] sent kind=res id=system-event-1 ok=true bytes="]), frames, "{shown}");
        let file = fs::read_to_string(home.path().join(LOG)).unwrap();
        assert!(
            !shown.contains("of-the-parameters") && !file.contains("of-the-parameters"),
            "{shown}\n{file}"
        );
    }
}

#[test]
fn no_secret_reaches_the_log_whoever_sends_it() {
    let home = Home::new();
    let own = "correct-horse-battery";
    let keys = [
        "sk-ant-api03-AbCdEfGhIjKlMnOpQrStUvWxYz",
        "ghp_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789",
        "xoxb-123456789012-AbCdEfGhIjKl",
        "AKIAIOSFODNN7EXAMPLE",
        "AIzaSyA1234567890abcdefghijklmnopqrstuv",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.SflKxwRJSMeKKF2QT4",
        "123456789:AAF-abcdefghijklmnopqrstuvwxyz_0123",
        "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----",
        "Bearer 0123456789abcdef",
        "ws://me:pa55word@host/?token=t0k3n",
        "internal-4711",
        own,
    ];
    let arguments = ["gateway", "--token", own, "--verbose", "--ws-log", "full"];
    let gateway = Gateway::start(&home, "redactPatterns: ['internal-[0-9]+']", &arguments);
    for key in keys {
        // As its name, as a wrong token, and as everything that a request can name.
        let mut guesser = Wire::open(gateway.started.address()).unwrap();
        let nonce = guesser.challenge().unwrap();
        let mut connect = connect_frame(&nonce, &Credentials::Token(format!("wrong-{key}")));
        connect["params"]["client"]["displayName"] = json!(key);
        guesser.send(&connect).unwrap();
        guesser.closed();
        let mut client = Wire::open(gateway.started.address()).unwrap();
        let nonce = client.challenge().unwrap();
        let mut connect = connect_frame(&nonce, &Credentials::Token(own.to_owned()));
        connect["params"]["client"]["displayName"] = json!(format!("phone {key}"));
        client.send(&connect).unwrap();
        assert_eq!(client.answer("connect").unwrap()["ok"], json!(true));
        client.call(&format!("method {key}"), &json!({ "apiKey": key })).unwrap();
        client.send(&json!({ "type": "req", "id": format!("id {key}"), "method": "health" })).unwrap();
        client.answer(&format!("id {key}")).unwrap();
        client
            .send(&json!({ "type": "req", "id": "1", "method": "health", "params": { key: key } }))
            .unwrap();
        client.answer("1").unwrap();
    }
    gateway.shown("client=test name=\"phone [redacted]\"");
    let shown = gateway.end();
    let file = fs::read_to_string(home.path().join(LOG)).unwrap();
    for secret in keys.into_iter().chain(["MIIEvQIBADANBg", "pa55word", "t0k3n", "0123456789abcdef"]) {
        for (place, text) in [("file", &file), ("terminal", &shown)] {
            let found = text.lines().find(|line| line.contains(secret.lines().next().unwrap()));
            assert_eq!(found, None, "{secret} in the {place}");
        }
    }
    assert!(shown.contains("[redacted]"), "{shown}");
}

#[test]
fn dev_mode_does_not_log_into_the_default_profile_or_the_workspace() {
    for (file, expected) in [
        ("~/.clawdbot/logs/gateway.log", "overlaps with ~/.clawdbot of the default profile"),
        ("~/clawd-dev/gateway.log", "lies in the workspace"),
    ] {
        let home = Home::new();
        let logging = format!("logging: {{ file: '{file}' }},");
        home.write(".clawdbot-dev/clawdbot.json", &config_text(&home, "Dev", &logging));
        let finished = Run::new(&home, &["gateway", "--dev", "--port", "0"]).finish().expect_code(78);
        finished.expect_stderr(expected).expect_stderr(file);
        assert!(!home.path().join(".clawdbot").exists());
    }
}
