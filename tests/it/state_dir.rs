//! State directories that cannot be used, and terminals and pipes that take nothing: one clear message, nothing made,
//! no panic.

use std::fs;
use std::process::{Command, Stdio};

use crate::support::foreground::Started;
use crate::support::home::Home;
use crate::support::program::{BINARY, Finished, Run, command, fresh_mark, not_run};
use crate::support::terminal::Terminal;
use crate::support::wait::{self, PATIENCE};
use crate::support::wire::time_hello;

const REFUSED: i32 = 78;

const START: [&str; 4] = ["gateway", "--allow-unconfigured", "--port", "0"];
const DEV: [&str; 4] = ["gateway", "--dev", "--port", "0"];

#[test]
fn a_file_in_its_place() {
    let home = Home::new();
    home.write(".clawdbot", "I am a file.\n");
    home.write(".clawdbot-dev", "I am a file.\n");
    for (start, name) in [(START, "~/.clawdbot"), (DEV, "~/.clawdbot-dev")] {
        let finished = Run::new(&home, &start).finish().expect_code(REFUSED);
        assert_eq!(
            finished.stderr,
            format!("The state directory {name} is a file. Move it away and start again.\n")
        );
    }
    assert_eq!(home.read(".clawdbot"), "I am a file.\n");
}

#[test]
fn a_home_that_is_not_there() {
    let home = Home::new();
    let missing = home.path().join("nobody");
    for start in [START, DEV] {
        let finished = Run::new(&home, &start).env("HOME", &missing).finish().expect_code(REFUSED);
        let expected = format!(
            "HOME is {}, which does not exist. Set it to your home directory, or CLAWDBOT_STATE_DIR to a directory \
             for the state.\n",
            missing.display()
        );
        assert_eq!(finished.stderr, expected);
        assert!(!missing.exists(), "a home is nobody's to make");
    }
    home.write("file", "");
    let finished =
        Run::new(&home, &START).env("HOME", home.path().join("file")).finish().expect_code(REFUSED);
    finished.expect_stderr("which is not a directory.");
    // A state directory elsewhere needs none.
    let mut command = command(BINARY.as_ref(), home.path(), &fresh_mark());
    command.args(START).env("HOME", &missing).env("CLAWDBOT_STATE_DIR", home.path().join("deep/state"));
    assert!(Started::of(command).stop().success());
}

/// Runs a start in a mount namespace in which `prepare` was done first; `None` where that is impossible.
fn in_namespace(home: &Home, prepare: &str, start: &[&str]) -> Option<Finished> {
    let script = format!("{prepare} && exec timeout -s KILL 60 \"$@\"");
    let unshare = |arguments: &[&str]| {
        Run::of("unshare".as_ref(), home, &[&["-Urm", "sh", "-c", &script, "sh"], arguments].concat())
            .finish()
    };
    let possible = unshare(&["true"]);
    if possible.code() != Some(0) {
        not_run(&format!("this machine allows no mount namespaces: {}", possible.stderr));
        return None;
    }
    Some(unshare(&[&[BINARY], start].concat()))
}

#[test]
fn a_read_only_one() {
    let home = Home::new();
    for (start, name) in [(START, ".clawdbot"), (DEV, ".clawdbot-dev")] {
        let state = home.path().join(name);
        fs::create_dir(&state).unwrap();
        let mount = format!("mount -t tmpfs -o ro tmpfs {}", state.display());
        let Some(finished) = in_namespace(&home, &mount, &start) else { return };
        let finished = finished.expect_code(REFUSED);
        let expected = "Read-only file system (os error 30).\n\
                        Make it writable for you, or set HOME or CLAWDBOT_STATE_DIR to another directory.\n";
        assert_eq!(finished.stderr, format!("Cannot use ~/{name}: {expected}"));
        assert_eq!(finished.stdout, "", "nothing was started");
    }
}

#[test]
fn a_full_one() {
    let home = Home::new();
    fs::create_dir(home.state()).unwrap();
    let state = home.state().display().to_string();
    let full = format!("mount -t tmpfs -o size=4k tmpfs {state} && echo full > {state}/full");
    let Some(finished) = in_namespace(&home, &full, &DEV) else { return };
    let finished = finished.expect_code(REFUSED).expect_stderr("No space left on device");
    finished.expect_stderr("Free some space on that disk");
}

#[test]
fn a_foreground_gateway_serves_on_a_full_disk() {
    let home = Home::new();
    let state = home.path().join(".clawdbot");
    fs::create_dir(&state).unwrap();
    let state = state.display();
    let script =
        format!("mount -t tmpfs -o size=4k tmpfs {state} && echo full > {state}/full && exec \"$@\"");
    let possible = Run::of("unshare".as_ref(), &home, &["-Urm", "sh", "-c", &script, "sh", "true"]).finish();
    if possible.code() != Some(0) {
        not_run(&format!("this machine allows no mount namespaces: {}", possible.stderr));
        return;
    }
    let mut command = command("unshare".as_ref(), home.path(), &fresh_mark());
    command.args(["-Urm", "sh", "-c", &script, "sh", BINARY]).args(START).stderr(Stdio::null());
    let gateway = Started::of(command);
    time_hello(gateway.address()).unwrap();
    assert!(gateway.stop().success());
}

#[test]
fn a_reader_that_goes_away_ends_nothing() {
    let home = Home::new();
    let mut command = command(BINARY.as_ref(), home.path(), &fresh_mark());
    command.args(START).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Both readers are gone before it has said anything.
    drop((child.stdout.take(), child.stderr.take()));
    let port = wait::until("it serves", PATIENCE, || {
        let file = fs::read_to_string(home.path().join(".clawdbot/gateway.json")).ok()?;
        let file: serde_json::Value = serde_json::from_str(&file).ok()?;
        file["url"].as_str()?.rsplit(':').next()?.parse::<u16>().ok()
    });
    time_hello((std::net::Ipv4Addr::LOCALHOST, port).into()).unwrap();
    crate::support::process::signal(child.id(), rustix::process::Signal::TERM);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn streams_that_are_closed_or_full_are_no_reason_to_end() {
    let home = Home::new();
    for redirection in [">&- 2>&- <&-", ">/dev/full 2>/dev/full"] {
        let script = format!("exec timeout -s TERM 2 \"$@\" {redirection}");
        let status = shell(&home, &script, &START);
        // `timeout` says 124 when it had to end what it ran.
        assert_eq!(status, Some(124), "{redirection}");
    }
}

fn shell(home: &Home, script: &str, arguments: &[&str]) -> Option<i32> {
    let mut shell: Command = command("sh".as_ref(), home.path(), &fresh_mark());
    shell.args(["-c", script, "sh", BINARY]).args(arguments).status().unwrap().code()
}

#[test]
fn pipes_get_utf_8_whatever_the_locale_is() {
    let home = Home::new();
    let mut command = command(BINARY.as_ref(), home.path(), &fresh_mark());
    command.args(START).env("LC_ALL", "C");
    let gateway = Started::of(command);
    assert!(gateway.lines[0].starts_with("✓ agent model: "), "{:?}", gateway.lines);
}

#[test]
fn a_terminal_without_utf_8_gets_ascii() {
    let home = Home::new();
    let terminal = Terminal::of(&home, &DEV, &[("LC_ALL", "C")]);
    let shown = terminal.expect(0, "watching config and workspace for changes");
    assert!(shown.contains('+') && shown.is_ascii(), "{shown}");
}

#[test]
fn scripts_get_one_object_when_it_serves() {
    let home = Home::new();
    let mut command = command(BINARY.as_ref(), home.path(), &fresh_mark());
    command.args(START).arg("--json").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    let mut stdout = std::io::BufReader::new(child.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut stdout, &mut line).unwrap();
    let ready: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(
        (&ready["ok"], &ready["event"], &ready["pid"]),
        (&true.into(), &"ready".into(), &child.id().into())
    );
    assert!(ready["url"].as_str().unwrap().starts_with("ws://127.0.0.1:"), "{ready}");
    assert_eq!(ready["stateDir"], home.path().join(".clawdbot").to_str().unwrap());
    crate::support::process::signal(child.id(), rustix::process::Signal::TERM);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    line.clear();
    std::io::BufRead::read_line(&mut stdout, &mut line).unwrap();
    assert_eq!(line, "");
}
