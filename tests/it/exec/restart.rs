//! Commands that are no servers, and commands that do not run.

use std::fs;

use rustix::process::Signal;

use super::child::Scene;
use crate::support::edits::Save;
use crate::support::harness::Harness;
use crate::support::process;
use crate::support::program::Run;
use crate::support::wait::{self, PATIENCE};

/// Waits for a line of the command.
#[track_caller]
fn said(harness: &Harness, line: &str) {
    wait::until(format!("{line:?} is said"), PATIENCE, || {
        harness.stderr().lines().find(|it| *it == line).map(drop)
    });
}

#[test]
fn an_edit_ends_the_command_before_it_starts_again() {
    let scene = Scene::new();
    let script = format!("echo from $(cat {}); exec sleep 1000", scene.file.display());
    let harness = scene.command(&format!("sh -c '{script}'")).arg("--tier").arg("none").start().armed();
    let ready = harness.wait_from(0, "ready", |event| event.is("ready"));
    assert_eq!(ready.value["tier"], "none");
    assert_eq!(ready.value["url"], serde_json::Value::Null);
    said(&harness, "from one");

    let mark = harness.mark();
    Save::Plain.write(&scene.file, "two");
    let reloaded = harness.reloaded(mark);
    said(&harness, "from two");
    assert_ne!(reloaded.pid(), ready.pid());
    assert!(process::one(ready.pid()).is_none(), "one at a time");
    assert_eq!(harness.stop().code(), Some(0));
}

#[test]
fn what_was_done_is_done_again_at_the_next_edit() {
    let scene = Scene::new();
    let harness = scene.command(&format!("sh -c 'echo did $(cat {})'", scene.file.display())).start().armed();
    harness.wait_from(0, "finished", |event| event.is("finished"));
    let mark = harness.mark();
    Save::Plain.write(&scene.file, "two");
    harness.wait_from(mark, "finished", |event| event.is("finished"));
    said(&harness, "did two");
    assert!(!harness.since(0).iter().any(|event| event.is("crashed")));
}

#[test]
fn the_command_is_told_about_the_profile() {
    let scene = Scene::new();
    let script = "echo \"$1|$PORT|$CLAWDBOT_STATE_DIR|$CLAWDBOT_PROFILE|$LISTEN_FDS\"";
    let command = format!("sh -c '{script}' x '{{config}} {{workspace}}'");
    let harness = scene.command(&command).arg("--tier").arg("none").start();
    let home = &scene.home;
    said(
        &harness,
        &format!(
            "{} {}|0|{}|dev|",
            home.config().display(),
            home.workspace().display(),
            home.state().display()
        ),
    );
}

#[test]
fn a_command_that_ignores_its_signal_is_killed() {
    let scene = Scene::new();
    let harness = scene
        .command("sh -c 'trap \"\" TERM; echo up; while :; do sleep 0.1; done'")
        .arg("--tier=none")
        .arg("--stop-timeout=0.2")
        .start()
        .armed();
    said(&harness, "up");
    let mark = harness.mark();
    Save::Plain.write(&scene.file, "two");
    let escalated = harness.wait_from(mark, "escalated", |event| event.is("escalated"));
    assert_eq!(escalated.value["signal"], "SIGKILL");
    harness.reloaded(mark);
    // Before it says so, it does not ignore anything yet.
    wait::until("the next one is up", PATIENCE, || {
        (harness.stderr().lines().filter(|line| *line == "up").count() > 1).then_some(())
    });
    let mut harness = harness;
    harness.signal(Signal::TERM);
    assert_eq!(harness.ended(PATIENCE).code(), Some(143), "something had to be killed");
}

#[test]
fn the_signal_is_the_one_that_was_asked_for() {
    let scene = Scene::new();
    let script = "trap \"echo asked; exit 0\" USR2; echo up; while :; do sleep 0.05; done";
    let harness = scene
        .command(&format!("sh -c '{script}'"))
        .arg("--tier=none")
        .arg("--signal=SIGUSR2")
        .start()
        .armed();
    said(&harness, "up");
    let mark = harness.mark();
    Save::Plain.write(&scene.file, "two");
    harness.reloaded(mark);
    said(&harness, "asked");
    assert!(!harness.since(mark).iter().any(|event| event.is("escalated")));
}

#[test]
fn a_crash_is_tried_again_with_growing_delay_and_at_once_after_an_edit() {
    let scene = Scene::new();
    let script = format!("grep -q good {} || exit 9; exec sleep 1000", scene.file.display());
    let harness = scene.command(&format!("sh -c '{script}'")).arg("--tier=none").spawn().armed();
    let crashed = harness.wait_from(0, "a longer delay", |event| {
        event.is("crashed") && event.value["retryInMs"].as_f64().is_some_and(|delay| delay > 500.0)
    });
    assert_eq!(crashed.message(), "exit code 9");
    let mark = harness.mark();
    Save::Plain.write(&scene.file, "good");
    harness.wait_from(mark, "serving", |event| event.is("ready") || event.is("reloaded"));
}

#[test]
fn what_cannot_run_ends_with_the_codes_of_shells() {
    let scene = Scene::new();
    let check = |command: &str, code: i32, text: &str| {
        let finished =
            Run::new(&scene.home, &["gateway", "--dev", "--port", "0", "--exec", command]).finish();
        let finished = finished.expect_code(code);
        let said = format!("{}{}", finished.stdout, finished.stderr);
        assert!(said.contains(text), "{said}");
    };
    check("no-such-command now", 127, "the command did not start: command not found: no-such-command");
    check("no-such-command | cat; exit 127", 127, "the command ended: exit code 127");
    let file = scene.file.display().to_string();
    check(&file, 126, "it is not executable (chmod +x)");
    check("/", 126, "it is a directory");
    fs::set_permissions(&scene.file, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    check(&file, 126, "Exec format error");
    check("a 'b", 2, "without a closing one");
    check("x {token}", 78, "no token is configured");
    Run::new(&scene.home, &["gateway", "--dev", "--signal", "INT"])
        .finish()
        .expect_code(2)
        .expect_stderr("Use --signal with --exec.");
    Run::new(&scene.home, &["gateway", "--exec", "true"]).finish().expect_code(2).expect_stderr("--dev");
}

#[test]
fn a_command_that_goes_into_the_background_is_ended_and_told_so() {
    let scene = Scene::new();
    let harness = scene.command("sh -c 'setsid sleep 1000 & echo $!; exit 0'").spawn();
    let crashed = harness.wait_from(0, "crashed", |event| event.is("crashed"));
    assert!(crashed.message().contains("it went into the background"), "{}", crashed.message());
    let sleeper: u32 =
        wait::until("its pid", PATIENCE, || harness.stderr().lines().find_map(|line| line.parse().ok()));
    wait::until("it is gone", PATIENCE, || process::one(sleeper).is_none().then_some(()));
}

#[test]
fn nothing_is_left_of_a_command_when_the_harness_is_killed() {
    let scene = Scene::new();
    let script = "setsid sleep 1000 & sleep 1000 & echo up; wait";
    let mut harness = scene.command(&format!("sh -c '{script}'")).arg("--tier=none").start();
    said(&harness, "up");
    let seen = harness.processes();
    harness.signal(Signal::KILL);
    harness.ended(PATIENCE);
    wait::until("everything is gone", PATIENCE, || {
        seen.iter().all(|process| !process::runs(process)).then_some(())
    });
}
