//! `clawdbot-dev.json5`: what a project says about its development.

use super::child::Scene;
use crate::support::edits::Save;
use crate::support::harness;
use crate::support::program::Run;
use crate::support::wait::{self, PATIENCE};

#[test]
fn contributors_type_nothing() {
    let scene = Scene::new();
    scene.home.write("project/.git/HEAD", "");
    scene.home.write(
        "project/clawdbot-dev.json5",
        "{ // Where everything is.\n  exec: 'sh -c \"echo in $(basename $PWD); exec sleep 1000\"', tier: 'none', watch: '.' }",
    );
    scene.home.write("project/deep/er/file", "");
    let start = |directory: &str, more: &[&str]| {
        let script = "cd \"$1\" && shift && exec \"$@\"";
        let mut builder = harness::in_home(&scene.home).through("sh", &["-c", script, "sh", directory]);
        for argument in more {
            builder = builder.arg(*argument);
        }
        builder.start().armed()
    };
    let harness = start("project/deep", &[]);
    let said = |harness: &harness::Harness, text: &str| {
        wait::until(format!("{text} is said"), PATIENCE, || harness.stderr().contains(text).then_some(()));
    };
    said(&harness, "clawdbot-dev.json5: exec, tier, watch");
    said(&harness, "in project\n");
    let mark = harness.mark();
    Save::Plain.write(&scene.file, "two");
    harness.reloaded(mark);
    drop(harness);

    let harness =
        start("project/deep", &["--exec", "sh -c 'echo typed in $(basename $PWD); exec sleep 1000'"]);
    said(&harness, "typed in deep\n");
    drop(harness);
    // Outside of the project nothing of it counts.
    start(".", &[]).health();
}

#[test]
fn mistakes_are_told_with_their_places() {
    let scene = Scene::new();
    scene.home.write("clawdbot-dev.json5", "{\n  exce: 'x',\n  tier: 'fast',\n}\n");
    let finished = Run::new(&scene.home, &["gateway", "--dev", "--port", "0"]).finish().expect_code(78);
    let finished = finished.expect_stderr("clawdbot-dev.json5:2:3: unknown key \"exce\"");
    finished.expect_stderr("clawdbot-dev.json5:3:9: tier: not a tier; use sockets, port, or none");
    scene.home.write("clawdbot-dev.json5", "{ tier: 'none' }");
    Run::new(&scene.home, &["gateway", "--dev", "--port", "0"])
        .finish()
        .expect_code(2)
        .expect_stderr("Use --tier with --exec.");
}
