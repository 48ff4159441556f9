//! `dev run --exec`: a command in place of our gateway around a command, whatever it does, and nothing left of it.

use std::fs;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::child::{Scene, VERSION_FILE};
use crate::support::dice::Dice;
use crate::support::edits::Save;
use crate::support::process;
use crate::support::program::{Finished, MARK, Run, fresh_mark};
use crate::support::wait::{self, PATIENCE};

/// A run in the scene's home, with a temporary directory of its own.
fn dev_run(scene: &Scene, arguments: &[&str]) -> Run {
    Run::new(&scene.home, &[&["dev", "run"], arguments].concat())
        .env(VERSION_FILE, &scene.file)
        .env("TMPDIR", temporary(scene))
}

/// To its end, after which nothing is left.
#[track_caller]
fn finish(scene: &Scene, arguments: &[&str]) -> Finished {
    let mark = fresh_mark();
    let finished = dev_run(scene, arguments).env(MARK, &mark).finish();
    assert_eq!(process::marked(&mark), [], "{finished:?}");
    assert_eq!(fs::read_dir(temporary(scene)).unwrap().count(), 0, "{finished:?}");
    finished
}

fn temporary(scene: &Scene) -> PathBuf {
    let temporary = scene.home.path().join("tmp");
    fs::create_dir_all(&temporary).unwrap();
    temporary
}

/// The server of these tests, which is told its port.
fn server() -> String {
    let program = clawdbot::platform::exe::current().unwrap();
    format!("'{}' exec::child::serve --exact --skip {{port}}", program.display())
}

#[test]
fn a_command_stands_for_the_gateway() {
    let scene = Scene::new();
    let script =
        "echo \"$CLAWDBOT_GATEWAY_URL $CLAWDBOT_GATEWAY_PORT ${CLAWDBOT_GATEWAY_TOKEN:+token}\"; exit 42";
    let finished = finish(&scene, &["--exec", &server(), "--", "sh", "-c", script]).expect_code(42);
    let words: Vec<&str> = finished.stdout.split_whitespace().collect();
    let [url, port, "token"] = words[..] else { panic!("{finished:?}") };
    assert_eq!(url, format!("ws://127.0.0.1:{port}"));
}

#[test]
fn options_of_the_command_mean_what_they_mean_in_dev_mode() {
    let scene = Scene::new();
    let run = |options: &[&str], server: &str| {
        finish(&scene, &[&["--exec", server], options, &["--", "true"]].concat())
    };
    run(&["--tier", "port", "--ready", "connect", "--ready-timeout", "10s"], &server()).expect_code(0);
    // It greets nobody.
    run(&["--ready", "hello", "--ready-timeout", "0.5"], &server())
        .expect_code(125)
        .expect_stderr("✗ the gateway did not start: it was not ready within 500 ms");
    run(&["--tier", "none"], &server()).expect_code(2).expect_stderr("`clawdbot dev run` needs a server");
    finish(&scene, &["--ready", "hello", "--", "true"])
        .expect_code(2)
        .expect_stderr("Use --ready with --exec.");
    // What it is sent at the end is what was asked for.
    let told = scene.home.path().join("told");
    let script = format!(
        "sh -c 'trap \"echo asked > {}; kill $!; exit 0\" USR2; {} & wait; wait'",
        told.display(),
        server().replace('\'', "")
    );
    run(&["--signal", "USR2"], &script).expect_code(0);
    assert_eq!(fs::read_to_string(&told).unwrap(), "asked\n");
}

#[test]
fn a_command_that_never_serves_ends_the_run_with_a_reason() {
    let scene = Scene::new();
    let check = |server: &str, code: i32, text: &str| {
        finish(&scene, &["--exec", server, "--ready-timeout", "0.5", "--", "touch", "ran"])
            .expect_code(code)
            .expect_stderr(&format!("✗ the gateway did not start: {text}"));
    };
    check("no-such-server {port}", 127, "command not found: no-such-server");
    check("/etc/passwd {port}", 126, "command cannot be executed: /etc/passwd");
    check("sh -c 'echo woe {port}; exit 3'", 125, "exit code 3");
    check("sh -c 'exec sleep 1000' {port}", 125, "it was not ready within 500 ms");
    check("sh -c 'trap \"\" TERM; while :; do sleep 0.1; done' {port}", 125, "it was not ready within");
    check("sh -c 'setsid sleep 1000 & exit 0' {port}", 125, "it went into the background");
    check("true", 125, "the command is no server");
    assert!(!scene.home.path().join("ran").exists());
}

#[test]
fn a_command_that_binds_another_port_is_told_so() {
    let scene = Scene::new();
    let port = clawdbot::platform::net::free_port().unwrap().to_string();
    let elsewhere = format!("env PORT={port} {}", server());
    finish(&scene, &["--exec", &elsewhere, "--ready-timeout", "6s", "--", "true"])
        .expect_code(125)
        .expect_stderr("it was not ready within 6000 ms")
        .expect_stderr(&format!("it listens on {port} instead"));
}

#[test]
fn a_build_that_fails_ends_the_run() {
    let scene = Scene::new();
    scene.home.write("clawdbot-dev.json5", "{ build: 'false' }");
    finish(&scene, &["--exec", &server(), "--", "true"])
        .expect_code(125)
        .expect_stderr("✗ the gateway did not start: the build failed: exit code 1");
}

#[test]
fn a_command_that_ignores_its_signal_is_killed_in_time() {
    let scene = Scene::new();
    Save::Plain.write(&scene.file, "stubborn");
    let finished =
        finish(&scene, &["--exec", &server(), "--stop-timeout", "0.3", "--", "sh", "-c", "exit 7"])
            .expect_code(7);
    assert!(finished.took < Duration::from_secs(8), "{finished:?}");
}

#[test]
fn killed_at_any_moment_it_leaves_nothing() {
    let mut dice = Dice(20_261_129);
    for round in 0..40 {
        let scene = Scene::new();
        let mark = fresh_mark();
        let ports = scene.home.path().join("ports");
        let exec = format!("sh -c 'echo {{port}} >> {}; exec \"$0\" \"$@\"' {}", ports.display(), server());
        let script =
            format!("echo $CLAWDBOT_GATEWAY_PORT >> {}; setsid sleep 3600 & sleep 3600", ports.display());
        let mut command = dev_run(&scene, &["--exec", &exec, "--", "sh", "-c", &script]).into_command();
        command.env(MARK, &mark).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        // Most of a run is its start.
        let moment = Duration::from_micros(dice.below(if round % 3 == 0 { 600_000 } else { 120_000 }));
        wait::pass(moment);
        let seen = process::tree(child.id());
        child.kill().unwrap();
        child.wait().unwrap();
        let end = Instant::now() + PATIENCE;
        loop {
            let left = process::marked(&mark).len()
                + seen.iter().filter(|process| process::runs(process)).count()
                + fs::read_dir(temporary(&scene)).unwrap().count();
            if left == 0 {
                break;
            }
            assert!(Instant::now() < end, "{left} left after SIGKILL after {moment:?}");
            wait::pass(Duration::from_millis(5));
        }
        for port in fs::read_to_string(&ports).unwrap_or_default().lines() {
            let port: u16 = port.parse().unwrap();
            assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "somebody listens on {port}");
        }
    }
}
