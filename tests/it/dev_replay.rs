//! `dev replay`: a recorded session behaves as recorded, what has changed is found, and nothing is left behind.
//!
//! Linux, because the proof reads `/proc`.

mod captured;
mod ends;
mod opponents;
mod reloads;
mod session;

use std::path::Path;

use serde_json::{Value, json};
use session::{DEVICE, NODE, TOKEN};

use crate::support::capsule::{Capsule, Recorded};
use crate::support::gateway::{self, configure};
use crate::support::home::Home;

/// A home in which sessions are recorded.
fn furnished() -> Home {
    let home = Home::new();
    let config = format!(
        "{{ gateway: {{ mode: 'local', auth: {{ token: '{TOKEN}' }}, trustedProxies: ['127.0.0.1'] }} }}"
    );
    configure(&home, &config);
    let id = "0f8fad5b-d9cb-469f-a165-70867728950e";
    let sessions = json!({ "agent:main:telegram:group:theirs": { "sessionId": id, "updatedAt": 1_767_323_046_000_u64 } });
    home.write(".clawdbot/agents/main/sessions/sessions.json", &sessions.to_string());
    let head = json!({ "type": "session", "version": 3, "id": id, "cwd": "/" });
    home.write(&format!(".clawdbot/agents/main/sessions/{id}.jsonl"), &format!("{head}\n"));
    home.write("clawd/AGENTS.md", "# Agents\n");
    home
}

/// Records a session, and makes a capsule of it.
fn recorded(into: &Path) -> Capsule {
    let home = furnished();
    Capsule::base(&home, into);
    let journal = Home::new();
    let record = format!("--record={}", journal.path().display());
    let gateway = gateway::in_home(&home).arg(&record).start();
    session::play(gateway.address());
    gateway.stop();
    let args = ["gateway", "--port", "0", &record];
    Capsule::complete(
        into,
        &Recorded {
            home: &home,
            profile: None,
            journal: journal.path(),
            devices: &[DEVICE, NODE],
            args: &args,
        },
    )
}

/// The result as JSON, with the exit code.
#[track_caller]
fn result(capsule: &Capsule, arguments: &[&str]) -> (Option<i32>, Value) {
    let finished = capsule.replay(&[&["--json"], arguments].concat());
    let json = serde_json::from_str(&finished.stdout).unwrap_or_else(|error| panic!("{error}: {finished:?}"));
    (finished.code(), json)
}

/// Fails with what differs.
#[track_caller]
fn assert_same(capsule: &Capsule, arguments: &[&str]) {
    let (code, json) = result(capsule, arguments);
    assert_eq!((code, &json["differ"]), (Some(0), &json!(0)), "{json:#}");
}

#[test]
fn a_session_behaves_as_recorded_time_and_again() {
    let directory = Home::new();
    let capsule = recorded(directory.path());
    for _ in 0..10 {
        assert_same(&capsule, &[]);
    }
    for speed in ["1", "0.5", "100"] {
        assert_same(&capsule, &["--speed", speed]);
    }
    let told = capsule.replay(&[]).expect_code(0);
    assert!(told.stdout.contains("\n✓ it behaves as recorded: 7 connections, "), "{told:?}");
    assert!(told.stdout.starts_with("! the capsule was made on test, and this is "), "{told:?}");
}

#[test]
fn a_changed_answer_is_shown_in_its_context() {
    let directory = Home::new();
    let capsule = recorded(directory.path());
    let whole = capsule.journal();
    let changed = |change: &dyn Fn(&mut Value) -> bool| {
        let mut lines = whole.clone();
        let count = lines.iter_mut().filter_map(|line| change(line).then_some(())).count();
        assert!(count > 0, "nothing was changed");
        capsule.write_journal(&lines);
    };

    changed(&|line| {
        let member =
            line.pointer_mut("/frame/payload/key").filter(|key| *key == "agent:main:telegram:group:theirs");
        member.map(|member| *member = json!("agent:main:other")).is_some()
    });
    let told = capsule.replay(&[]).expect_code(1);
    for line in [
        "connection 1 (test): the answer to sessions.patch, 0.",
        " s into the recording\nasked:\n  {\n    \"type\": \"req\",\n",
        "\n    \"method\": \"sessions.patch\",\n",
        "\n  -     \"key\": \"agent:main:other\",\n  +     \"key\": \"agent:main:telegram:group:theirs\",\n",
        "\nto let it pass: --ignore 'path:payload.key@sessions.patch'\n",
        "\n✗ 1 differ: 7 connections, ",
        "\n  sessions.patch  1 of 2 answers\n",
    ] {
        assert!(told.stdout.contains(line), "{line:?} is not in {}", told.stdout);
    }
    assert_same(&capsule, &["--ignore", "path:payload.key@sessions.patch"]);
    assert_same(&capsule, &["--ignore", "method:sessions.*"]);

    // A token that is another one the second time.
    let mut seen = 0;
    let mut lines = whole.clone();
    for line in &mut lines {
        if let Some(token) = line.pointer_mut("/frame/payload/auth/deviceToken") {
            seen += 1;
            if seen == 2 {
                *token = json!("0f8fad5bd9cb469fa16570867728950e");
            }
        }
    }
    capsule.write_journal(&lines);
    let (code, json) = result(&capsule, &[]);
    assert_eq!((code, &json["differ"]), (Some(1), &json!(1)), "{json:#}");
    assert_eq!(json["differences"][0]["places"][0]["path"], "payload.auth.deviceToken", "{json:#}");
}
