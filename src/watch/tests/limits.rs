//! Systems that refuse to watch. The limits belong to the user, so each test runs in a user namespace of its own,
//! started by another one.

use std::process::{Command, Stdio};

use super::scene::Scene;
use crate::watch::WatchEvent;

/// Expects a message with `command`, then that saves are noticed all the same.
#[track_caller]
fn check_degraded(command: &str) {
    let mut scene = Scene::new();
    for index in 0..100 {
        scene.write(&format!("workspace/{index}/file"), "old");
    }
    scene.start();
    let message = scene.wait(|event| match event {
        WatchEvent::Degraded { message, polling: true } => Some(message),
        _ => None,
    });
    assert!(message.as_ref().is_some_and(|message| message.contains(command)), "{message:?}");
    for index in [0, 50, 99] {
        scene.write(&format!("workspace/{index}/file"), "new");
    }
    scene.write("workspace/0/new/file", "new");
    scene.write("state/clawdbot.json", "{a: 1}");
    scene.expect(&[
        "workspace/0/file",
        "workspace/50/file",
        "workspace/99/file",
        "workspace/0/new/file",
        "state/clawdbot.json",
    ]);
}

#[test]
#[ignore = "run by the test below"]
fn few_watches() {
    check_degraded("sudo sysctl fs.inotify.max_user_watches=");
}

#[test]
fn few_watches_in_a_namespace() {
    run_limited("few_watches", "max_inotify_watches", 20);
}

#[test]
#[ignore = "run by the test below"]
fn no_instances() {
    check_degraded("sudo sysctl fs.inotify.max_user_instances=");
}

#[test]
fn no_instances_in_a_namespace() {
    run_limited("no_instances", "max_inotify_instances", 0);
}

/// Runs an ignored test of this module where `limit` is `value`. Where users may not make namespaces, says so
/// instead; on CI that is a failure.
#[track_caller]
#[expect(clippy::disallowed_methods, reason = "the environment and the program of the test itself")]
fn run_limited(test: &str, limit: &str, value: u32) {
    if let Err(refusal) = in_namespace(&["true"]) {
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "no user namespaces: {refusal}");
        eprintln!("{test} was not run, there are no user namespaces: {refusal}");
        return;
    }
    let script = format!("echo {value} > /proc/sys/user/{limit} && exec \"$0\" --ignored --exact \"$1\"");
    let program = std::env::current_exe().unwrap();
    let module = module_path!().split_once("::").unwrap().1;
    let name = format!("{module}::{test}");
    let output = in_namespace(&["sh", "-c", &script, program.to_str().unwrap(), &name]);
    let output = output.unwrap_or_else(|output| panic!("{output}"));
    assert!(output.contains("1 passed"), "no test is called {name}: {output}");
}

/// Runs a command as the root of a user namespace of its own; returns what it said.
fn in_namespace(command: &[&str]) -> Result<String, String> {
    #[expect(clippy::disallowed_methods, reason = "a test that starts itself under other limits")]
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "--"])
        .args(command)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("unshare: {error}"))?;
    let said = [output.stdout, output.stderr].map(|stream| String::from_utf8_lossy(&stream).into_owned());
    if output.status.success() { Ok(said.concat()) } else { Err(said.concat()) }
}
