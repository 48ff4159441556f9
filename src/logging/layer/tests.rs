use std::path::Path;

use serde_json::Value;
use tracing_subscriber::layer::SubscriberExt as _;

use super::*;
use crate::config::schema::{ConsoleStyle, LogLevel};
use crate::settings::{LogSettings, Secret, WsLog};

fn settings(path: &Path, level: LogLevel) -> LogSettings {
    LogSettings {
        file: path.to_owned(),
        level,
        console_level: LogLevel::Silent,
        console_subsystem: None,
        console_style: ConsoleStyle::Compact,
        colours: false,
        ws: WsLog::Auto,
        patterns: Vec::new(),
        secrets: vec![Secret::new("own-s3cret")],
    }
}

/// Runs `what` with the log of these settings; the lines that it leaves in the file.
fn logged(settings: &LogSettings, what: impl FnOnce(&InForce)) -> Vec<Value> {
    let plan = Arc::new(InForce::new(Plan::new(settings, None).0));
    let layer = LogLayer { plan: Arc::clone(&plan), hostname: "host".to_owned() };
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || what(&plan));
    let text = std::fs::read_to_string(&settings.file).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn levels(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|line| line["_meta"]["logLevelName"].as_str().unwrap()).collect()
}

fn one_of_each() {
    tracing::trace!("trace");
    tracing::debug!("debug");
    tracing::info!("info");
    tracing::warn!("warn");
    tracing::error!("error");
    tracing::error!(fatal = true, "fatal");
    tracing::error!(target: "another::crate", "not ours");
}

#[test]
fn every_level_means_what_it_says() {
    let all = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
    for (level, expected) in [
        (LogLevel::Silent, &all[6..]),
        (LogLevel::Fatal, &all[5..]),
        (LogLevel::Error, &all[4..]),
        (LogLevel::Warn, &all[3..]),
        (LogLevel::Info, &all[2..]),
        (LogLevel::Debug, &all[1..]),
        (LogLevel::Trace, &all[..]),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let lines = logged(&settings(&directory.path().join("x.log"), level), |_| one_of_each());
        assert_eq!(levels(&lines), expected, "{level:?}");
    }
}

#[test]
fn another_plan_takes_effect_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let settings = settings(&directory.path().join("x.log"), LogLevel::Error);
    let lines = logged(&settings, |plan| {
        let log = || tracing::info!("the same place in the code");
        log();
        let finer = LogSettings { level: LogLevel::Info, ..settings.clone() };
        plan.set(Plan::new(&finer, Some(&plan.get())).0);
        tracing::callsite::rebuild_interest_cache();
        log();
        let elsewhere = LogSettings { file: directory.path().join("y.log"), ..finer };
        plan.set(Plan::new(&elsewhere, Some(&plan.get())).0);
        log();
    });
    assert_eq!(levels(&lines), ["INFO"]);
    assert!(directory.path().join("y.log").exists());
}

#[test]
fn subsystems_have_their_published_names() {
    let directory = tempfile::tempdir().unwrap();
    let lines = logged(&settings(&directory.path().join("x.log"), LogLevel::Info), |_| {
        tracing::info!(port = 18789, "from the module");
        tracing::info!(target: subsystem::WS, "by name");
    });
    assert_eq!(lines[0]["0"], r#"{"subsystem":"logging/layer"}"#);
    assert_eq!(
        (&lines[0]["1"]["port"], &lines[0]["2"]),
        (&Value::from(18789), &Value::from("from the module"))
    );
    assert_eq!(lines[1]["0"], r#"{"subsystem":"gateway/ws"}"#);
}

#[test]
fn no_secret_is_written_wherever_it_stands() {
    let directory = tempfile::tempdir().unwrap();
    let key = "sk-proj-abcdefghijklmnop1234";
    let lines = logged(&settings(&directory.path().join("x.log"), LogLevel::Info), |_| {
        let error = std::io::Error::other(format!("refused {key}"));
        tracing::info!(%error, name = key, "client {key} with own-s3cret");
        tracing::info!(token = "short", count = 3, "named");
        tracing::info!(debug = ?vec![key], "debug");
    });
    let text = serde_json::to_string(&lines).unwrap();
    for secret in ["proj", "own-s3cret", "short"] {
        assert!(!text.contains(secret), "{text}");
    }
    assert_eq!(lines[0]["1"]["error"], "refused [redacted]");
    assert_eq!(lines[0]["2"], "client [redacted] with [redacted]");
    assert_eq!(lines[1]["1"]["token"], "[redacted]");
    assert_eq!(lines[2]["1"]["debug"], "[\"[redacted]\"]");
}

#[test]
fn what_the_terminal_shows() {
    let directory = tempfile::tempdir().unwrap();
    let base = settings(&directory.path().join("x.log"), LogLevel::Info);
    let plan = |console_level, ws| Plan::new(&LogSettings { console_level, ws, ..base.clone() }, None).0;
    let warn = plan(LogLevel::Warn, WsLog::Auto);
    assert!(warn.is_shown(LogLevel::Warn, subsystem::WS) && !warn.is_shown(LogLevel::Info, subsystem::WS));
    assert!(!warn.is_shown(LogLevel::Fatal, "gateway"), "whoever ends the program says it");
    let traffic = plan(LogLevel::Error, WsLog::Compact);
    assert!(traffic.is_shown(LogLevel::Info, subsystem::WS) && !traffic.is_shown(LogLevel::Info, "gateway"));
    assert!(!traffic.is_shown(LogLevel::Debug, subsystem::WS));
    let silent = plan(LogLevel::Silent, WsLog::Full);
    assert!(!silent.is_shown(LogLevel::Error, subsystem::WS) && silent.is_quiet());
}

#[test]
fn an_event_tells_the_spans_around_it() {
    let directory = tempfile::tempdir().unwrap();
    let lines = logged(&settings(&directory.path().join("x.log"), LogLevel::Warn), |_| {
        let connection =
            tracing::error_span!("connection", conn = "c1", peer = %std::net::Ipv4Addr::LOCALHOST);
        let _in = connection.enter();
        tracing::warn!("outside");
        let request = tracing::error_span!("request", id = "own-s3cret", method = "health", conn = "c2");
        request.in_scope(|| tracing::warn!(method = "other", ms = 3, "inside"));
        tracing::info!("not wanted");
    });
    let peer = "127.0.0.1";
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["1"], serde_json::json!({ "conn": "c1", "peer": peer }));
    let inside = r#"{"method":"other","ms":3,"id":"[redacted]","conn":"c2","peer":"127.0.0.1"}"#;
    assert_eq!(lines[1]["1"].to_string(), inside);
}
