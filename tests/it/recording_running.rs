//! Recordings that begin and end while a gateway runs: by a client, by a key.

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serde_json::{Value, json};

use crate::support::edits::Save;
use crate::support::gateway::{self, configure};
use crate::support::harness;
use crate::support::home::Home;
use crate::support::recordings::{lines, of, recordings, start, whole_lines};
use crate::support::wait::{PATIENCE, until};
use crate::support::wire::Wire;

const TOKEN: &str = "of-the-recording";

fn configured() -> Home {
    let home = Home::new();
    configure(&home, &format!("{{ gateway: {{ mode: 'local', auth: {{ token: '{TOKEN}' }} }} }}"));
    home
}

/// Frames of a client that ask for this method.
fn requests<'a>(lines: &'a [Value], method: &str) -> Vec<&'a Value> {
    of(lines, "in").into_iter().filter(|line| line["frame"]["method"] == method).collect()
}

#[test]
fn a_client_begins_and_ends_one() {
    let home = configured();
    home.write(".clawdbot/agents/main/sessions/a.jsonl", "{}\n");
    let gateway = gateway::in_home(&home).start();
    let directory = home.path().join(".clawdbot/recordings");
    let mut before = Wire::operator(gateway.address(), TOKEN, &["operator.read"]);
    let mut admin = Wire::operator(gateway.address(), TOKEN, &["operator.admin"]);
    before.payload("health", &json!({}));
    let refused = before.call("recording.start", &json!({})).unwrap();
    assert_eq!(refused["error"]["message"], "missing scope: operator.admin");
    let anywhere = admin.call("recording.start", &json!({ "dir": "/tmp" })).unwrap();
    assert_eq!(anywhere["ok"], false, "clients do not say where");
    assert_eq!(admin.payload("recording.status", &json!({}))["recording"], false);
    assert!(!directory.exists());

    let mark = gateway.mark();
    let begun = admin.payload("recording.start", &json!({}));
    assert_eq!((&begun["started"], &begun["recording"]), (&true.into(), &true.into()), "{begun}");
    let recording = recordings(&directory).pop().unwrap();
    assert_eq!(begun["path"], recording.display().to_string());
    gateway.says(mark, "records every frame in ");
    assert_eq!(admin.payload("recording.start", &json!({}))["started"], false, "one is made already");
    before.payload("system-presence", &json!({}));
    let mut after = Wire::operator(gateway.address(), TOKEN, &["operator.read"]);
    after.payload("system-presence", &json!({}));
    drop(after);
    until("the end of a connection", PATIENCE, || of(&lines(&directory), "close").pop().map(drop));
    let ended = admin.payload("recording.stop", &json!({}));
    assert_eq!((&ended["stopped"], &ended["recording"]), (&true.into(), &false.into()), "{ended}");
    assert_eq!(ended["path"], recording.display().to_string());
    gateway.says(mark, "recorded in ");
    // What is answered is written.
    let lines = lines(&directory);
    assert_eq!(ended["lines"].as_u64().unwrap() + 1, lines.len() as u64, "and a heading");
    before.payload("last-heartbeat", &json!({}));
    assert_eq!(admin.payload("recording.stop", &json!({}))["stopped"], false);
    gateway.stop();

    assert_eq!(crate::support::recordings::lines(&directory), lines, "nothing comes after the end");
    let marks: Vec<&str> = lines
        .iter()
        .filter(|line| line.get("conn").is_none())
        .map(|line| line["event"].as_str().unwrap())
        .collect();
    assert_eq!(marks, ["journal", "config", "base", "stopped"]);
    assert_eq!(requests(&lines, "health").len(), 0, "that was before");
    assert_eq!(requests(&lines, "system-presence").len(), 2);
    let opened = of(&lines, "open");
    let joined: Vec<&Value> = opened.iter().copied().filter(|line| line.get("joined").is_some()).collect();
    assert_eq!((opened.len(), joined.len()), (3, 2), "{opened:?}");
    let scopes: Vec<&Value> = joined.iter().map(|line| &line["joined"]["scopes"][0]).collect();
    assert!(scopes.contains(&&json!("operator.read")) && scopes.contains(&&json!("operator.admin")));
    assert_eq!(
        (&joined[0]["joined"]["client"]["id"], &joined[0]["peer"]),
        (&"test".into(), &"127.0.0.1".into())
    );
    let left = start(&recording)["leftOut"].to_string();
    assert!(left.contains("state/gateway.lock"), "{left}");
    assert!(start(&recording)["baseBytes"].as_u64().unwrap() > 0);
    let copied = recording.join("base/state/agents/main/sessions/a.jsonl");
    assert_eq!(fs::read_to_string(copied).unwrap(), "{}\n");
}

/// No recording is made for certain.
const OFF: u64 = 0;

#[test]
fn nothing_is_lost_between_the_beginning_and_the_end() {
    let home = configured();
    let gateway = gateway::in_home(&home).start();
    let (address, directory) = (gateway.address(), home.path().join(".clawdbot/recordings"));
    // The number of the recording, from the answer to its beginning to the request for its end.
    let (made, is_over) = (AtomicU64::new(OFF), AtomicBool::new(false));
    let talk = |client: usize| {
        let mut wire = Wire::operator(address, TOKEN, &["operator.read"]);
        let mut certain = Vec::new();
        for number in 0.. {
            if is_over.load(Ordering::SeqCst) {
                break;
            }
            let id = format!("c{client}-{number}");
            let before = made.load(Ordering::SeqCst);
            wire.send(&json!({ "type": "req", "id": id, "method": "health" })).unwrap();
            wire.answer(&id).unwrap();
            if before != OFF && before == made.load(Ordering::SeqCst) {
                certain.push((before, id));
            }
        }
        certain
    };
    let talk = &talk;
    let certain: Vec<(u64, String)> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..4).map(|client| scope.spawn(move || talk(client))).collect();
        let mut admin = Wire::operator(address, TOKEN, &["operator.admin"]);
        for number in 1..=10 {
            admin.payload("recording.start", &json!({}));
            made.store(number, Ordering::SeqCst);
            // As long as it takes to ask a few times.
            for _ in 0..20 {
                admin.payload("last-heartbeat", &json!({}));
            }
            made.store(OFF, Ordering::SeqCst);
            let ended = admin.payload("recording.stop", &json!({}));
            assert_eq!((&ended["stopped"], &ended["missed"]), (&true.into(), &0.into()), "{ended}");
        }
        is_over.store(true, Ordering::SeqCst);
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });
    gateway.stop();
    let recordings = recordings(&directory);
    assert_eq!(recordings.len(), 10);
    let of_each: Vec<Vec<Value>> = recordings.iter().map(|recording| whole_lines(recording)).collect();
    assert!(certain.len() > 100, "{}", certain.len());
    for (number, id) in certain {
        let lines = &of_each[usize::try_from(number).unwrap() - 1];
        let frames = lines.iter().filter(|line| line["frame"]["id"] == id.as_str());
        let events: Vec<&Value> = frames.map(|line| &line["event"]).collect();
        assert_eq!(events, ["in", "out"], "{id} of recording {number}");
    }
}

#[test]
fn a_gateway_that_follows_in_the_process_goes_on_with_it() {
    let home = configured();
    let gateway = gateway::in_home(&home).start();
    let directory = home.path().join(".clawdbot/recordings");
    let mut admin = Wire::operator(gateway.address(), TOKEN, &["operator.admin"]);
    admin.payload("recording.start", &json!({}));
    let mark = gateway.mark();
    configure(&home, "{ gateway: { mode: 'local', auth: { token: 'another-one' } } }");
    gateway.says(mark, "restarted in ");
    let mut admin = Wire::operator(gateway.address(), "another-one", &["operator.admin"]);
    assert_eq!(admin.payload("recording.status", &json!({}))["recording"], true);
    admin.payload("recording.stop", &json!({}));
    let mark = gateway.mark();
    configure(&home, "{ gateway: { mode: 'local', auth: { token: 'a-third-one' } } }");
    gateway.says(mark, "restarted in ");
    gateway.stop();
    let lines = lines(&directory);
    assert_eq!(recordings(&directory).len(), 1);
    let generations: Vec<&Value> = of(&lines, "journal").iter().map(|line| &line["generation"]).collect();
    assert_eq!(generations, [&json!(1), &json!(2)], "and the third does not");
}

#[test]
fn generations_go_on_with_what_a_client_began() {
    let home = Home::new();
    let harness = harness::in_home(&home).start().armed();
    let directory = home.state().join("recordings");
    let admin = || Wire::operator(harness.address(), "any", &["operator.admin"]);
    let mark = harness.mark();
    let begun = admin().payload("recording.start", &json!({}));
    let told = harness.wait_from(mark, "recording", |event| event.is("recording"));
    assert_eq!(told.value["path"], begun["path"]);
    let mark = harness.mark();
    Save::Plain.write(&home.workspace().join("AGENTS.md"), "# Another\n");
    harness.reloaded(mark);
    admin().payload("health", &json!({}));
    admin().payload("recording.stop", &json!({}));
    let told = harness.wait_from(mark, "recorded", |event| event.is("recorded"));
    assert_eq!((&told.value["path"], told.value.get("message")), (&begun["path"], None));
    let mark = harness.mark();
    Save::Plain.write(&home.workspace().join("AGENTS.md"), "# A third\n");
    harness.reloaded(mark);
    admin().payload("last-heartbeat", &json!({}));
    harness.stop();

    let lines = lines(&directory);
    assert_eq!(recordings(&directory).len(), 1);
    let generations: Vec<&Value> = of(&lines, "journal").iter().map(|line| &line["generation"]).collect();
    assert_eq!(generations, [&json!(1), &json!(2)]);
    assert_eq!((requests(&lines, "health").len(), requests(&lines, "last-heartbeat").len()), (1, 0));
}

#[cfg(target_os = "linux")]
#[test]
fn a_key_begins_and_ends_one_across_reloads() {
    use crate::support::terminal::Terminal;

    let home = Home::new();
    let mut terminal = Terminal::start(&home);
    terminal.expect(0, "watching config and workspace for changes");
    let directory = home.state().join("recordings");
    let press = |terminal: &mut Terminal, key: &str, expected: &str| {
        let position = terminal.position();
        terminal.press(key);
        terminal.expect(position, expected)
    };
    press(&mut terminal, "?", "v record");
    press(&mut terminal, "v", "records every frame in ~/.clawdbot-dev/recordings/");
    press(&mut terminal, "r", "reloaded in ");
    press(&mut terminal, "v", "recorded in ~/.clawdbot-dev/recordings/");
    press(&mut terminal, "r", "reloaded in ");
    press(&mut terminal, "v", "records every frame in ");
    terminal.press("q");
    assert_eq!(terminal.ended(PATIENCE).code(), Some(0));
    let found = recordings(&directory);
    assert_eq!(found.len(), 2, "each press begins another one");
    let lines = lines(&directory);
    let generations: Vec<&Value> = of(&lines, "journal").iter().map(|line| &line["generation"]).collect();
    assert_eq!(generations, [&json!(1), &json!(2), &json!(3)]);
    assert_eq!(of(&lines, "base").len(), 2);
}

#[cfg(target_os = "linux")]
#[test]
fn a_key_says_why_nothing_is_recorded() {
    use crate::support::terminal::Terminal;

    let home = Home::new();
    let mut terminal = Terminal::start(&home);
    terminal.expect(0, "watching config and workspace for changes");
    fs::write(home.state().join("recordings"), "no directory").unwrap();
    for _ in 0..2 {
        let position = terminal.position();
        terminal.press("v");
        terminal.expect(position, "does not record: ");
    }
    let position = terminal.position();
    terminal.press("r");
    terminal.expect(position, "reloaded in ");
    terminal.press("q");
    assert_eq!(terminal.ended(PATIENCE).code(), Some(0));
}
