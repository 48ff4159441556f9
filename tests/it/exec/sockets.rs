//! Commands that take the sockets of the harness and say when they are ready.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::child::{self, Scene, version};
use crate::support::edits::Save;
use crate::support::process;
use crate::support::wait::{self, PATIENCE};

#[test]
fn the_next_one_starts_beside_it_and_no_connection_is_lost() {
    let scene = Scene::new();
    let harness = scene.server("").start().armed();
    let ready = harness.wait_from(0, "ready", |event| event.is("ready"));
    assert_eq!(ready.value["tier"], "sockets", "found out by what it does");
    assert_eq!(version(&harness), "one");

    let address = harness.address();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let clients = scope.spawn(|| {
            let mut answers = Vec::new();
            while !done.load(Ordering::Relaxed) {
                answers.push(child::ask(address));
                wait::pass(Duration::from_millis(1));
            }
            answers
        });
        for text in ["two", "three", "four"] {
            let mark = harness.mark();
            Save::Plain.write(&scene.file, text);
            harness.reloaded(mark);
            wait::until("the new one answers alone", PATIENCE, || (version(&harness) == text).then_some(()));
        }
        done.store(true, Ordering::Relaxed);
        let answers = clients.join().unwrap();
        let lost: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().err()).collect();
        assert!(lost.is_empty(), "{} of {}: {lost:?}", lost.len(), answers.len());
    });
    wait::until("the first one is gone", PATIENCE, || process::one(ready.pid()).is_none().then_some(()));
    assert_eq!(harness.stop().code(), Some(0));
}

#[test]
fn one_that_dies_or_never_gets_ready_leaves_the_last_one_alone() {
    let scene = Scene::new();
    let harness = scene.server("").arg("--ready-timeout=0.5").start().armed();
    let first = child::ask(harness.address()).unwrap();
    let mark = harness.mark();
    Save::Plain.write(&scene.file, "bad");
    assert_eq!(harness.kept(mark).message(), "exit code 3");
    assert_eq!(child::ask(harness.address()).unwrap(), first);

    let mark = harness.mark();
    Save::Plain.write(&scene.file, "mute");
    assert_eq!(harness.kept(mark).message(), "it was not ready within 500 ms");
    assert_eq!(child::ask(harness.address()).unwrap(), first);

    let mark = harness.mark();
    Save::Plain.write(&scene.file, "two");
    harness.reloaded(mark);
    wait::until("the new one answers", PATIENCE, || (version(&harness) == "two").then_some(()));
}

#[test]
fn an_edit_while_one_gets_ready_starts_another_in_its_place() {
    let scene = Scene::new();
    let harness = scene.server("").start().armed();
    let mark = harness.mark();
    Save::Plain.write(&scene.file, "mute");
    harness.wait_from(mark, "reloading", |event| event.is("reloading"));
    Save::Plain.write(&scene.file, "two");
    harness.reloaded(mark);
    wait::until("the last edit counts", PATIENCE, || (version(&harness) == "two").then_some(()));
}

#[test]
fn one_that_takes_the_sockets_without_a_word_gets_them_again() {
    let scene = Scene::new();
    let program = clawdbot::platform::exe::current().unwrap();
    let port = clawdbot::platform::net::free_port().unwrap();
    let script = format!("unset NOTIFY_SOCKET; exec {} exec::child::serve --exact", program.display());
    let harness = scene
        .command(&format!("sh -c '{script}'"))
        .env(child::VERSION_FILE, scene.file.display().to_string())
        .port(port)
        .start()
        .armed();
    let ready = harness.wait_from(0, "ready", |event| event.is("ready"));
    assert_eq!(ready.value["tier"], "none", "nobody can see it");
    let address = ([127, 0, 0, 1], port).into();
    assert_eq!(child::ask(address).unwrap().version, "one");
    let mark = harness.mark();
    Save::Plain.write(&scene.file, "two");
    harness.reloaded(mark);
    assert_eq!(child::ask(address).unwrap().version, "two");
}
