//! `dev capsule show`, `diff`, and `extract`.

use std::fs;

use serde_json::Value;

use super::opened::capture;
use crate::support::home::Home;
use crate::support::program::{Finished, Run};

fn capsule(home: &Home, arguments: &[&str]) -> Finished {
    Run::new(home, &[&["dev", "capsule"], arguments].concat()).finish()
}

fn with_two() -> Home {
    let home = Home::new();
    home.write(".clawdbot/clawdbot.json", "{ gateway: { mode: 'local' } }\n");
    home.write(".clawdbot/settings/one.json", "{}\n");
    home.write("clawd/AGENTS.md", "# Agents\none\n");
    capture(&home, &["one"]).expect_code(0);
    home.write("clawd/AGENTS.md", "# Agents\ntwo\u{1b}[2J\n");
    fs::remove_file(home.path().join(".clawdbot/settings/one.json")).unwrap();
    home.write(".clawdbot/settings/two.json", "{}\n");
    capture(&home, &["two"]).expect_code(0);
    home
}

#[test]
fn a_capsule_says_what_is_in_it() {
    let home = with_two();
    let shown = capsule(&home, &["show", "one"]).expect_code(0);
    for text in [
        "profile     default, as it was when the capsule was made",
        "started as  clawdbot gateway",
        "home/clawd/AGENTS.md",
    ] {
        assert!(shown.stdout.contains(text), "{text:?} is not in {}", shown.stdout);
    }
    let shown = capsule(&home, &["show", "one", "--json"]).expect_code(0);
    let manifest: Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!((&manifest["format"], &manifest["taken"]), (&1.into(), &"capture".into()));
    assert_eq!(
        capsule(&home, &["show", "one", "home/clawd/AGENTS.md"]).expect_code(0).stdout,
        "# Agents\none\n"
    );
    let missing = capsule(&home, &["show", "one", "home/clawd/AGENT.md"]).expect_code(2);
    assert!(missing.stderr.contains("Did you mean home/clawd/AGENTS.md?"), "{missing:?}");
}

#[test]
fn two_capsules_differ_in_these_files() {
    let home = with_two();
    assert_eq!(capsule(&home, &["diff", "one", "one"]).expect_code(0).stdout, "No difference.\n");
    let diff = capsule(&home, &["diff", "one", "two"]).expect_code(1);
    assert_eq!(
        diff.stdout,
        "removed  home/.clawdbot/settings/one.json (3 bytes)\nadded    home/.clawdbot/settings/two.json (3 bytes)\n\
         --- home/clawd/AGENTS.md\n+++ home/clawd/AGENTS.md\n@@ -1,2 +1,2 @@\n # Agents\n-one\n+two [2J\n"
    );
    let diff = capsule(&home, &["diff", "one", "two", "--json"]).expect_code(1);
    let told: Value = serde_json::from_str(&diff.stdout).unwrap();
    assert_eq!((&told["ok"], told["files"].as_array().unwrap().len()), (&false.into(), 3));
}

#[test]
fn a_capsule_is_unpacked_into_an_empty_place() {
    let home = with_two();
    let done = capsule(&home, &["extract", "one", "out/below"]);
    assert_eq!(done.code(), Some(1), "the parent is not made: {done:?}");
    capsule(&home, &["extract", "one", "out"]).expect_code(0);
    assert_eq!(home.read("out/home/clawd/AGENTS.md"), "# Agents\none\n");
    let manifest: Value = serde_json::from_str(&home.read("out/manifest.json")).unwrap();
    assert_eq!(manifest["stateDir"], ".clawdbot");
    let again = capsule(&home, &["extract", "one", "out"]).expect_code(2);
    assert!(again.stderr.contains("is not empty"), "{again:?}");
}

#[test]
fn what_is_no_capsule_is_refused() {
    let home = with_two();
    let whole = fs::read(home.path().join("one")).unwrap();
    fs::write(home.path().join("cut"), &whole[..whole.len() / 2]).unwrap();
    home.write("text", "hello");
    for (file, problem) in [
        ("cut", "is damaged: it ends"),
        ("text", "is no capsule: it is not compressed with gzip"),
        ("missing", "Failed to read missing"),
        (".clawdbot", "is no capsule: it is no file"),
    ] {
        for command in [&["show", file][..], &["extract", file, "to"], &["diff", file, file]] {
            let refused = capsule(&home, command).expect_code(1);
            assert!(refused.stderr.contains(problem), "{refused:?}");
        }
        assert!(!home.path().join("to").exists());
    }
}
