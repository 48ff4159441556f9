//! Recordings when something goes wrong: a `kill -9` under load, a disk that is full or cannot be written, two gateways in
//! one place.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::dice::Dice;
use crate::support::edits::Save;
use crate::support::gateway::{self, configure};
use crate::support::harness;
use crate::support::home::Home;
use crate::support::program::{Run, not_run};
use crate::support::recordings::{lines, of, recordings, whole_lines};
use crate::support::wait::{self, PATIENCE, until};
use crate::support::wire::Wire;

const TOKEN: &str = "of-the-recording";

fn configured() -> Home {
    let home = Home::new();
    configure(&home, &format!("{{ gateway: {{ mode: 'local', auth: {{ token: '{TOKEN}' }} }} }}"));
    home
}

/// Asks for `health` with ids of its own until it is told to end, or nobody answers; how many answers it got.
fn talk(address: SocketAddr, name: &str, is_over: &AtomicBool) -> usize {
    let mut wire = Wire::operator(address, TOKEN, &["operator.read"]);
    let mut answered = 0;
    while !is_over.load(Ordering::Relaxed) {
        let id = format!("{name}-{answered}");
        let asked = wire.send(&json!({ "type": "req", "id": id, "method": "health" }));
        if asked.and_then(|()| wire.answer(&id)).is_err() {
            break;
        }
        answered += 1;
    }
    answered
}

/// Checks that what a client has asked and was answered is there without a gap, up to some point; how many answers are.
#[track_caller]
fn assert_no_gap(lines: &[Value], name: &str) -> usize {
    let mut next = (0, "in");
    for line in lines.iter().filter(|line| line.get("conn").is_some()) {
        let Some(id) = line["frame"]["id"].as_str().and_then(|id| id.strip_prefix(&format!("{name}-")))
        else {
            continue;
        };
        assert_eq!((id.parse().unwrap(), line["event"].as_str().unwrap()), next, "{name}");
        next = if next.1 == "in" { (next.0, "out") } else { (next.0 + 1, "in") };
    }
    next.0
}

#[test]
fn a_gateway_that_is_killed_under_load_leaves_whole_lines_in_their_order() {
    const CLIENTS: [&str; 4] = ["a", "b", "c", "d"];
    let home = configured();
    let directory = home.path().join("journal");
    let record = format!("--record={}", directory.display());
    let mut dice = Dice(8);
    let mut recorded = 0;
    for round in 0..15 {
        let mut gateway = gateway::in_home(&home).arg(&record).start();
        let (address, is_over) = (gateway.address(), AtomicBool::new(false));
        let answered: Vec<usize> = std::thread::scope(|scope| {
            let is_over = &is_over;
            let clients = CLIENTS.map(|name| scope.spawn(move || talk(address, name, is_over)));
            wait::pass(Duration::from_micros(20_000 + dice.below(60_000)));
            gateway.signal(rustix::process::Signal::KILL);
            gateway.ended(PATIENCE);
            is_over.store(true, Ordering::Relaxed);
            clients.into_iter().map(|client| client.join().unwrap()).collect()
        });
        let recordings = recordings(&directory);
        assert_eq!(recordings.len(), round + 1);
        // Fails where a line is no JSON.
        let lines = whole_lines(recordings.last().unwrap());
        assert!(lines.windows(2).all(|two| two[0]["at"].as_u64() <= two[1]["at"].as_u64()));
        for (name, answered) in CLIENTS.iter().zip(answered) {
            let there = assert_no_gap(&lines, name);
            assert!(there <= answered + 1, "{there} of {answered}");
            recorded += there;
        }
    }
    assert!(recorded > 100, "{recorded}");
}

#[test]
fn two_gateways_in_one_place_do_not_disturb_each_other() {
    let elsewhere = Home::new();
    let directory = elsewhere.path().join("journal");
    let record = format!("--record={}", directory.display());
    let homes = [configured(), configured()];
    let gateways = homes.each_ref().map(|home| gateway::in_home(home).arg(&record).start());
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for (gateway, name) in gateways.iter().zip(["one", "two"]) {
            let (address, is_over) = (gateway.address(), &is_over);
            scope.spawn(move || talk(address, name, is_over));
        }
        until("some of both", PATIENCE, || {
            let enough = |recording: &Path| of(&whole_lines(recording), "out").len() > 200;
            recordings(&directory).iter().all(|recording| enough(recording)).then_some(())
        });
        is_over.store(true, Ordering::Relaxed);
    });
    for gateway in gateways {
        gateway.stop();
    }
    let of_each: Vec<Vec<Value>> =
        recordings(&directory).iter().map(|recording| whole_lines(recording)).collect();
    assert_eq!(of_each.len(), 2);
    let (one, two) = (&of_each[0], &of_each[1]);
    let there = |name| (assert_no_gap(one, name) > 50, assert_no_gap(two, name) > 50);
    assert!(there("one").0 != there("one").1 && there("two") != there("one"), "each has its own clients");
    for lines in of_each {
        assert_eq!((of(&lines, "journal")[0]["part"].clone(), of(&lines, "end").len()), (1.into(), 1));
    }
}

/// A mount in a namespace of its own, and the program to start in it; `None` where that is impossible.
fn mounted(home: &Home, options: &str, place: &Path) -> Option<String> {
    fs::create_dir_all(place).unwrap();
    let script = format!("mount -t tmpfs -o {options} tmpfs {} && exec \"$@\"", place.display());
    let possible = Run::of("unshare".as_ref(), home, &["-Urm", "sh", "-c", &script, "sh", "true"]).finish();
    if possible.code() != Some(0) {
        not_run(&format!("this machine allows no mount namespaces: {}", possible.stderr));
        return None;
    }
    Some(script)
}

/// Asks until `is_enough`.
fn flood(address: SocketAddr, token: &str, is_enough: impl Fn() -> bool) {
    let mut client = Wire::operator(address, token, &["operator.read"]);
    until("enough", PATIENCE, || {
        for _ in 0..200 {
            client.payload("health", &json!({}));
        }
        is_enough().then_some(())
    });
}

#[test]
fn a_full_disk_ends_the_recording_and_nothing_else() {
    let home = configured();
    let directory = home.path().join("journal");
    let Some(script) = mounted(&home, "size=1m", &directory) else { return };
    let gateway = gateway::in_home(&home)
        .through("unshare", &["-Urm", "sh", "-c", &script, "sh"])
        .arg(&format!("--record={}", directory.display()))
        .start();
    flood(gateway.address(), TOKEN, || gateway.told().contains("stopped recording"));
    let mut admin = Wire::operator(gateway.address(), TOKEN, &["operator.admin"]);
    let status = admin.payload("recording.status", &json!({}));
    assert_eq!(status["recording"], false);
    assert!(status["problem"].as_str().unwrap().contains("No space left on device"), "{status}");
    let mark = gateway.mark();
    configure(&home, "{ gateway: { mode: 'local', auth: { token: 'another-one' } } }");
    gateway.says(mark, "restarted in ");
    let mut client = Wire::operator(gateway.address(), "another-one", &["operator.read"]);
    for _ in 0..100 {
        client.payload("health", &json!({}));
    }
    // What is in it is whole, but for the end.
    let inside = format!("/proc/{}/root{}", gateway.pid(), directory.display());
    let lines = lines(Path::new(&inside));
    assert!(of(&lines, "out").len() > 100);
    let told = gateway.told();
    assert_eq!(told.matches("✗ stopped recording in ").count(), 1, "{told}");
    gateway.stop();
}

#[test]
fn a_full_disk_does_not_keep_a_harness_from_reloading() {
    let home = Home::new();
    let directory = home.path().join("journal");
    let Some(script) = mounted(&home, "size=1m", &directory) else { return };
    let harness = harness::in_home(&home)
        .through("unshare", &["-Urm", "sh", "-c", &script, "sh"])
        .arg(format!("--record={}", directory.display()))
        .start()
        .armed();
    let over = |event: &crate::support::events::Event| event.is("recorded");
    flood(harness.address(), "any", || harness.since(0).iter().any(over));
    let told = harness.wait_from(0, "recorded", over);
    assert!(told.message().contains("No space left on device"), "{}", told.value);
    for text in ["# Another\n", "# A third\n"] {
        let mark = harness.mark();
        Save::Plain.write(&home.workspace().join("AGENTS.md"), text);
        harness.reloaded(mark);
    }
    assert_eq!(harness.since(0).iter().filter(|event| over(event)).count(), 1, "it is said once");
    assert!(harness.stop().success());
}

#[test]
fn where_nothing_can_be_written_nothing_is_recorded() {
    let home = configured();
    let directory = home.path().join(".clawdbot/recordings");
    let Some(script) = mounted(&home, "ro", &directory) else { return };
    let within = ["-Urm", "sh", "-c", &script, "sh", env!("CARGO_BIN_EXE_clawdbot")];
    let start = ["gateway", "--port", "0", "--record"];
    let refused = Run::of("unshare".as_ref(), &home, &[within.as_slice(), &start].concat()).finish();
    let refused = refused.expect_code(78);
    let expected = "Cannot record to ~/.clawdbot/recordings (--record): Read-only file system";
    assert!(refused.stderr.contains(expected), "{}", refused.stderr);

    let gateway = gateway::in_home(&home).through("unshare", &within[..5]).start();
    let mut admin = Wire::operator(gateway.address(), TOKEN, &["operator.admin"]);
    let answer = admin.call("recording.start", &json!({})).unwrap();
    let message = answer["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("recording failed: Read-only file system"), "{answer}");
    assert_eq!(admin.payload("recording.status", &json!({}))["recording"], false);
    gateway.stop();
}
