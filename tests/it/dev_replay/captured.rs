//! The whole way: recorded, captured, replayed.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::furnished;
use super::session::{self, TOKEN};
use crate::support::capsule::replay;
use crate::support::gateway;
use crate::support::home::Home;
use crate::support::program::Run;
use crate::support::wire::Wire;

/// Captures the profile of `home`.
#[track_caller]
fn capture(home: &Home, arguments: &[&str]) -> std::path::PathBuf {
    Run::new(home, &[&["dev", "capture", "report.capsule.tar.gz", "--yes"], arguments].concat())
        .finish()
        .expect_code(0);
    home.path().join("report.capsule.tar.gz")
}

#[track_caller]
fn assert_same(capsule: &Path, arguments: &[&str]) {
    let finished = replay(capsule, &[&["--json"], arguments].concat());
    let json: Value = serde_json::from_str(&finished.stdout).unwrap_or_else(|_| panic!("{finished:?}"));
    assert_eq!((finished.code(), &json["differ"]), (Some(0), &json!(0)), "{json:#}");
}

#[test]
fn a_session_is_recorded_captured_and_replayed() {
    let home = furnished();
    let gateway = gateway::in_home(&home).arg("--record").start();
    session::play(gateway.address());
    gateway.stop();
    let capsule = capture(&home, &[]);
    let bytes = fs::metadata(&capsule).unwrap().len();
    assert!(bytes < 1 << 20, "{bytes} bytes");
    for _ in 0..10 {
        assert_same(&capsule, &[]);
    }
    assert_same(&capsule, &["--speed", "1"]);
    // The same from the directory that it is extracted to, in which something can be changed.
    let extract = ["dev", "capsule", "extract", "report.capsule.tar.gz", "report"];
    Run::new(&home, &extract).finish().expect_code(0);
    let report = home.path().join("report");
    assert_same(&report, &[]);
    let config = report.join("home/.clawdbot/clawdbot.json");
    let text = fs::read_to_string(&config).unwrap();
    assert!(!text.contains(TOKEN), "{text}");
    fs::write(
        &config,
        text.replace("mode: 'local'", "mode: 'local', nodes: { denyCommands: ['system.which'] }"),
    )
    .unwrap();
    replay(&report, &[]).expect_code(1);
    // Damaged.
    let mut content = fs::read(&capsule).unwrap();
    let middle = content.len() / 2;
    content[middle] ^= 1;
    fs::write(&capsule, content).unwrap();
    let told = replay(&capsule, &[]).expect_code(125);
    assert!(told.stderr.contains("report.capsule.tar.gz is "), "{told:?}");
}

#[test]
fn a_state_directory_of_the_published_program_is_captured_and_replayed() {
    let published: Value =
        serde_json::from_str(include_str!("../../../fixtures/state/published.json")).unwrap();
    let home = Home::new();
    for (path, content) in published["files"].as_object().unwrap() {
        let text = content.as_str().map_or_else(|| content.to_string(), str::to_owned);
        let text = text.replace("00000000000000000000000000000000", "0123456789abcdef0123456789abcdef");
        home.write(&format!(".clawdbot/{path}"), &text.replace("/home/you", home.path().to_str().unwrap()));
    }
    let gateway = gateway::in_home(&home).arg("--record").start();
    let mut wire = Wire::operator(gateway.address(), "any", &["operator.admin", "operator.pairing"]);
    for method in [
        "sessions.list",
        "device.pair.list",
        "node.pair.list",
        "node.list",
        "exec.approvals.get",
        "voicewake.get",
        "config.get",
        "cron.list",
    ] {
        wire.payload(method, &json!({}));
    }
    wire.payload("chat.history", &json!({ "sessionKey": "main" }));
    drop(wire);
    gateway.stop();
    let state = home.path().join(".clawdbot");
    let capsule = capture(&home, &["--from", state.to_str().unwrap()]);
    assert_same(&capsule, &[]);
}
