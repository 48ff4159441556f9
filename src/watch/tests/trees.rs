//! Trees: what counts in them, how they grow, and what lies in wait.

use std::collections::BTreeSet;
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use super::scene::{Scene, run, wait_for_tick};
use crate::platform::fs::Stamp;
use crate::watch::sort::TOGETHER;
use crate::watch::{Boot, WatchEvent};

#[test]
fn directories_that_appear_and_are_filled_at_once() {
    let mut scene = Scene::with(&[]);
    for round in 0..100 {
        let path = format!("workspace/{round}/a/b/c/file");
        scene.write(&path, "x");
        let path = scene.path(&path);
        scene
            .wait(|event| match event {
                WatchEvent::Batch(batch) => {
                    batch.changes.iter().any(|change| change.path == path).then_some(())
                }
                _ => None,
            })
            .unwrap();
    }
}

#[test]
fn directories_that_are_renamed() {
    let mut scene = Scene::with(&["workspace/a/deep/file", "workspace/other"]);
    scene.rename("workspace/a", "workspace/b");
    scene.expect(&["-workspace/a", "workspace/b/deep/file"]);
    scene.write("workspace/b/deep/file", "new");
    scene.expect(&["workspace/b/deep/file"]);
    scene.rename("workspace/b", "outside");
    scene.expect(&["-workspace/b"]);
    scene.write("outside/deep/file", "nobody cares");
    scene.expect_nothing();
    scene.rename("outside", "workspace/a");
    scene.expect(&["workspace/a/deep/file"]);
}

#[test]
fn a_directory_that_is_renamed_and_back_at_once() {
    let mut scene = Scene::with(&["workspace/a/deep/file"]);
    scene.write("workspace/a/deep/file", "known");
    scene.expect(&["workspace/a/deep/file"]);
    scene.rename("workspace/a", "outside");
    scene.rename("outside", "workspace/a");
    scene.expect_nothing();
    scene.write("workspace/a/deep/file", "new");
    scene.expect(&["workspace/a/deep/file"]);
}

#[test]
fn an_empty_directory_is_nothing() {
    let mut scene = Scene::with(&[]);
    fs::create_dir_all(scene.path("workspace/a/b")).unwrap();
    fs::remove_dir_all(scene.path("workspace/a")).unwrap();
    scene.expect_nothing();
}

#[test]
fn ignored_files() {
    let mut scene = Scene::new();
    scene.write("workspace/.gitignore", "*.log\n/dist/\n!keep.log\n");
    scene.write("workspace/sub/.gitignore", "secret\n");
    scene.write("workspace/dist/deep/bundle.js", "old");
    scene.spec.ignore = vec!["*.csv".to_owned()];
    scene.start();
    for path in [
        "a.log",
        "sub/b.log",
        "dist/deep/bundle.js",
        "dist/new/x",
        "sub/secret",
        "data.csv",
        "memory/today.md",
    ] {
        scene.write(&format!("workspace/{path}"), "new");
    }
    for path in ["logs/gateway.log", "clawdbot.json.bak", "sessions/a.jsonl", "gateway.lock"] {
        scene.write(&format!("state/{path}"), "new");
    }
    scene.expect_nothing();
    scene.write("workspace/keep.log", "new");
    scene.write("workspace/sub/dist/x", "new");
    scene.expect(&["workspace/keep.log", "workspace/sub/dist/x"]);
}

#[test]
fn rules_that_change() {
    let mut scene = Scene::new();
    scene.write("workspace/.gitignore", "build/\n");
    scene.write("workspace/build/a/file", "old");
    scene.write("workspace/docs/file", "old");
    scene.start();
    scene.write("workspace/build/a/file", "ignored");
    // Long enough ago to have nothing to do with the new rules.
    let written = Stamp::now();
    while Stamp::now().minus(TOGETHER) <= written {
        std::thread::yield_now();
    }
    scene.write("workspace/.gitignore", "docs/\n");
    // Signals are handled in order, so what follows is judged by the new rules.
    scene.expect_nothing();
    scene.write("workspace/docs/file", "ignored");
    scene.expect_nothing();
    scene.write("workspace/build/a/file", "new");
    scene.expect(&["workspace/build/a/file"]);
}

#[test]
fn an_edit_during_the_walk() {
    let mut scene = Scene::new();
    for index in 0..5000 {
        scene.write(&format!("workspace/{}/{index}", index % 100), "old");
    }
    wait_for_tick();
    scene.start_without_waiting(16, Stamp::now());
    scene.write("workspace/99/4999", "new");
    scene.write("state/clawdbot.json", "{a: 1}");
    scene.expect(&["workspace/99/4999", "state/clawdbot.json"]);
}

#[test]
fn everything_is_compared_after_lost_events() {
    let mut scene = Scene::with(&["workspace/a/one", "workspace/a/two"]);
    for content in 0..300 {
        scene.write("workspace/a/one", &content.to_string());
    }
    scene.handle().rescan();
    scene.write("workspace/b/three", "new");
    fs::remove_file(scene.path("workspace/a/two")).unwrap();
    let mut missing: BTreeSet<_> =
        ["workspace/a/one", "workspace/b/three"].map(|path| scene.path(path)).into();
    let mut removed = false;
    while !missing.is_empty() || !removed {
        for change in scene.batch().changes {
            missing.remove(&change.path);
            removed |= change.removed;
        }
    }
}

/// What is still to be walked when other files are to be followed was not known before, whenever it was written.
#[test]
fn an_update_in_the_middle_of_a_walk_hides_nothing() {
    let mut scene = Scene::with(&[]);
    for pause in 0..12 {
        let names: Vec<String> = (0..150).map(|index| format!("{pause}/{index}/file")).collect();
        for name in &names {
            scene.write(&format!("aside/{name}"), "new");
        }
        wait_for_tick();
        let arrived = Instant::now();
        fs::rename(scene.path(&format!("aside/{pause}")), scene.path(&format!("workspace/{pause}"))).unwrap();
        while arrived.elapsed() < Duration::from_millis(pause) {
            thread::yield_now();
        }
        scene.handle().update(scene.update());
        let names: Vec<String> = names.into_iter().map(|name| format!("workspace/{name}")).collect();
        scene.expect(&names.iter().map(String::as_str).collect::<Vec<_>>());
    }
}

#[test]
fn a_file_that_every_generation_writes_is_named_and_ignored() {
    let mut scene = Scene::with(&[]);
    let boot = |scene: &Scene, content: &str| {
        scene.handle().note_boot(Boot::Started);
        scene.write("workspace/pid", content);
    };
    boot(&scene, "1");
    scene.expect_nothing();
    scene.handle().note_boot(Boot::Ended);
    assert_eq!(scene.batch().changes[0].path, scene.path("workspace/pid"), "once, when the boot is over");
    boot(&scene, "2");
    let named = scene.wait(|event| match event {
        WatchEvent::Quarantined { path } => Some(path),
        WatchEvent::Batch(batch) => panic!("reported again: {batch:?}"),
        _ => None,
    });
    assert_eq!(named, Some(scene.path("workspace/pid")));
    scene.handle().note_boot(Boot::Ended);
    scene.expect_nothing();
    scene.write("workspace/pid", "by hand");
    scene.expect(&["workspace/pid"]);
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn loops_pipes_dead_links_and_closed_doors() {
        let mut scene = Scene::new();
        scene.write("workspace/a/file", "old");
        scene.write("workspace/closed/file", "old");
        symlink("..", scene.path("workspace/a/up")).unwrap();
        symlink("../..", scene.path("workspace/a/out")).unwrap();
        symlink("loop", scene.path("workspace/loop")).unwrap();
        symlink("nowhere", scene.path("workspace/dead")).unwrap();
        run(&scene.path("workspace"), "mkfifo", &["pipe", "a/.gitignore"]);
        fs::set_permissions(scene.path("workspace/closed"), fs::Permissions::from_mode(0o000)).unwrap();
        scene.start();
        scene.write("workspace/a/file", "new");
        assert_eq!(scene.expect(&["workspace/a/file"]), 1, "visited once");
        run(&scene.path("workspace"), "mkfifo", &["late"]);
        scene.write("workspace/nowhere", "now here");
        scene.expect(&["workspace/dead", "workspace/nowhere"]);
        fs::set_permissions(scene.path("workspace/closed"), fs::Permissions::from_mode(0o700)).unwrap();
        scene.write("workspace/closed/file", "new");
        scene.wait(|event| match event {
            WatchEvent::Batch(batch) => {
                batch.changes.iter().any(|it| it.path.ends_with("closed/file")).then_some(())
            }
            _ => None,
        });
    }

    /// The whole process stands still while more happens than the kernel keeps (16,384 events).
    #[test]
    fn more_events_than_the_kernel_keeps() {
        let mut scene = Scene::with(&["workspace/last", "workspace/many/first"]);
        let script = "kill -STOP $PPID; trap 'kill -CONT $PPID' EXIT; i=0; \
                      while [ $i -lt 9000 ]; do : > many/f$i; i=$((i+1)); done; echo new > last";
        run(&scene.path("workspace"), "sh", &["-c", script]);
        let mut missing: BTreeSet<_> =
            (0..9000).map(|index| scene.path(&format!("workspace/many/f{index}"))).collect();
        missing.insert(scene.path("workspace/last"));
        while !missing.is_empty() {
            for change in scene.batch().changes {
                missing.remove(&change.path);
            }
        }
        scene.write("workspace/many/f8999", "newer");
        scene.expect(&["workspace/many/f8999"]);
    }

    #[test]
    fn a_linked_directory_is_part_of_the_tree() {
        let mut scene = Scene::new();
        scene.write("library/sub/file", "old");
        symlink("../library", scene.path("workspace/vendor")).unwrap();
        symlink("../library", scene.path("workspace/vendored-again")).unwrap();
        scene.start();
        scene.write("library/sub/file", "new");
        let batch = scene.batch();
        assert_eq!(batch.changes.len(), 1, "{batch:?}");
        assert!(batch.changes[0].path.ends_with("sub/file"));
    }

    #[test]
    fn a_config_that_becomes_unreadable_and_readable() {
        let mut scene = Scene::with(&[]);
        let config = scene.path("state/clawdbot.json");
        fs::set_permissions(&config, fs::Permissions::from_mode(0o000)).unwrap();
        scene.expect_nothing();
        fs::set_permissions(&config, fs::Permissions::from_mode(0o600)).unwrap();
        scene.expect_nothing();
        scene.write("state/clawdbot.json", "{a: 1}");
        scene.expect(&["state/clawdbot.json"]);
    }
}
