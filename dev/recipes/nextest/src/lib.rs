//! The gateway answers calls, and refuses a wrong token. CLAWDBOT is the program when it is not on the PATH.

#![cfg(test)]

use std::env;
use std::process::{Command, Output, Stdio};

fn clawdbot(arguments: &[&str]) -> Output {
    let program = env::var("CLAWDBOT").unwrap_or_else(|_| "clawdbot".to_owned());
    Command::new(program).args(arguments).stdin(Stdio::null()).output().expect("clawdbot starts")
}

fn answers(method: &str) {
    let output = clawdbot(&["gateway", "call", method, "--json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stdout.starts_with(b"{"), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn answers_health() {
    answers("health");
}

#[test]
fn answers_status() {
    answers("status");
}

#[test]
fn refuses_an_unknown_method() {
    assert!(!clawdbot(&["gateway", "call", "no.such.method"]).status.success());
}

#[test]
fn refuses_a_wrong_token() {
    let url = env::var("CLAWDBOT_GATEWAY_URL").expect("started by `clawdbot dev run`");
    // A device that the gateway knows needs no token, so this is another one.
    let program = env::var("CLAWDBOT").unwrap_or_else(|_| "clawdbot".to_owned());
    let stranger = env::temp_dir().join(format!("stranger-{}", std::process::id()));
    let output = Command::new(program)
        .args(["gateway", "health", "--url", &url, "--token", "wrong"])
        .env("CLAWDBOT_STATE_DIR", &stranger)
        .output()
        .expect("clawdbot starts");
    let _ = std::fs::remove_dir_all(stranger);
    assert!(!output.status.success());
}
