//! Options about the logs of agent runs, of which there are none: taken, and told.

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::Stdio;

use serde_json::json;

use crate::support::foreground::Started;
use crate::support::harness;
use crate::support::home::Home;
use crate::support::program::{BINARY, Run, command, fresh_mark};
use crate::support::wait::{self, PATIENCE};
use crate::support::wire::{Credentials, Wire};

#[test]
fn they_say_that_there_is_nothing_to_show() {
    let home = Home::new();
    let stream = home.path().join("deep/stream.jsonl");
    let mut command = command(Path::new(BINARY), home.path(), &fresh_mark());
    command.args(["gateway", "--allow-unconfigured", "--port", "0", "--verbose", "--raw-stream"]);
    command.arg("--raw-stream-path").arg(&stream).args(["run", "--claude-cli-logs"]).stderr(Stdio::piped());
    let mut gateway = Started::of(command);
    let mut wire = Wire::hello(gateway.address(), &Credentials::Token("any".to_owned())).unwrap().0;
    drop(wire.call("no.such.method", &json!({})));
    let log = home.path().join(".clawdbot/logs/gateway.log");
    wait::until("the request is logged", PATIENCE, || {
        fs::read_to_string(&log).is_ok_and(|log| log.contains("no.such.method")).then_some(())
    });
    gateway.child.kill().unwrap();
    let mut shown = String::new();
    gateway.child.stderr.take().unwrap().read_to_string(&mut shown).unwrap();
    let lines = "--claude-cli-logs: this version runs no agents, so the terminal shows no log lines.\n\
                 --raw-stream: this version runs no model, so nothing is written to ~/deep/stream.jsonl.\n";
    assert_eq!(shown, lines);
    assert_eq!(fs::read_to_string(&stream).unwrap(), "");
}

#[test]
fn the_stream_lies_with_the_logs_unless_told_otherwise() {
    let home = Home::new();
    let harness = harness::in_home(&home).arg("--raw-stream").start();
    assert!(home.state().join("logs/raw-stream.jsonl").exists(), "{}", harness.stderr());
    let told = "--raw-stream: this version runs no model, so nothing is written to ~/.clawdbot-dev/logs/raw-stream.jsonl.";
    assert!(harness.stderr().contains(told), "{}", harness.stderr());
}

#[test]
fn what_cannot_be_meant_or_written_is_refused() {
    let home = Home::new();
    let refused = |arguments: &[&str], code: i32, text: &str| {
        Run::new(&home, arguments).finish().expect_code(code).expect_stderr(text);
    };
    refused(&["gateway", "--raw-stream-path", "x"], 2, "Use --raw-stream-path with --raw-stream.");
    let directory = format!("--raw-stream-path={}", home.path().display());
    let arguments = ["gateway", "--allow-unconfigured", "--raw-stream", &directory];
    refused(&arguments, 78, "Cannot write ~ (--raw-stream): ");
    assert!(!home.path().join(".clawdbot").exists(), "a refused start leaves nothing behind");
}
