//! One gateway per state directory: found by its clients, told to a second start, and gone without a trace.

use std::fs;
use std::net::TcpListener;
use std::thread;

use clawdbot::platform::tree::{self, Strange};
use rustix::process::Signal;

use crate::support::foreground::Started;
use crate::support::home::Home;
use crate::support::process;
use crate::support::program::Run;
use crate::support::wait::{self, PATIENCE};

const REFUSED: i32 = 78;
const UNREACHABLE: i32 = 3;

const START: [&str; 4] = ["gateway", "--allow-unconfigured", "--port", "0"];

/// Names of everything below a home, but for log files.
fn names(home: &Home) -> Vec<String> {
    let mut names = Vec::new();
    let mut folders = vec![home.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path.clone());
            }
            names.push(path.strip_prefix(home.path()).unwrap().display().to_string());
        }
    }
    names.retain(|name| !name.contains("gateway.log"));
    names.sort();
    names
}

#[test]
fn a_copy_of_a_state_directory_belongs_to_nobody() {
    let home = Home::new();
    let closed = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    home.write(".clawdbot/clawdbot.json", &format!("{{ gateway: {{ mode: 'local', port: {closed} }} }}"));
    let original = Started::new(&home, &START);
    Run::new(&home, &["gateway", "health"]).finish().expect_code(0);
    let twin = home.path().join("twin");
    fs::create_dir(&twin).unwrap();
    // In use: a file that is being replaced may be gone when its turn comes.
    tree::copy(&home.path().join(".clawdbot"), &twin, Strange::LeftOut).unwrap();

    // Its clients find nobody.
    let run = |arguments: &[&str]| Run::new(&home, arguments).env("CLAWDBOT_STATE_DIR", &twin);
    run(&["gateway", "health"]).finish().expect_code(UNREACHABLE);
    // And the copied lock holds nobody up.
    let mut command = crate::support::program::command(
        crate::support::program::BINARY.as_ref(),
        home.path(),
        &crate::support::program::fresh_mark(),
    );
    command.args(START).env("CLAWDBOT_STATE_DIR", &twin);
    let second = Started::of(command);
    assert_ne!(second.port(), original.port());
    run(&["gateway", "health"]).finish().expect_code(0);
    drop(second);
    Run::new(&home, &["gateway", "health"]).finish().expect_code(0);
}

#[test]
fn a_moved_state_directory_keeps_its_lock() {
    let home = Home::new();
    let original = Started::new(&home, &START);
    let moved = home.path().join("moved");
    fs::rename(home.path().join(".clawdbot"), &moved).unwrap();
    let again = Run::new(&home, &START).env("CLAWDBOT_STATE_DIR", &moved).finish().expect_code(REFUSED);
    again.expect_stderr(&format!("Gateway already running locally (pid {}, ", original.pid()));
}

#[test]
fn a_second_gateway_on_the_same_state_is_refused_whatever_the_environment_says() {
    let home = Home::new();
    let first = Started::new(&home, &START);
    let again =
        Run::new(&home, &START).env("CLAWDBOT_ALLOW_MULTI_GATEWAY", "1").finish().expect_code(REFUSED);
    let again = again.expect_stderr(&format!("Gateway already running locally (pid {}, ", first.pid()));
    again.expect_stderr(
        "CLAWDBOT_ALLOW_MULTI_GATEWAY does not help: two gateways would overwrite each other's state.\n",
    );
}

#[test]
fn profiles_do_not_meet() {
    let home = Home::new();
    let one = Started::new(&home, &START);
    let two = Started::new(&home, &[&["--profile", "two"], &START[..]].concat());
    for (profile, gateway) in [(&[][..], &one), (&["--profile", "two"], &two)] {
        let arguments = [profile, &["gateway", "call", "status", "--json"]].concat();
        Run::new(&home, &arguments).finish().expect_code(0);
        let state = if profile.is_empty() { ".clawdbot" } else { ".clawdbot-two" };
        let file: serde_json::Value =
            serde_json::from_str(&home.read(&format!("{state}/gateway.json"))).unwrap();
        assert_eq!(file["pid"], gateway.pid());
    }
    drop(one);
    Run::new(&home, &["gateway", "health"]).finish().expect_code(UNREACHABLE);
    Run::new(&home, &["--profile", "two", "gateway", "health"]).finish().expect_code(0);
}

/// A thousand starts and ends, one of eight by SIGKILL. Two at a time, because more would measure the machine.
#[test]
fn a_thousand_starts_leave_nothing() {
    const EACH: usize = 500;
    let cycles = || {
        let home = Home::new();
        let mut settled = Vec::new();
        for turn in 0..EACH {
            let mut gateway = Started::new(&home, &START);
            assert!(gateway.lines.last().unwrap().starts_with("✓ log file: "), "{turn}: {:?}", gateway.lines);
            // The last one too.
            let is_killed = turn % 8 == (EACH - 1) % 8;
            process::signal(gateway.pid(), if is_killed { Signal::KILL } else { Signal::TERM });
            let status = gateway.ended();
            assert!(is_killed || status.success(), "{turn}: {status}");
            if turn == 0 {
                settled = names(&home);
            }
        }
        assert_eq!(names(&home), with_runtime_file(settled), "files were left");
        let mark = format!("HOME={}", home.path().display());
        wait::until("no process is left", PATIENCE, || process::marked(&mark).is_empty().then_some(()));
        // And the last one, which was killed, is in nobody's way.
        assert!(Started::new(&home, &START).stop().success());
    };
    thread::scope(|threads| {
        threads.spawn(cycles);
        cycles();
    });
}

/// The last gateway of the cycles is killed, and leaves the file that names it.
fn with_runtime_file(mut names: Vec<String>) -> Vec<String> {
    names.push(".clawdbot/gateway.json".to_owned());
    names.sort();
    names
}
