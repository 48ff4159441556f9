//! Recordings across reloads, for an edit, because a client asked, in the process; and one that begins while a gateway
//! serves.

use std::path::Path;

use rustix::process::Signal;
use serde_json::{Value, json};

use super::session::TOKEN;
use super::{assert_same, furnished};
use crate::support::capsule::{Capsule, Recorded};
use crate::support::edits::Save;
use crate::support::gateway;
use crate::support::harness;
use crate::support::home::{Home, config_text};
use crate::support::process;
use crate::support::wire::{Credentials, Wire};

/// Recorded in dev mode, with the profile as it was before.
fn in_dev_mode(into: &Path, play: impl FnOnce(&Home, &harness::Harness)) -> Capsule {
    let home = Home::new();
    home.write(".clawdbot-dev/clawdbot.json", &config_text(&home, "One", ""));
    home.write("clawd-dev/AGENTS.md", "# Agents\n");
    Capsule::base(&home, into);
    let journal = Home::new();
    let record = format!("--record={}", journal.path().display());
    let harness = harness::in_home(&home).arg(&record).start().armed();
    play(&home, &harness);
    harness.stop();
    let args = ["gateway", "--dev", &record];
    let recorded = Recorded {
        home: &home,
        profile: Some("dev"),
        journal: journal.path(),
        devices: &[[7; 32]],
        args: &args,
    };
    Capsule::complete(into, &recorded)
}

fn hello(harness: &harness::Harness) -> Wire {
    Wire::hello(harness.address(), &Credentials::Device([7; 32])).unwrap().0
}

#[test]
fn a_reload_for_an_edit_is_made_again() {
    let directory = Home::new();
    let capsule = in_dev_mode(directory.path(), |home, harness| {
        let mut old = hello(harness);
        old.payload("system-event", &json!({ "text": "Node: attic · mode test" }));
        let mark = harness.mark();
        Save::Plain.write(&home.workspace().join("AGENTS.md"), "# Another\n");
        harness.reloaded(mark);
        assert_eq!(old.closed().code, 1012);
        let mut new = hello(harness);
        // Nobody is there but whoever has come back.
        let present = new.payload("system-presence", &json!({}));
        assert!(!present.to_string().contains("attic"), "{present}");
        new.payload("health", &json!({}));
    });
    for _ in 0..3 {
        assert_same(&capsule, &[]);
    }
    let reloads = |line: &&Value| line["event"] == "serving";
    assert_eq!(capsule.journal().iter().filter(reloads).count(), 2);
}

#[test]
fn a_reload_that_a_client_asked_for_comes_by_itself() {
    let directory = Home::new();
    let capsule = in_dev_mode(directory.path(), |_, harness| {
        let mut old = hello(harness);
        let before = old.payload("config.get", &json!({}));
        let mark = harness.mark();
        let patch =
            json!({ "raw": "{ \"ui\": { \"seamColor\": \"#00ff00\" } }", "baseHash": before["hash"] });
        old.payload("config.patch", &patch);
        harness.reloaded(mark);
        assert_eq!(old.closed().code, 1012);
        let mut new = hello(harness);
        let after = new.payload("config.get", &json!({}));
        assert_eq!(after["config"]["ui"]["seamColor"], "#00ff00");
    });
    for _ in 0..3 {
        assert_same(&capsule, &[]);
    }
}

#[test]
fn a_killed_generation_is_replaced_again() {
    let directory = Home::new();
    let capsule = in_dev_mode(directory.path(), |_, harness| {
        // A device would have a token, which a gateway that is killed has written or not.
        let hello = || Wire::hello(harness.address(), &Credentials::Token("any".to_owned())).unwrap().0;
        let mut old = hello();
        old.payload("health", &json!({}));
        let mark = harness.mark();
        process::signal(harness.health().pid, Signal::KILL);
        harness.reloaded(mark);
        old.closed();
        hello().payload("health", &json!({}));
    });
    assert_same(&capsule, &[]);
}

#[test]
fn a_restart_in_the_process_comes_by_itself() {
    let home = furnished();
    let directory = Home::new();
    Capsule::base(&home, directory.path());
    let journal = Home::new();
    let record = format!("--record={}", journal.path().display());
    let gateway = gateway::in_home(&home).arg(&record).start();
    let mut old = Wire::operator(gateway.address(), TOKEN, &["operator.admin"]);
    let before = old.payload("config.get", &json!({}));
    let mark = gateway.mark();
    let patch = json!({ "raw": "{ \"gateway\": { \"auth\": { \"token\": \"another\" } } }", "baseHash": before["hash"] });
    old.payload("config.patch", &patch);
    gateway.line(mark, "✓ restarted in ");
    assert_eq!(old.closed().code, 1012);
    Wire::operator(gateway.address(), "another", &["operator.read"]).payload("health", &json!({}));
    gateway.stop();
    let args = ["gateway", "--port", "0", &record];
    let recorded =
        Recorded { home: &home, profile: None, journal: journal.path(), devices: &[], args: &args };
    let capsule = Capsule::complete(directory.path(), &recorded);
    for _ in 0..3 {
        assert_same(&capsule, &[]);
    }
}

#[test]
fn who_was_there_before_the_recording_is_brought_back() {
    let home = furnished();
    let directory = Home::new();
    let gateway = gateway::in_home(&home).start();
    let mut operator = Wire::operator(gateway.address(), TOKEN, &["operator.admin"]);
    let mut reader = Wire::operator(gateway.address(), TOKEN, &["operator.read"]);
    operator
        .payload("sessions.patch", &json!({ "key": "agent:main:telegram:group:theirs", "label": "Before" }));
    operator.payload("recording.start", &json!({}));
    reader.payload("sessions.list", &json!({}));
    assert_eq!(reader.call("config.get", &json!({})).unwrap()["ok"], false, "it may not");
    operator
        .payload("sessions.patch", &json!({ "key": "agent:main:telegram:group:theirs", "label": "After" }));
    reader.payload("sessions.list", &json!({}));
    operator.payload("recording.stop", &json!({}));
    gateway.stop();
    let recordings = home.path().join(".clawdbot/recordings");
    Capsule::base_of(&recordings, &home, directory.path());
    let recorded = Recorded {
        home: &home,
        profile: None,
        journal: &recordings,
        devices: &[],
        args: &["gateway", "--port", "0"],
    };
    let capsule = Capsule::complete(directory.path(), &recorded);
    let joined = capsule.journal().iter().filter(|line| line.get("joined").is_some()).count();
    assert_eq!(joined, 2);
    assert_same(&capsule, &[]);
}
