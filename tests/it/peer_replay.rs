//! Sessions of the published clients with our gateway, recorded, captured, and replayed: against ours nothing differs, and
//! against the published gateway what is listed in `fixtures/replay/published.json`, with its reasons.

#[cfg(target_os = "linux")]
mod pages;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::capsule::replay_with;
use crate::support::gateway::{self, Gateway};
use crate::support::home::Home;
use crate::support::peer::{self, Peer};
use crate::support::program::Run;
use crate::support::wire::{Credentials, Wire, connect_frame};

const SESSION: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

/// A home with something to tell of.
fn furnished() -> Home {
    let home = Home::new();
    let config = json!({
        "gateway": { "mode": "local", "trustedProxies": ["127.0.0.1"], "reload": { "mode": "off" } },
        "canvasHost": { "enabled": false },
        "agents": { "list": [{ "id": "main", "default": true, "identity": { "name": "Molly" } }] },
    });
    home.write(".clawdbot/clawdbot.json", &config.to_string());
    let said = |role: &str, text: &str| {
        let content = json!([{ "type": "text", "text": text }]);
        json!({ "type": "message", "message": { "role": role, "content": content, "timestamp": 1_767_323_046_000_u64 } })
    };
    let lines = [
        json!({ "type": "session", "version": 3, "id": SESSION, "timestamp": "2026-01-02T03:04:05.000Z", "cwd": "/" }),
        said("user", "Is it raining?"),
        said("assistant", "Not yet."),
    ];
    let lines = lines.map(|line| line.to_string()).join("\n");
    home.write(&format!(".clawdbot/agents/main/sessions/{SESSION}.jsonl"), &(lines + "\n"));
    let session = json!({ "sessionId": SESSION, "updatedAt": 1_767_323_046_000_u64 });
    let store = json!({ "agent:main:telegram:group:theirs": session });
    home.write(".clawdbot/agents/main/sessions/sessions.json", &store.to_string());
    home.write("clawd/AGENTS.md", "# Agents\n");
    home
}

/// What people do with the published commands.
fn play(peer: &Peer, home: &Home, gateway: &Gateway) {
    let port = gateway.address().port();
    let run = |arguments: &[&str]| peer.local(home, port, arguments);
    let shown = |arguments: &[&str]| run(arguments).finish().expect_code(0).stdout;
    // The first one alone: it makes the identity that the others use.
    shown(&["gateway", "health"]);
    let mut afar = Wire::open_with(gateway.address(), "/", &[("x-forwarded-for", "203.0.113.9")]).unwrap();
    let nonce = afar.challenge().unwrap();
    afar.send(&connect_frame(&nonce, &Credentials::Device([1; 32]))).unwrap();
    let refused = afar.answer("connect").unwrap();
    let request = refused["error"]["details"]["requestId"].as_str().unwrap().to_owned();
    afar.closed();
    peer::together([
        run(&["status", "--json"]),
        run(&["health", "--json"]),
        run(&["gateway", "probe", "--json"]),
        run(&["gateway", "call", "sessions.list", "--json"]),
        run(&["system", "presence", "--json"]),
        run(&["devices", "list", "--json"]),
        run(&["nodes", "status", "--json"]),
        run(&["approvals", "get", "--gateway", "--json"]),
    ]);
    shown(&["devices", "approve", &request, "--json"]);
    shown(&["approvals", "allowlist", "add", "--gateway", "--agent", "main", "/usr/bin/uptime"]);
    shown(&["system", "event", "--text", "The kettle boils", "--json"]);
    let job = ["cron", "add", "--name", "Tea", "--at", "20m", "--system-event", "It is ready", "--json"];
    let added = peer::json(&shown(&job));
    let id = added["id"].as_str().unwrap_or_else(|| panic!("{added}")).to_owned();
    shown(&["cron", "list", "--json"]);
    shown(&["cron", "rm", &id, "--json"]);
    let params = json!({ "key": "agent:main:telegram:group:theirs", "label": "Theirs" }).to_string();
    shown(&["gateway", "call", "sessions.patch", "--json", "--params", &params]);
    let history = json!({ "sessionKey": "agent:main:telegram:group:theirs" }).to_string();
    shown(&["gateway", "call", "chat.history", "--json", "--params", &history]);
    shown(&["gateway", "call", "config.get", "--json"]);
    run(&["gateway", "call", "no.such.method", "--json"]).finish();
}

#[track_caller]
fn capture(home: &Home, arguments: &[&str]) -> PathBuf {
    let words = ["dev", "capture", "report.capsule.tar.gz", "--yes"];
    let finished = Run::new(home, &[&words, arguments].concat()).finish();
    assert_eq!(finished.code(), Some(0), "{finished:?}");
    home.path().join("report.capsule.tar.gz")
}

#[track_caller]
fn replayed(capsule: &Path, arguments: &[&str]) -> Value {
    let arguments = [&["--json"], arguments].concat();
    // What the published gateway does on its own account.
    let env = [
        ("CLAWDBOT_SKIP_BROWSER_CONTROL_SERVER", "1"),
        ("CLAWDBOT_NO_RESPAWN", "1"),
        // Ours comes without skills.
        ("CLAWDBOT_BUNDLED_SKILLS_DIR", "/nonexistent"),
    ];
    let finished = replay_with(capsule, &arguments, &env, peer::SLOW);
    serde_json::from_str(&finished.stdout).unwrap_or_else(|_| panic!("{finished:?}"))
}

/// Every place that differs, as the fixture names them.
fn places(found: &Value) -> BTreeSet<String> {
    assert_eq!(found["result"], "differs", "{found:#}");
    let differences = found["differences"].as_array().unwrap();
    assert_eq!(found["differ"].as_u64(), Some(differences.len() as u64), "all of them are told");
    let mut places = BTreeSet::new();
    for difference in differences {
        let name = difference["name"].as_str().unwrap();
        match difference["places"].as_array() {
            Some(found) => {
                places
                    .extend(found.iter().map(|place| format!("{name} {}", place["path"].as_str().unwrap())));
            }
            None => drop(places.insert(format!("{name} {}", difference["what"].as_str().unwrap()))),
        }
    }
    places
}

/// Checks that it behaves as recorded, time and again.
#[track_caller]
fn assert_as_recorded(capsule: &Path) {
    for _ in 0..3 {
        let found = replayed(capsule, &[]);
        assert_eq!(found["differ"], 0, "{found:#}");
    }
}

/// Checks that the published program differs where that is meant, and nowhere else.
#[track_caller]
fn assert_differs_as_meant(capsule: &Path, peer: &Peer, of: &str) {
    let found = replayed(capsule, &["--exec", &theirs(peer), "--ready", "hello", "--ready-timeout", "4m"]);
    assert_meant(&found, of);
}

/// Checks that the sessions differ where that is meant, and nowhere else.
#[track_caller]
fn assert_meant(found: &Value, of: &str) {
    let fixture: Value = serde_json::from_str(include_str!("../../fixtures/replay/published.json")).unwrap();
    let mut unlisted = places(found);
    let mut idle = Vec::new();
    for meant in fixture["meant"].as_array().unwrap() {
        assert!(!meant["reason"].as_str().unwrap().is_empty(), "{meant}");
        let is_of = meant["of"].as_array().is_none_or(|names| names.contains(&json!(of)));
        for at in meant["at"].as_array().unwrap().iter().filter(|_| is_of) {
            let at = at.as_str().unwrap();
            let before = unlisted.len();
            unlisted.retain(|place| !fits(at, place));
            if unlisted.len() == before {
                idle.push(at.to_owned());
            }
        }
    }
    assert_eq!(
        (unlisted, idle),
        (BTreeSet::new(), Vec::new()),
        "not listed; listed, but the same\n{found:#}"
    );
}

fn fits(pattern: &str, place: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == place,
        Some((before, after)) => place.strip_prefix(before).is_some_and(|rest| {
            let ends = rest.char_indices().map(|(index, _)| index).chain([rest.len()]);
            ends.into_iter().any(|index| fits(after, &rest[index..]))
        }),
    }
}

/// The published gateway, as a command.
fn theirs(peer: &Peer) -> String {
    format!("{} gateway --port {{port}}", peer.program().display())
}

#[test]
fn a_session_of_the_published_commands_behaves_as_recorded() {
    let Some(peer) = Peer::find() else { return };
    let home = furnished();
    let gateway = gateway::in_home(&home).arg("--record").start();
    play(&peer, &home, &gateway);
    gateway.stop();
    let capsule = capture(&home, &[]);
    assert_as_recorded(&capsule);
    assert_differs_as_meant(&capsule, &peer, "commands");
}
