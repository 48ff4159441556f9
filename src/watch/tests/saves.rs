//! Ways to save a file.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::time::{Duration, Instant, SystemTime};

use super::scene::{DEADLINE, Scene, git};
use crate::platform::fs::Stamp;
use crate::watch::debounce::{AFTERMATH, QUIET};
use crate::watch::{Boot, Cause, WatchEvent};

const FILE: &str = "workspace/AGENTS.md";

/// Does something to `AGENTS.md`, twice, and expects one batch with it each time.
#[track_caller]
fn check_save(save: impl Fn(&Scene, &str)) {
    let mut scene = Scene::with(&[FILE]);
    for content in ["one", "two and longer"] {
        save(&scene, content);
        assert_eq!(scene.expect(&[FILE]), 1, "{content}");
    }
}

/// Does something to `AGENTS.md`, whose content is known, and expects nothing.
#[track_caller]
fn check_no_save(action: impl Fn(&Scene)) {
    let mut scene = Scene::with(&[FILE]);
    scene.write(FILE, "new");
    scene.expect(&[FILE]);
    action(&scene);
    scene.expect_nothing();
}

#[test]
fn a_plain_write() {
    check_save(|scene, content| scene.write(FILE, content));
}

#[test]
fn a_rename_over_it() {
    check_save(|scene, content| {
        scene.write("workspace/.AGENTS.md.k3Jx", content);
        scene.rename("workspace/.AGENTS.md.k3Jx", FILE);
    });
}

#[test]
fn vim_with_a_backup() {
    check_save(|scene, content| {
        scene.write("workspace/.AGENTS.md.swp", "swap");
        scene.write("workspace/4913", "");
        fs::remove_file(scene.path("workspace/4913")).unwrap();
        scene.rename(FILE, "workspace/AGENTS.md~");
        scene.write(FILE, content);
        fs::remove_file(scene.path("workspace/AGENTS.md~")).unwrap();
        fs::remove_file(scene.path("workspace/.AGENTS.md.swp")).unwrap();
    });
}

#[test]
fn removal_and_a_new_file() {
    check_save(|scene, content| {
        fs::remove_file(scene.path(FILE)).unwrap();
        scene.write(FILE, content);
    });
}

#[test]
fn a_writer_that_keeps_the_file_open() {
    let mut scene = Scene::with(&[FILE]);
    let mut file = OpenOptions::new().append(true).open(scene.path(FILE)).unwrap();
    file.write_all(b"more").unwrap();
    let batch = scene.batch();
    assert_eq!(batch.changes[0].path, scene.path(FILE));
    drop(file);
    scene.expect_nothing();
}

#[test]
fn a_single_save_is_reported_within_milliseconds() {
    let mut scene = Scene::with(&[FILE]);
    let best = (0..10)
        .map(|round| {
            // Far enough from the batch before.
            let quiet = Instant::now() + AFTERMATH;
            while Instant::now() < quiet {
                std::thread::yield_now();
            }
            let path = format!("workspace/{round}");
            scene.write(&path, "new");
            let saved = Instant::now();
            scene.expect_cause(&path, Cause::Workspace);
            saved.elapsed()
        })
        .min();
    assert!(best < Some(Duration::from_millis(20)), "{best:?}");
}

#[test]
fn touch() {
    check_no_save(|scene| {
        let file = OpenOptions::new().append(true).open(scene.path(FILE)).unwrap();
        file.set_modified(SystemTime::now()).unwrap();
    });
}

#[test]
fn the_same_content() {
    check_no_save(|scene| {
        scene.write(FILE, "new");
        scene.write("workspace/.AGENTS.md.k3Jx", "new");
        scene.rename("workspace/.AGENTS.md.k3Jx", FILE);
    });
}

#[test]
fn a_removal_that_is_taken_back_at_once() {
    check_no_save(|scene| {
        scene.rename(FILE, "workspace/AGENTS.md~");
        scene.rename("workspace/AGENTS.md~", FILE);
    });
}

#[cfg(unix)]
#[test]
fn permissions() {
    use std::os::unix::fs::PermissionsExt;
    check_no_save(|scene| {
        fs::set_permissions(scene.path(FILE), fs::Permissions::from_mode(0o600)).unwrap();
    });
}

#[test]
fn editor_droppings_and_version_control() {
    check_no_save(|scene| {
        for name in ["4913", ".AGENTS.md.swp", "AGENTS.md~", ".#AGENTS.md", "#AGENTS.md#", ".git/index"] {
            scene.write(&format!("workspace/{name}"), "x");
        }
        for _ in 0..20 {
            scene.write("workspace/.git/index.lock", "x");
            scene.rename("workspace/.git/index.lock", "workspace/.git/index");
        }
    });
}

#[test]
fn a_temporary_file_that_comes_and_goes() {
    check_no_save(|scene| {
        scene.write("workspace/sedA8sk3", "x");
        fs::remove_file(scene.path("workspace/sedA8sk3")).unwrap();
    });
}

#[test]
fn a_file_that_was_read_ahead_is_compared_by_content() {
    let mut scene = Scene::with(&[FILE]);
    let deadline = Instant::now() + DEADLINE;
    // Until it is read ahead, the same content with another time counts as a change, once.
    for round in 0.. {
        assert!(Instant::now() < deadline, "never read ahead");
        let name = format!("workspace/{round}");
        scene.stop();
        scene.write(&name, "content");
        scene.start();
        let quiet = Instant::now() + Duration::from_millis(100 * round);
        while Instant::now() < quiet {
            std::thread::yield_now();
        }
        scene.write(&name, "content");
        scene.write("state/clawdbot.json", &format!("{{round: {round}}}"));
        let batch = scene.batch();
        if batch.changes.iter().all(|change| change.cause == Cause::Config) {
            return;
        }
    }
}

#[test]
fn a_burst_of_100_writes() {
    let mut scene = Scene::with(&[FILE]);
    let started = Instant::now();
    for round in 0..100 {
        scene.write(FILE, &round.to_string());
        scene.write("workspace/other", &round.to_string());
    }
    let pieces = started.elapsed().as_millis() as usize / 250;
    let batches = scene.expect(&[FILE, "workspace/other"]);
    assert!(batches <= 2 + pieces, "{batches} batches");
}

/// Files of the burst changed while a generation booted, so they might be that generation's own.
#[test]
fn a_burst_that_began_during_a_boot_is_one_batch() {
    let mut scene = Scene::with(&[FILE]);
    scene.handle().note_boot(Boot::Started);
    let began = Instant::now();
    let (mut booting, mut last, mut pauses) = (true, began, 0);
    while began.elapsed() < Duration::from_millis(250) {
        let content = format!("{:?}", began.elapsed());
        if booting {
            scene.write(FILE, &content);
            scene.write("workspace/other", &content);
        } else {
            scene.write("workspace/later", &content);
        }
        // Where the machine stood still, the burst came to an end.
        pauses += usize::from(last.elapsed() > QUIET / 2);
        last = Instant::now();
        if booting && began.elapsed() > Duration::from_millis(50) {
            scene.handle().note_boot(Boot::Ended);
            booting = false;
        }
    }
    let batches = scene.expect(&[FILE, "workspace/other", "workspace/later"]);
    assert!(batches <= 1 + pauses, "{batches} batches, {pauses} pauses");
}

#[test]
fn a_branch_switch_of_1000_files() {
    let mut scene = Scene::new();
    let workspace = scene.path("workspace");
    for index in 0..1000 {
        scene.write(&format!("workspace/{}/{index}.md", index % 10), "main");
    }
    git(&workspace, &["init", "-q", "-b", "main"]);
    git(&workspace, &["add", "-A"]);
    git(&workspace, &["commit", "-qm", "main"]);
    git(&workspace, &["switch", "-qc", "other"]);
    for index in 0..1000 {
        scene.write(&format!("workspace/{}/{index}.md", index % 10), "other");
    }
    git(&workspace, &["commit", "-qam", "other"]);
    scene.start();
    let switched = Instant::now();
    git(&workspace, &["switch", "-q", "main"]);
    // A machine under load takes long; then it is more than one burst.
    let pieces = switched.elapsed().as_millis() / 250;
    let mut stale: BTreeSet<_> =
        (0..1000).map(|index| scene.path(&format!("workspace/{}/{index}.md", index % 10))).collect();
    let mut batches = 0;
    while !stale.is_empty() {
        batches += 1;
        for change in scene.batch().changes.iter().filter(|change| !change.removed) {
            stale.remove(&change.path);
        }
    }
    assert!(batches <= 2 + pieces, "{batches} batches");
}

#[test]
fn nothing_is_lost_while_nobody_reads() {
    let mut scene = Scene::new();
    scene.start_without_waiting(1, Stamp::now());
    let mut expected = BTreeSet::new();
    for index in 0..300 {
        let name = format!("workspace/{index}");
        scene.write(&name, "x");
        expected.insert(scene.path(&name));
    }
    while !expected.is_empty() {
        for change in scene.batch().changes {
            expected.remove(&change.path);
        }
    }
}

#[test]
fn causes() {
    let mut scene = Scene::new();
    fs::create_dir(scene.path("extra")).unwrap();
    scene.spec.extra = vec![scene.path("extra"), scene.path("single.txt")];
    scene.start();
    for (path, cause) in [
        ("state/clawdbot.json", Cause::Config),
        ("state/.env", Cause::Env),
        ("bin/program", Cause::Executable),
        ("workspace/a/b", Cause::Workspace),
        ("extra/a/b", Cause::Extra),
        ("single.txt", Cause::Extra),
    ] {
        scene.write(path, "new");
        scene.expect_cause(path, cause);
    }
}

#[test]
fn dropping_the_handle_ends_the_stream() {
    let mut scene = Scene::with(&[FILE]);
    scene.stop();
    assert!(scene.wait(|event: WatchEvent| matches!(event, WatchEvent::Batch(_)).then_some(())).is_none());
    File::open(scene.path(FILE)).unwrap();
}
