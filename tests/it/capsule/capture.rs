//! What is in a capsule, and what is not.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use super::opened::{Opened, capture};
use crate::support::gateway::{self, configure};
use crate::support::harness;
use crate::support::home::Home;
use crate::support::terminal::Terminal;
use crate::support::wait::{PATIENCE, until};
use crate::support::wire::{Credentials, Wire};

const TOKEN: &str = "tok-0123456789-of-the-gateway";
const PASSWORD: &str = "abc";
const KEY: &str = "sk-ant-0123456789abcdefghij";

fn file(home: &Home) -> PathBuf {
    home.path().join("x.capsule.tar.gz")
}

/// A profile in use, with secrets wherever people and programs leave them.
fn furnished() -> Home {
    let home = Home::new();
    let state = ".clawdbot";
    let place = home.path().display();
    home.write(
        &format!("{state}/clawdbot.json"),
        &format!(
            "{{\n  // Written by hand.\n  gateway: {{ mode: 'local', auth: {{ token: '{TOKEN}' }} }},\n  \
             hooks: {{ enabled: true, token: '${{HOOK_TOKEN}}' }},\n  \
             agents: {{ defaults: {{ workspace: '{place}/my work' }} }},\n}}\n"
        ),
    );
    home.write(
        &format!("{state}/.env"),
        &format!("HOOK_TOKEN=hook-9876543210\nPIN=4711\nNAME=ada\nPASSWORD={PASSWORD}\nTZ=Europe/Berlin\n"),
    );
    home.write(
        &format!("{state}/agents/main/agent/auth-profiles.json"),
        &json!({ "profiles": { "anthropic:default": { "type": "api_key", "key": KEY } } }).to_string(),
    );
    let lines = [
        json!({ "type": "session", "cwd": format!("{place}/my work") }),
        json!({ "type": "message", "message": { "content": format!("use {KEY} or Bearer {TOKEN}; hook-9876543210") } }),
        json!({ "type": "message", "message": { "content": format!("{{\"token\":\"{TOKEN}\"}}") } }),
        json!({ "type": "message", "message": { "content": "YWRhOnRvay0wMTIzNDU2Nzg5LW9mLXRoZS1nYXRld2F5" } }),
    ];
    let text = lines.map(|line| line.to_string()).join("\n") + "\n";
    home.write(&format!("{state}/agents/main/sessions/one.jsonl"), &text);
    home.write(&format!("{state}/devices/paired.json"), "{}");
    home.write(&format!("{state}/media/picture.png"), "\u{89}PNG\0");
    home.write(&format!("{state}/logs/gateway.log"), &format!("{{\"2\":\"password={PASSWORD} {KEY}\"}}\n"));
    home.write("my work/AGENTS.md", &format!("# Agents\n\nThe key is {KEY}. Ask ada, abc.\n"));
    home.write("my work/node_modules/a/index.js", "");
    home
}

#[test]
fn a_profile_without_its_secrets() {
    let home = furnished();
    let finished = capture(&home, &["x.capsule.tar.gz"]).expect_code(0);
    for text in [
        "x.capsule.tar.gz will hold:",
        "  configuration  ",
        "  conversations  ",
        "Nothing was recorded (gateway --record)",
        "clawd/node_modules",
        "made again when it is needed",
        "will have other names in it",
        "texts of\nconversations and files stay as they are.",
    ] {
        assert!(finished.stderr.contains(text), "{text:?} is not in {}", finished.stderr);
    }
    let opened = Opened::of(&file(&home));
    for secret in
        [TOKEN, KEY, "hook-9876543210", home.path().to_str().unwrap(), "0wMTIzNDU2Nzg5LW9mLXRoZS1nYXRld2F5"]
    {
        opened.has_nowhere(secret);
    }
    let config = opened.text("home/.clawdbot/clawdbot.json");
    assert!(config.contains("// Written by hand."), "{config}");
    assert!(config.contains("token: '${HOOK_TOKEN}'"), "{config}");
    assert!(config.contains("workspace: '/capsule/home/clawd'"), "{config}");
    let placeholder = |text: &str, before: &str| {
        let number = text.split(&format!("{before}capsule-secret-")).nth(1).unwrap();
        format!("capsule-secret-{}", number.split(|c: char| !c.is_ascii_digit()).next().unwrap())
    };
    let env = opened.text("home/.clawdbot/.env");
    let (token, hook) = (placeholder(config, "token: '"), placeholder(env, "HOOK_TOKEN="));
    assert!(env.contains("TZ=Europe/Berlin") && !env.contains("=abc") && !env.contains("=ada"), "{env}");
    let transcript = opened.text("home/.clawdbot/agents/main/sessions/one.jsonl");
    assert!(transcript.contains(&format!("Bearer {token}; {hook}")), "{transcript}");
    assert!(transcript.contains(&format!("{{\\\"token\\\":\\\"{token}\\\"}}")), "{transcript}");
    assert!(transcript.contains("\"cwd\":\"/capsule/home/clawd\""), "{transcript}");
    let agents = opened.text("home/clawd/AGENTS.md");
    assert!(agents.contains("Ask ada, abc."), "what is a word elsewhere stays: {agents}");
    assert!(
        opened.text("log/gateway.log").contains("password=capsule-secret-"),
        "{}",
        opened.text("log/gateway.log")
    );
    let manifest = opened.manifest();
    assert_eq!(
        (
            &manifest["profile"],
            &manifest["stateDir"],
            &manifest["workspace"],
            &manifest["taken"],
            &manifest["recording"]
        ),
        (&Value::Null, &".clawdbot".into(), &"clawd".into(), &"capture".into(), &Value::Null)
    );
    assert_eq!(manifest["start"]["args"], json!(["gateway"]));
    for (path, reason) in [
        (".clawdbot/agents/main/agent/auth-profiles.json", "keys"),
        (".clawdbot/media", "made again when it is needed"),
        (".clawdbot/logs", "a log"),
        ("clawd/node_modules", "made again when it is needed"),
    ] {
        assert_eq!(opened.left_out(path).as_deref(), Some(reason), "{path}");
    }
    assert!(!opened.order.contains(&"journal.jsonl".to_owned()));
}

#[test]
fn the_same_profile_makes_the_same_capsule() {
    let home = furnished();
    let mut made = Vec::new();
    for name in ["one", "two"] {
        capture(&home, &[name]).expect_code(0);
        let mut opened = Opened::of(&home.path().join(name));
        let mut manifest = opened.manifest();
        manifest["created"] = Value::Null;
        opened.entries.insert("manifest.json".to_owned(), manifest.to_string().into_bytes());
        made.push((opened.order, opened.entries));
    }
    assert_eq!(made[0], made[1]);
}

#[test]
fn patterns_and_a_size_choose() {
    let home = furnished();
    home.write(".clawdbot/agents/main/sessions/large.jsonl", &"{\"text\":\"x\"}\n".repeat(20_000));
    capture(
        &home,
        &["x.capsule.tar.gz", "--include", "*.png", "--exclude", "clawd", "--max-size", "100k", "--json"],
    )
    .expect_code(0);
    let opened = Opened::of(&file(&home));
    assert_eq!(opened.entries["home/.clawdbot/media/picture.png"], "\u{89}PNG\0".as_bytes());
    assert_eq!(opened.left_out("clawd").as_deref(), Some("--exclude"));
    let large = opened.left_out(".clawdbot/agents/main/sessions/large.jsonl");
    assert_eq!(large.as_deref(), Some("more than --max-size allows"));
    assert!(opened.order.contains(&"home/.clawdbot/agents/main/sessions/one.jsonl".to_owned()));
    // A picture with a secret in it cannot be cleaned.
    home.write(".clawdbot/media/picture.png", &format!("\u{89}PNG\0{TOKEN}"));
    let refused = capture(&home, &["y", "--include", "*.png"]).expect_code(1);
    assert!(refused.stderr.contains("media/picture.png holds a secret"), "{refused:?}");
    assert!(!home.path().join("y").exists());
}

/// A session and a device: all of it is there, and every secret is another one.
#[cfg(target_os = "linux")]
#[test]
fn a_recorded_session() {
    let home = Home::new();
    let config = format!("{{ gateway: {{ mode: 'local', auth: {{ token: '{TOKEN}' }} }} }}");
    home.write(".clawdbot-dev/clawdbot.json", &config);
    let harness = harness::in_home(&home).arg("--record").start().armed();
    let address = harness.address();
    let mut wire = Wire::operator(address, TOKEN, &["operator.admin", "operator.pairing"]);
    wire.payload("health", &json!({}));
    wire.payload("sessions.list", &json!({}));
    let (device, hello) =
        Wire::hello(address, &Credentials::DeviceWithToken([7; 32], TOKEN.to_owned())).unwrap();
    let token = hello["auth"]["deviceToken"].as_str().unwrap().to_owned();
    drop(device);
    let paired = until("the device is kept", PATIENCE, || {
        let text = fs::read_to_string(home.state().join("devices/paired.json")).ok()?;
        text.contains("publicKey").then_some(text)
    });
    let paired: Value = serde_json::from_str(&paired).unwrap();
    let (id, record) = paired.as_object().unwrap().iter().next().unwrap();
    let key = record["publicKey"].as_str().unwrap();

    // While it serves and writes.
    capture(&home, &["x.capsule.tar.gz", "--profile", "dev"]).expect_code(0);
    let opened = Opened::of(&file(&home));
    for secret in [TOKEN, &token, id, key, home.path().to_str().unwrap()] {
        opened.has_nowhere(secret);
    }
    let manifest = opened.manifest();
    let recording = &manifest["recording"];
    assert_eq!(
        (&manifest["taken"], &recording["isWhole"], &recording["missed"]),
        (&"recording".into(), &true.into(), &0.into())
    );
    assert_eq!((&manifest["devices"], &manifest["start"]["args"]), (&1.into(), &json!(["gateway", "--dev"])));
    let journal: Vec<Value> =
        opened.text("journal.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(recording["lines"], journal.len());
    assert!(journal.windows(2).all(|two| two[0]["at"].as_u64() <= two[1]["at"].as_u64()));
    let keys = opened.json("keys.json");
    let connect = |what: &str| {
        journal.iter().find_map(|line| Some(line["frame"]["params"][what].clone()).filter(Value::is_object))
    };
    assert_eq!(connect("auth").unwrap()["token"], "capsule-secret-1");
    let sent = connect("device").unwrap();
    assert_eq!((&sent["id"], &sent["publicKey"]), (&keys[0]["deviceId"], &keys[0]["publicKey"]));
    // The profile is that of the beginning.
    assert!(
        !opened.order.contains(&"home/.clawdbot-dev/devices/paired.json".to_owned()),
        "{:?}",
        opened.order
    );
    harness.stop();
}

/// Whoever makes it sees a profile as it was at one moment.
#[test]
fn a_profile_in_use_is_whole() {
    let home = Home::new();
    configure(&home, &format!("{{ gateway: {{ mode: 'local', auth: {{ token: '{TOKEN}' }} }} }}"));
    let gateway = gateway::in_home(&home).start();
    let is_over = AtomicBool::new(false);
    let transcript = home.path().join(".clawdbot/agents/main/sessions/busy.jsonl");
    fs::create_dir_all(transcript.parent().unwrap()).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            use std::io::Write as _;
            let mut file = fs::File::create(&transcript).unwrap();
            let store = home.path().join(".clawdbot/settings/busy.json");
            fs::create_dir_all(store.parent().unwrap()).unwrap();
            let mut number = 0_u64;
            while !is_over.load(Ordering::Relaxed) {
                number += 1;
                let line = format!("{{\"number\":{number},\"text\":\"{}\"}}\n", "x".repeat(300));
                let (one, other) = line.split_at(20);
                file.write_all(one.as_bytes()).unwrap();
                file.write_all(other.as_bytes()).unwrap();
                let beside = store.with_extension("new");
                fs::write(
                    &beside,
                    json!({ "number": number, "again": number, "more": "y".repeat(5000) }).to_string(),
                )
                .unwrap();
                fs::rename(&beside, &store).unwrap();
            }
        });
        for round in 0..5 {
            let name = format!("{round}.capsule.tar.gz");
            let finished = capture(&home, &[&name]);
            is_over.fetch_or(round == 4 || finished.code() != Some(0), Ordering::Relaxed);
            finished.expect_code(0);
            let opened = Opened::of(&home.path().join(&name));
            let busy = opened.text("home/.clawdbot/agents/main/sessions/busy.jsonl");
            for (index, line) in busy.lines().enumerate() {
                let line: Value = serde_json::from_str(line).unwrap();
                assert_eq!(line["number"], index as u64 + 1);
            }
            if let Some(store) = opened.entries.get("home/.clawdbot/settings/busy.json") {
                let store: Value = serde_json::from_slice(store).unwrap();
                assert_eq!(store["number"], store["again"]);
            }
        }
    });
    gateway.stop();
}

#[test]
fn a_person_is_asked() {
    let home = furnished();
    for (answer, code, is_made) in [("n", 1, false), ("y", 0, true)] {
        let mut terminal = Terminal::of(&home, &["dev", "capture", "x.capsule.tar.gz"], &[("TERM", "dumb")]);
        let shown = terminal.expect(0, "Write it?");
        assert!(shown.contains("configuration"), "{shown}");
        terminal.press(&format!("{answer}\n"));
        assert_eq!(terminal.ended(PATIENCE).code(), Some(code));
        assert_eq!(file(&home).exists(), is_made);
    }
}
