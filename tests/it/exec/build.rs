//! What runs before a command is started, and which edits count.

use std::fs;

use super::child::{Scene, version};
use crate::support::edits::Save;
use crate::support::process;
use crate::support::wait::{self, PATIENCE};

/// A server on what a build makes of a source, and the builds of one scene.
fn built(scene: &Scene) -> String {
    scene.home.write("out/version", "none");
    let (source, target) = (scene.file.display(), scene.home.path().join("out/version"));
    format!("sh -c 'echo building; ! grep -q wrong {source} && cp {source} {}'", target.display())
}

#[test]
fn what_runs_goes_on_until_the_build_succeeds() {
    let scene = Scene::new();
    let build = built(&scene);
    let target = scene.home.path().join("out/version");
    let harness = scene.server("{port}").arg("--build").arg(build);
    let harness = harness.env(super::child::VERSION_FILE, target.display().to_string()).start().armed();
    assert_eq!(version(&harness), "one", "it is built before the first start too");
    let running = harness.wait_from(0, "ready", |event| event.is("ready")).pid();

    let mark = harness.mark();
    Save::Plain.write(&scene.file, "wrong");
    let kept = harness.kept(mark);
    assert_eq!(kept.message(), "the build failed: exit code 1");
    assert_eq!(kept.pid(), running);
    assert_eq!(version(&harness), "one");
    assert!(harness.stderr().contains("building\n"), "what a build says is shown");

    let mark = harness.mark();
    Save::Plain.write(&scene.file, "two");
    harness.wait_from(mark, "built", |event| event.is("built"));
    harness.reloaded(mark);
    assert_eq!(version(&harness), "two");
}

#[test]
fn an_edit_during_a_build_is_built_too_and_a_stop_ends_it() {
    let scene = Scene::new();
    let (begun, go) = (scene.home.path().join("begun"), scene.home.path().join("go"));
    let build =
        format!("sh -c 'touch {}; while ! test -e {}; do sleep 0.01; done'", begun.display(), go.display());
    let harness = scene.server("{port}").arg("--build").arg(build).spawn().armed();
    wait::until("the build runs", PATIENCE, || begun.exists().then_some(()));
    Save::Plain.write(&scene.file, "two");
    fs::write(&go, "").unwrap();
    harness.wait_from(0, "ready", |event| event.is("ready"));
    assert_eq!(version(&harness), "two");

    fs::remove_file(&go).unwrap();
    fs::remove_file(&begun).unwrap();
    Save::Plain.write(&scene.file, "three");
    wait::until("the build runs again", PATIENCE, || begun.exists().then_some(()));
    let seen = harness.processes();
    assert_eq!(harness.stop().code(), Some(0));
    assert!(seen.iter().all(|process| !process::runs(process)), "{seen:#?}");
}

#[test]
fn a_build_that_does_not_exist_is_told_and_can_be_mended() {
    let scene = Scene::new();
    let program = scene.home.path().join("compile");
    let harness = scene.server("{port}").arg("--build").arg(program.display().to_string()).spawn().armed();
    assert!(harness.kept(0).message().starts_with("the build failed: command not found: "));
    fs::write(&program, "#!/bin/sh\n").unwrap();
    fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    Save::Plain.write(&scene.file, "two");
    harness.wait_from(0, "ready", |event| event.is("ready"));
}

#[test]
fn only_files_of_the_wanted_kind_count() {
    let scene = Scene::new();
    let harness = scene.command("sleep 1000").arg("--tier=none").arg("--ext=ts,.d.mts").start().armed();
    let mark = harness.mark();
    Save::Plain.write(&scene.file, "two");
    scene.home.write("project/notes.md", "x");
    harness.assert_quiet(mark, "neither is of that kind");
    for name in ["project/a.ts", "project/b.d.mts"] {
        let mark = harness.mark();
        scene.home.write(name, "x");
        assert!(harness.reloaded(mark).names(name.trim_start_matches("project/")));
    }
}
