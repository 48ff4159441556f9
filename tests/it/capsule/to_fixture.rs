//! A report becomes a fixture, which has to be answered as it was from then on.

use std::fs;

use serde_json::{Value, json};

use super::opened::{capture, recorded};
use crate::support::home::Home;
use crate::support::program::{Finished, Run};

fn dev(project: &Home, arguments: &[&str]) -> Finished {
    let temporary = project.path().join("tmp");
    fs::create_dir_all(&temporary).unwrap();
    let finished = Run::new(project, &[&["dev"], arguments].concat()).env("TMPDIR", &temporary).finish();
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0, "left in the temporary directory: {finished:?}");
    finished
}

#[test]
fn a_capsule_becomes_a_fixture_that_is_replayed() {
    let home = recorded();
    capture(&home, &["report.capsule.tar.gz"]).expect_code(0);
    let report = home.path().join("report.capsule.tar.gz");
    let project = Home::new();
    let make = ["capsule", "to-fixture", report.to_str().unwrap(), "lost-label", "--why", "A label was lost"];
    let told = dev(&project, &make).expect_code(0);
    assert!(told.stdout.contains("Try it: clawdbot dev fixtures run lost-label"), "{told:?}");
    let place = project.path().join("fixtures/profiles/lost-label");
    let profile: Value =
        serde_json::from_str(&fs::read_to_string(place.join("profile.json")).unwrap()).unwrap();
    assert_eq!(profile["expect"], json!({ "replay": {} }));
    assert!(!place.join("log").exists() && !place.join("format").exists());

    let run = dev(&project, &["fixtures", "run"]).expect_code(0);
    assert!(run.stdout.contains("✓ lost-label"), "{run:?}");
    // It is a profile like any other, too: what a capsule calls its home is where the copy lies.
    let shown = dev(
        &project,
        &[
            "run",
            "--fixture",
            "lost-label",
            "--",
            "sh",
            "-c",
            "cat \"$CLAWDBOT_STATE_DIR/../clawd/AGENTS.md\"",
        ],
    );
    let text = shown.expect_code(0).stdout;
    assert!(text.contains("see /") && text.contains("/home/clawd") && !text.contains("/capsule"), "{text}");
    dev(&project, &make).expect_code(2);

    let journal = place.join("journal.jsonl");
    let text = fs::read_to_string(&journal).unwrap();
    assert!(text.contains("Kettle"));
    // Only where it is answered.
    let other: Vec<String> =
        text.lines()
            .map(|line| {
                if line.contains("\"event\":\"out\"") {
                    line.replace("Kettle", "Pot")
                } else {
                    line.to_owned()
                }
            })
            .collect();
    fs::write(&journal, other.join("\n") + "\n").unwrap();
    let differs = dev(&project, &["fixtures", "run"]).expect_code(1);
    assert!(differs.stdout.contains("✗ lost-label: it does not answer as recorded"), "{differs:?}");
    assert!(differs.stderr.contains("sessions.patch"), "{differs:?}");
    let told: Value =
        serde_json::from_str(&dev(&project, &["fixtures", "run", "--json"]).expect_code(1).stdout).unwrap();
    assert_eq!(told, json!([{ "name": "lost-label", "ok": false }]));
}

#[test]
fn what_is_no_report_becomes_no_fixture() {
    let home = Home::new();
    home.write(".clawdbot/clawdbot.json", "{ gateway: { mode: 'local' } }");
    capture(&home, &["report"]).expect_code(0);
    let report = home.path().join("report");
    let report = report.to_str().unwrap();
    let project = Home::new();
    let refused = |arguments: &[&str], code: i32, text: &str| {
        let finished = dev(&project, &[&["capsule", "to-fixture"], arguments].concat()).expect_code(code);
        assert!(finished.stderr.contains(text), "{finished:?}");
        assert!(!project.path().join("fixtures/profiles/x").exists());
    };
    refused(&[report, "x", "--why", "w"], 2, "The capsule holds no recording");
    refused(&[report, "../x", "--why", "w"], 2, "cannot name a fixture");
    refused(&[report, "x", "--why", "w", "--ignore", "colour:red"], 2, "colour:red");
    project.write("broken", "not a capsule");
    refused(&["broken", "x", "--why", "w"], 1, "broken");
}
