//! A command instead of our gateway in `dev run`, and the published program as such a command.

use std::thread;
use std::time::Duration;

use super::child::{Scene, VERSION_FILE};
use crate::support::edits::Save;
use crate::support::harness;
use crate::support::home::Home;
use crate::support::peer::{Peer, SLOW};
use crate::support::program::{Finished, Run};
use crate::support::wait;
use crate::support::wire::Wire;

fn dev_run(scene: &Scene, exec: &str, script: &str) -> Finished {
    Run::new(&scene.home, &["dev", "run", "--exec", exec, "--", "sh", "-c", script])
        .env(VERSION_FILE, &scene.file)
        .finish()
}

#[test]
fn a_command_stands_for_the_gateway_of_a_run() {
    let scene = Scene::new();
    let program = clawdbot::platform::exe::current().unwrap();
    let server = format!("'{}' exec::child::serve --exact --skip {{port}}", program.display());
    let script =
        "echo \"$CLAWDBOT_GATEWAY_URL $CLAWDBOT_GATEWAY_PORT ${CLAWDBOT_GATEWAY_TOKEN:+token}\"; exit 42";
    let finished = dev_run(&scene, &server, script).expect_code(42);
    let words: Vec<&str> = finished.stdout.split_whitespace().collect();
    let [url, port, "token"] = words[..] else { panic!("{finished:?}") };
    assert_eq!(url, format!("ws://127.0.0.1:{port}"));
}

#[test]
fn a_run_ends_when_its_command_does_not_start() {
    let scene = Scene::new();
    dev_run(&scene, "no-such-server {port}", "true")
        .expect_code(127)
        .expect_stderr("the gateway did not start: command not found: no-such-server");
    dev_run(&scene, "sh -c 'echo woe {port}; exit 3'", "true")
        .expect_code(125)
        .expect_stderr("the gateway did not start: exit code 3");
    dev_run(&scene, "true", "true").expect_code(125).expect_stderr("the command is no server");
}

#[test]
fn the_published_gateway_is_swapped_without_a_connection_refused_or_reset() {
    let Some(peer) = Peer::find() else { return };
    let home = Home::new();
    let file = home.write("project/file", "one");
    let command = format!("'{}' gateway --port {{port}}", peer.program().display());
    let harness = harness::in_home(&home)
        .arg("--exec")
        .arg(command)
        .arg("--ready=hello")
        .arg("--ready-timeout=200s")
        .arg("--watch")
        .arg(file.parent().unwrap().display().to_string())
        .env("CLAWDBOT_DISABLE_BONJOUR", "1")
        .env("CLAWDBOT_SKIP_BROWSER_CONTROL_SERVER", "1")
        .spawn();
    let ready = harness.try_wait(0, SLOW, |event| event.is("ready"));
    assert_eq!(ready.unwrap_or_else(|error| panic!("{error}\n{}", harness.stderr())).value["tier"], "port");
    let address = harness.address();
    let mark = harness.mark();
    Save::Plain.write(&file, "two");
    let answers: Vec<Result<(), String>> = thread::scope(|scope| {
        let mut clients = Vec::new();
        while !harness.since(mark).iter().any(|event| event.is("reloaded")) {
            clients.push(
                scope.spawn(move || Wire::open(address).and_then(|mut wire| wire.challenge()).map(drop)),
            );
            wait::pass(Duration::from_millis(10));
        }
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    });
    let lost: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().err()).collect();
    assert!(lost.is_empty(), "{} of {}: {:?}", lost.len(), answers.len(), lost.first());
    assert_eq!(harness.stop().code(), Some(0));
}
