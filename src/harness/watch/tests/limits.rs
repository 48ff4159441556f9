//! Systems that refuse to watch. The limits belong to the user, so these tests need a namespace of their own:
//! `unshare --user --map-root-user sh -c 'sysctl user.max_inotify_watches=20 && cargo test -- --ignored few_watches'`.

use super::scene::Scene;
use crate::harness::watch::WatchEvent;

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
#[ignore = "needs a namespace with user.max_inotify_watches=20"]
fn few_watches() {
    check_degraded("sudo sysctl fs.inotify.max_user_watches=");
}

#[test]
#[ignore = "needs a namespace with user.max_inotify_instances=0"]
fn no_instances() {
    check_degraded("sudo sysctl fs.inotify.max_user_instances=");
}
