//! How a replay ends that comes to nothing: the right code, a reason, and nothing left.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::Signal;
use serde_json::json;

use super::{recorded, result};
use crate::support::capsule::Capsule;
use crate::support::home::Home;
use crate::support::process::{self, Process};
use crate::support::program::{self, BINARY, Run, fresh_mark};
use crate::support::wait::{self, PATIENCE, until};

/// What is left may take so long to be gone.
const SOON: Duration = Duration::from_secs(10);

#[test]
fn what_cannot_be_tried_is_skipped() {
    let directory = Home::new();
    let capsule = recorded(directory.path());
    let not_run = |arguments: &[&str], reason: &str| {
        let told = capsule.replay(arguments).expect_code(125);
        assert!(told.stderr.contains(reason), "{arguments:?}: {told:?}");
    };
    not_run(
        &["--exec", "sleep 3600", "--tier", "port", "--ready-timeout", "0.5"],
        "The gateway did not start: ",
    );
    not_run(&["--exec", "no-such-command"], "The gateway did not start: ");
    not_run(&["--against", "ws://127.0.0.1:1"], "--against: no gateway answers: ");
    not_run(
        &["--against", "http://127.0.0.1:1"],
        "--against http://127.0.0.1:1 is no address: it has to start with ws://",
    );
    not_run(&["--ignore", "everything"], "--ignore \"everything\" is no rule: event:NAME, ");
    not_run(&["--ready", "hello"], "Use --ready with --exec.");
    not_run(&["--speed", "0"], "not a speed");
    not_run(&["--no-such-option"], "--no-such-option");

    let write = |path: &str, text: &str| fs::write(capsule.path().join(path), text).unwrap();
    let config = fs::read_to_string(capsule.path().join("home/.clawdbot/clawdbot.json")).unwrap();
    write("home/.clawdbot/clawdbot.json", "{ gateway: { prot: 1 } }");
    not_run(&[], "The gateway did not start: ");
    write("home/.clawdbot/clawdbot.json", &config);
    write("keys.json", "[{}]");
    not_run(&[], ": keys.json: missing field `deviceId`");
    write("keys.json", "[]");
    write("journal.jsonl", "{\"at\":1,\"event\":\"serving\"}\n");
    not_run(&[], ": the recording holds no message of a client.");
    write("journal.jsonl", "no\nlines\n");
    not_run(&[], ": line 1 of the recording cannot be read: ");
    fs::remove_file(capsule.path().join("journal.jsonl")).unwrap();
    not_run(&[], " holds no recording: there is nothing to replay.");
    write("manifest.json", "{}");
    not_run(&[], "manifest.json: missing field");
    fs::remove_file(capsule.path().join("manifest.json")).unwrap();
    not_run(&[], " holds no manifest.json: it is no capsule that was extracted.");

    let home = Home::new();
    home.write("no.capsule", "nothing");
    let told = Run::new(&home, &["dev", "replay", "no.capsule"]).finish().expect_code(125);
    assert!(told.stderr.contains("no.capsule is "), "{told:?}");
    let told = Run::new(&home, &["dev", "replay", "missing", "--json"]).finish().expect_code(125);
    assert!(
        told.stdout.starts_with("{\"ok\":false,\"result\":\"not run\",\"message\":\"Cannot read missing: "),
        "{told:?}"
    );
    Run::new(&home, &["dev", "replay"]).finish().expect_code(125);
    let rules = Run::new(&home, &["dev", "replay", "--ignore", "help"]).finish().expect_code(0);
    assert!(rules.stdout.contains("event:presence"), "{rules:?}");
}

/// A replay that takes long, in a temporary directory of its own.
fn start(home: &Home, capsule: &Capsule, mark: &str) -> Child {
    let mut command: Command = program::command(Path::new(BINARY), home.path(), mark);
    let temporary = home.path().join("tmp");
    fs::create_dir_all(&temporary).unwrap();
    command.env("TMPDIR", temporary).args(["dev", "replay", "--speed", "0.001"]).arg(capsule.path());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// The gateway of a replay that has begun.
fn gateway_of(child: &mut Child) -> Process {
    let said = BufReader::new(child.stderr.as_mut().unwrap());
    let begun = said.lines().map(Result::unwrap).find(|line| line.starts_with("replaying "));
    begun.expect("it says that it begins");
    let is_gateway = |process: &Process| process.command.contains("gateway --bind loopback");
    process::tree(child.id()).into_iter().find(is_gateway).expect("a gateway")
}

#[track_caller]
fn assert_gone(home: &Home, mark: &str, what: &str) {
    until(format!("nothing is left after {what}"), SOON, || {
        let files = fs::read_dir(home.path().join("tmp")).unwrap().count();
        (process::marked(mark).is_empty() && files == 0).then_some(())
    });
}

#[test]
fn whoever_asks_for_the_end_gets_it() {
    let directory = Home::new();
    let capsule = recorded(directory.path());
    for (signal, code) in [(Signal::INT, Some(130)), (Signal::TERM, Some(143)), (Signal::KILL, None)] {
        let (home, mark) = (Home::new(), fresh_mark());
        let mut child = start(&home, &capsule, &mark);
        gateway_of(&mut child);
        process::signal(child.id(), signal);
        let status = program::end_within(&mut child, PATIENCE).expect("it ends");
        assert_eq!(status.code(), code, "{signal:?}");
        assert_gone(&home, &mark, &format!("{signal:?}"));
    }
}

#[test]
fn a_gateway_that_dies_does_not_behave_as_recorded() {
    let directory = Home::new();
    let capsule = recorded(directory.path());
    let (home, mark) = (Home::new(), fresh_mark());
    let mut child = start(&home, &capsule, &mark);
    let gateway = gateway_of(&mut child);
    process::signal(gateway.pid, Signal::KILL);
    let status = program::end_within(&mut child, PATIENCE).expect("it ends");
    let mut told = String::new();
    child.stdout.take().unwrap().read_to_string(&mut told).unwrap();
    assert_eq!(status.code(), Some(1), "{told}");
    assert!(told.starts_with("the gateway has ended, 0."), "{told}");
    assert!(told.contains(" s into the recording\n  signal 9 (SIGKILL)\n"), "{told}");
    assert_gone(&home, &mark, "a gateway that died");
}

#[test]
fn killed_at_any_moment_it_leaves_nothing() {
    let directory = Home::new();
    let capsule = recorded(directory.path());
    for step in 0..20 {
        let (home, mark) = (Home::new(), fresh_mark());
        let mut child = start(&home, &capsule, &mark);
        wait::pass(Duration::from_millis(5 * step));
        child.kill().unwrap();
        child.wait().unwrap();
        assert_gone(&home, &mark, &format!("SIGKILL after {} ms", 5 * step));
    }
}

#[test]
fn a_profile_is_kept_on_request() {
    let directory = Home::new();
    let capsule = recorded(directory.path());
    let home = Home::new();
    let kept = Run::new(&home, &["dev", "replay", "--keep", capsule.path().to_str().unwrap()]).finish();
    assert_eq!(kept.code(), Some(0), "{kept:?}");
    let line = kept.stdout.lines().find_map(|line| line.strip_prefix("✓ profile kept at "));
    let place = Path::new(line.unwrap_or_else(|| panic!("{kept:?}"))).to_owned();
    let settled = fs::read_to_string(place.join("home/.clawdbot/clawdbot.json")).unwrap();
    assert!(settled.contains("seamColor"), "{settled}");
    fs::remove_dir_all(&place).unwrap();
    assert_eq!(result(&capsule, &[]).1["result"], json!("same"), "the capsule is as it was");
}
