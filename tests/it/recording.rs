//! `--record`: what a journal holds, across reloads and after a `kill -9`, and where none is kept.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::edits::Save;
use crate::support::gateway::{self, configure};
use crate::support::harness;
use crate::support::home::Home;
use crate::support::program::Run;
use crate::support::recordings::{lines, of, parts, recordings, start};
use crate::support::wait::{PATIENCE, until};
use crate::support::wire::{Credentials, Wire};

const TOKEN: &str = "of-the-recording";

fn recorded(home: &Home) -> Home {
    configure(home, &format!("{{ gateway: {{ mode: 'local', auth: {{ token: '{TOKEN}' }} }} }}"));
    Home::new()
}

#[test]
fn every_frame_of_a_conversation_is_there() {
    let home = Home::new();
    let elsewhere = recorded(&home);
    let directory = elsewhere.path().join("journal");
    let gateway = gateway::in_home(&home).arg(&format!("--record={}", directory.display())).start();
    let gateway_address = gateway.address();
    let mut client = Wire::operator(gateway_address, TOKEN, &["operator.read"]);
    client.payload("health", &json!({}));
    client.send_text("{\nnot a frame").unwrap();
    client.payload("system-presence", &json!({}));
    drop(client);
    until("the end of the connection", PATIENCE, || of(&lines(&directory), "close").pop().map(drop));
    gateway.stop();

    let lines = lines(&directory);
    assert_eq!((&lines[0]["event"], &lines[0]["format"]), (&"journal".into(), &2.into()), "{}", lines[0]);
    let marks: Vec<&str> = lines
        .iter()
        .filter(|line| line.get("conn").is_none())
        .map(|line| line["event"].as_str().unwrap())
        .collect();
    assert_eq!(marks, ["journal", "serving", "config", "quiescing", "released", "end"]);
    let conn = of(&lines, "open")[0]["conn"].clone();
    let open = of(&lines, "open")[0];
    assert_eq!((&open["peer"], open.get("origin")), (&"127.0.0.1".into(), None));
    assert_eq!(open["host"], gateway_address.to_string());
    let mine: Vec<&Value> = lines.iter().filter(|line| line["conn"] == conn).collect();
    let received: Vec<&Value> = mine.iter().copied().filter(|line| line["event"] == "in").collect();
    assert_eq!(received[0]["frame"]["params"]["auth"]["token"], TOKEN, "it is what was sent");
    assert_eq!(received[1]["frame"]["method"], "health");
    assert_eq!(received[2]["text"], "{\nnot a frame");
    assert_eq!(received[3]["frame"]["method"], "system-presence");
    let sent: Vec<&Value> = mine.iter().copied().filter(|line| line["event"] == "out").collect();
    assert_eq!(sent[0]["frame"]["event"], "connect.challenge");
    for request in [&received[1], &received[3]] {
        let answer = sent.iter().find(|line| line["frame"]["id"] == request["frame"]["id"]);
        assert_eq!(answer.unwrap()["frame"]["ok"], true);
    }
    assert!(mine.windows(2).all(|two| two[0]["at"].as_u64() <= two[1]["at"].as_u64()));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let recording = &recordings(&directory)[0];
    assert_eq!((mode(&directory), mode(recording), mode(&parts(&directory)[0])), (0o700, 0o700, 0o600));
    assert_eq!(mode(&recording.join("start.json")), 0o600);
}

#[test]
fn a_reload_goes_on_with_it() {
    let home = Home::new();
    let harness = harness::in_home(&home).arg("--record").start().armed();
    let directory = home.state().join("recordings");
    assert!(
        harness.stderr().contains("every frame is recorded in ~/.clawdbot-dev/recordings"),
        "{}",
        harness.stderr()
    );
    let (mut old, _) = Wire::hello(harness.address(), &Credentials::Device([7; 32])).unwrap();
    let mark = harness.mark();
    Save::Plain.write(&home.workspace().join("AGENTS.md"), "# Another\n");
    harness.reloaded(mark);
    old.closed();
    let (mut new, _) = Wire::hello(harness.address(), &Credentials::Device([7; 32])).unwrap();
    new.payload("health", &json!({}));
    harness.assert_quiet(harness.mark(), "recording");
    harness.stop();

    let lines = lines(&directory);
    assert_eq!(recordings(&directory).len(), 1, "one recording, whatever the generation");
    let parts: Vec<&Value> = of(&lines, "journal").iter().map(|line| &line["part"]).collect();
    assert_eq!(parts, [&json!(1), &json!(2)]);
    let generations: Vec<&Value> = of(&lines, "journal").iter().map(|line| &line["generation"]).collect();
    assert_eq!(generations, [&json!(1), &json!(2)]);
    let connections: Vec<&Value> = of(&lines, "open").iter().map(|line| &line["conn"]).collect();
    assert_eq!(connections.len(), 2, "{connections:?}");
    let old: Vec<&Value> = lines.iter().filter(|line| line["conn"] == *connections[0]).collect();
    let goodbye = old.iter().rfind(|line| line["event"] == "out").unwrap();
    assert_eq!(goodbye["frame"]["event"], "shutdown", "{goodbye}");
    assert_eq!(old.last().unwrap()["code"], 1012, "{:?}", old.last());
    assert_eq!(of(&lines, "end").len(), 2);
}

#[test]
fn what_it_began_with_is_there() {
    let home = Home::new();
    let elsewhere = recorded(&home);
    home.write(".clawdbot/.env", "CLAWDBOT_SKIP_CRON=1\nOTHER=2\n");
    home.write(".clawdbot/agents/main/sessions/a.jsonl", "{}\n");
    home.write(".clawdbot/identity/device.json", "{}");
    home.write(".clawdbot/logs/old.log", "line");
    home.write(".clawdbot/recordings/of/another", "one");
    home.write("clawd/AGENTS.md", "# Agents\n");
    home.write("clawd/node_modules/a.js", "made");
    home.write("clawd/server.key", "of another program");
    let directory = elsewhere.path().join("journal");
    let record = format!("--record={}", directory.display());
    let gateway = gateway::in_home(&home).arg(&record).start();
    let changed = home.write("clawd/AGENTS.md", "# Others\n");
    gateway.stop();
    assert!(changed.exists());

    let recording = &recordings(&directory)[0];
    let start = start(recording);
    assert_eq!((&start["format"], &start["profile"]), (&2.into(), &Value::Null));
    let at = |name: &str| home.path().join(name).display().to_string();
    assert_eq!(
        (&start["home"], &start["stateDir"]),
        (&at("").trim_end_matches('/').into(), &at(".clawdbot").into())
    );
    assert_eq!(start["configPath"], at(".clawdbot/clawdbot.json"));
    assert_eq!(start["workspace"], at("clawd"));
    assert_eq!((&start["env"]["CLAWDBOT_SKIP_CRON"], start["env"].get("OTHER")), (&"1".into(), None));
    assert!(start["args"].as_array().unwrap().contains(&record.into()), "{start}");
    let base = |path: &str| fs::read_to_string(recording.join("base").join(path)).ok();
    assert!(base("state/clawdbot.json").unwrap().contains(TOKEN));
    assert_eq!(base("state/agents/main/sessions/a.jsonl").as_deref(), Some("{}\n"));
    assert_eq!(base("state/identity/device.json").as_deref(), Some("{}"));
    assert_eq!(base("workspace/AGENTS.md").as_deref(), Some("# Agents\n"), "as it was");
    for absent in ["state/logs", "state/recordings", "workspace/node_modules", "workspace/server.key"] {
        assert!(!recording.join("base").join(absent).exists(), "{absent}");
    }
    let left: Vec<&str> =
        start["leftOut"].as_array().unwrap().iter().map(|left| left["path"].as_str().unwrap()).collect();
    for named in ["state/logs", "workspace/node_modules", "workspace/server.key"] {
        assert!(left.contains(&named), "{left:?}");
    }
    let hash = of(&lines(&directory), "config")[0]["hash"].clone();
    assert_eq!(hash.as_str().unwrap().len(), 64, "{hash}");
}

#[test]
fn a_gateway_that_follows_in_the_process_goes_on_with_it() {
    let home = Home::new();
    let elsewhere = recorded(&home);
    let directory = elsewhere.path().join("journal");
    let gateway = gateway::in_home(&home).arg(&format!("--record={}", directory.display())).start();
    configure(&home, "{ gateway: { mode: 'local', auth: { token: 'another-one' } } }");
    until("the next gateway", PATIENCE, || (of(&lines(&directory), "serving").len() == 2).then_some(()));
    gateway.stop();
    let lines = lines(&directory);
    assert_eq!((recordings(&directory).len(), of(&lines, "journal").len()), (1, 2));
    let hashes: Vec<&Value> = of(&lines, "config").iter().map(|line| &line["hash"]).collect();
    assert_ne!(hashes[0], hashes[1]);
}

#[test]
fn what_is_no_text_is_there_as_bytes() {
    let home = Home::new();
    let elsewhere = recorded(&home);
    let directory = elsewhere.path().join("journal");
    let gateway = gateway::in_home(&home).arg(&format!("--record={}", directory.display())).start();
    let mut client = Wire::operator(gateway.address(), TOKEN, &["operator.read"]);
    client.send_binary(b"\xff\x00".to_vec()).unwrap();
    client.send_binary(br#"{"type":"req","id":"b","method":"health"}"#.to_vec()).unwrap();
    until("both frames", PATIENCE, || (of(&lines(&directory), "in").len() == 3).then_some(()));
    gateway.stop();
    let lines = lines(&directory);
    assert_eq!(of(&lines, "in")[1]["bytes"], "/wA=");
    assert_eq!(of(&lines, "in")[2]["frame"]["id"], "b", "what is text is a text");
}

#[test]
fn a_gateway_that_is_killed_leaves_what_it_has_written() {
    let home = Home::new();
    let elsewhere = recorded(&home);
    let directory = elsewhere.path().join("journal");
    let mut gateway = gateway::in_home(&home).arg(&format!("--record={}", directory.display())).start();
    let mut client = Wire::operator(gateway.address(), TOKEN, &["operator.read"]);
    for _ in 0..500 {
        client.payload("health", &json!({}));
    }
    // What is answered is queued at least, and written a moment later.
    until("the last answer", PATIENCE, || {
        let answers = lines(&directory).iter().filter(|line| line["frame"]["ok"] == true).count();
        (answers > 500).then_some(())
    });
    gateway.signal(rustix::process::Signal::KILL);
    gateway.ended(PATIENCE);
    let before = lines(&directory);
    let gateway = gateway::in_home(&home).arg(&format!("--record={}", directory.display())).start();
    gateway.stop();
    let after = lines(&directory);
    assert_eq!(after[..before.len()], before, "another start begins another one");
    assert_eq!((of(&after, "journal").len(), recordings(&directory).len()), (2, 2));
}

#[test]
fn where_none_can_be_kept_the_start_says_so() {
    let home = Home::new();
    let refused = |arguments: &[&str], code: i32, text: &str| {
        let finished = Run::new(&home, arguments).finish().expect_code(code);
        assert!(finished.stderr.contains(text), "{arguments:?}: {}", finished.stderr);
    };
    let workspace = format!("--record={}", home.workspace().join("journal").display());
    refused(&["gateway", "--dev", "--port", "0", &workspace], 2, "is below ~/clawd-dev, which is watched");
    refused(&["gateway", "--dev", "--record", "--exec", "true"], 2, "--record records our own gateway");
    refused(&["gateway", "--record", "status"], 2, "--record");
    let file = home.write("file", "");
    let below = format!("--record={}", file.join("journal").display());
    refused(
        &["gateway", "--allow-unconfigured", "--port", "0", &below],
        78,
        "Cannot record to ~/file/journal",
    );
}
