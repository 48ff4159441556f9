//! The dev profile, and everything outside it that dev mode never touches.

use std::fs;
use std::path::PathBuf;

use crate::support::harness;
use crate::support::home::{Home, config_text};
use crate::support::program::Run;
use crate::support::snapshot::Snapshot;

/// Everything of the default profile.
fn production(home: &Home) -> [PathBuf; 2] {
    [home.path().join(".clawdbot"), home.path().join("clawd")]
}

/// Variables that a production gateway's environment would hand down.
fn hostile(home: &Home) -> Vec<(&'static str, String)> {
    let at = |relative: &str| home.path().join(relative).display().to_string();
    vec![
        ("CLAWDBOT_STATE_DIR", at(".clawdbot")),
        ("CLAWDBOT_CONFIG_PATH", at(".clawdbot/clawdbot.json")),
        ("CLAWDBOT_OAUTH_DIR", at(".clawdbot/credentials")),
        ("CLAWDBOT_GATEWAY_PORT", "18789".to_owned()),
        ("CLAWDBOT_GATEWAY_TOKEN", "prod-secret".to_owned()),
    ]
}

#[test]
fn every_dev_command_leaves_production_alone() {
    let commands: [&[&str]; 7] = [
        &["gateway", "--dev", "--port", "0", "--events", "json"],
        &["gateway", "run", "--dev", "--port", "0", "--events", "json"],
        &["--dev", "gateway", "--port", "0", "--events", "json"],
        &["--profile", "dev", "gateway", "--port", "0", "--events", "json"],
        &["gateway", "--dev", "--reset", "--port", "0", "--events", "json"],
        &["--dev", "gateway", "--reset", "--yes", "--port", "0", "--events", "json"],
        &["gateway", "--dev", "--dev", "--port", "0", "--events", "json"],
    ];
    for clean in [true, false] {
        for command in commands {
            let home = Home::with_production();
            let before = Snapshot::of(&production(&home));
            let environment = if clean { Vec::new() } else { hostile(&home) };
            let mut builder = harness::in_home(&home).arguments(command);
            for (name, value) in environment {
                builder = builder.env(name, value);
            }
            let harness = builder.spawn();
            // A command line that is refused touches nothing either.
            if harness.try_wait(0, crate::support::wait::PATIENCE, |event| event.is("ready")).is_ok() {
                let mark = harness.mark();
                home.write("clawd-dev/AGENTS.md", "# Edited\n");
                harness.reloaded(mark);
                assert!(home.config().is_file(), "{command:?}");
            }
            drop(harness);
            before.assert_same(&production(&home), &format!("{command:?}, clean environment: {clean}"));
        }
    }
}

#[test]
fn the_profile_variable_alone_selects_dev_mode() {
    let home = Home::with_production();
    let before = Snapshot::of(&production(&home));
    let harness = harness::in_home(&home)
        .arguments(&["gateway", "--port", "0", "--events", "json"])
        .env("CLAWDBOT_PROFILE", "dev")
        .start();
    assert!(home.config().is_file());
    drop(harness);
    before.assert_same(&production(&home), "CLAWDBOT_PROFILE=dev");
}

#[test]
fn ignored_variables_are_named_in_one_line() {
    let home = Home::with_production();
    let mut builder = harness::in_home(&home);
    for (name, value) in hostile(&home) {
        builder = builder.env(name, value);
    }
    let harness = builder.start();
    let warnings: Vec<String> = harness
        .stderr()
        .lines()
        .filter(|line| line.contains("CLAWDBOT_STATE_DIR"))
        .map(str::to_owned)
        .collect();
    assert_eq!(warnings.len(), 1, "{}", harness.stderr());
    assert!(warnings[0].contains("CLAWDBOT_CONFIG_PATH"), "{warnings:?}");
}

#[test]
fn seeding_is_per_file_and_edits_survive() {
    let home = Home::new();
    drop(harness::in_home(&home).start());
    home.write("clawd-dev/USER.md", "# Me\n");
    fs::remove_file(home.workspace().join("SOUL.md")).unwrap();
    let config = config_text(&home, "Mine", "// by hand");
    fs::write(home.config(), &config).unwrap();
    let identity = home.read("clawd-dev/IDENTITY.md");

    drop(harness::in_home(&home).start());
    assert_eq!(home.read("clawd-dev/USER.md"), "# Me\n");
    assert!(home.workspace().join("SOUL.md").is_file(), "a missing file is seeded again");
    assert_eq!(home.read(".clawdbot-dev/clawdbot.json"), config, "the config is the person's");
    assert_eq!(home.read("clawd-dev/IDENTITY.md"), identity);
}

#[test]
fn nothing_rewrites_the_config() {
    let home = Home::new();
    let harness = harness::in_home(&home).start().armed();
    let text = config_text(&home, "Hand-written", "// A comment that stays.");
    let mark = harness.mark();
    fs::write(home.config(), &text).unwrap();
    harness.reloaded(mark);
    drop(harness);
    drop(harness::in_home(&home).start());
    assert_eq!(home.read(".clawdbot-dev/clawdbot.json"), text);
}

#[test]
fn reset_wipes_the_dev_profile_and_nothing_else() {
    let home = Home::with_production();
    drop(harness::in_home(&home).start());
    home.write(".clawdbot-dev/credentials/x.json", "{}");
    home.write(".clawdbot-dev/agents/dev/sessions/s.jsonl", "{}");
    home.write("clawd-dev/notes.md", "mine");
    home.write("clawd-dev/SOUL.md", "edited");
    fs::write(home.config(), config_text(&home, "Old", "")).unwrap();
    let other = home.write(".clawdbot-other/clawdbot.json", "{}");
    let outside: Vec<PathBuf> = production(&home).into_iter().chain([other]).collect();
    let before = Snapshot::of(&outside);

    drop(harness::in_home(&home).arg("--reset").arg("--yes").start());
    assert!(!home.state().join("credentials/x.json").exists());
    assert!(!home.state().join("agents/dev/sessions/s.jsonl").exists());
    assert!(!home.workspace().join("notes.md").exists());
    assert_ne!(home.read("clawd-dev/SOUL.md"), "edited");
    assert!(!home.read(".clawdbot-dev/clawdbot.json").contains("Old"));
    before.assert_same(&outside, "--reset");
}

#[test]
fn reset_needs_dev_mode() {
    let home = Home::with_production();
    let before = Snapshot::of(&production(&home));
    let finished = Run::new(&home, &["gateway", "--reset"]).finish();
    assert_ne!(finished.code(), Some(0));
    finished.expect_stderr("Use --reset with --dev.");
    before.assert_same(&production(&home), "--reset without --dev");
}

#[cfg(unix)]
#[test]
fn reset_does_not_follow_a_link_out() {
    let home = Home::with_production();
    drop(harness::in_home(&home).start());
    let precious = home.write("precious/file.md", "precious");
    fs::remove_dir_all(home.workspace()).unwrap();
    std::os::unix::fs::symlink(precious.parent().unwrap(), home.workspace()).unwrap();
    let outside =
        [precious.parent().unwrap().to_owned(), home.path().join(".clawdbot"), home.path().join("clawd")];
    let before = Snapshot::of(&outside);
    let finished = Run::new(&home, &["gateway", "--dev", "--reset", "--port", "0"]).finish();
    assert_ne!(finished.code(), Some(0), "{}{}", finished.stdout, finished.stderr);
    before.assert_same(&outside, "--reset with a workspace that is a link");
}

#[test]
fn reset_refuses_workspaces_that_are_not_its_own() {
    let home = Home::with_production();
    drop(harness::in_home(&home).start());
    for workspace in
        [home.path().to_owned(), PathBuf::from("/"), home.path().join("clawd"), home.path().join(".clawdbot")]
    {
        let dangerous = config_text(&home, "Danger", "")
            .replace(&home.workspace().display().to_string(), &workspace.display().to_string());
        fs::write(home.config(), dangerous).unwrap();
        let before = Snapshot::of(&production(&home));
        for more in [&[][..], &["--yes"][..]] {
            let arguments = [&["gateway", "--dev", "--reset", "--port", "0"], more].concat();
            let finished = Run::new(&home, &arguments).finish();
            assert_ne!(finished.code(), Some(0), "{}{}", finished.stdout, finished.stderr);
            before
                .assert_same(&production(&home), &format!("--reset with workspace {}", workspace.display()));
        }
    }
}

#[test]
fn a_second_harness_is_told_who_runs() {
    let home = Home::new();
    let harness = harness::in_home(&home).start();
    let refused = Run::new(&home, &["gateway", "--dev", "--port", "0"]).finish();
    assert_ne!(refused.code(), Some(0));
    let refused = refused.expect_stderr(&harness.pid().to_string());
    refused.expect_stderr(&harness.address().port().to_string());
    let reset = Run::new(&home, &["gateway", "--dev", "--reset", "--yes", "--port", "0"]).finish();
    assert_ne!(reset.code(), Some(0), "a reset while a harness runs");
    assert!(home.workspace().join("AGENTS.md").is_file());
    assert_eq!(harness.health().generation, 1, "the first one is not disturbed");
}

#[cfg(unix)]
#[test]
fn a_killed_harness_leaves_no_lock() {
    let home = Home::new();
    for _ in 0..3 {
        let mut harness = harness::in_home(&home).start();
        harness.signal(rustix::process::Signal::KILL);
        harness.ended(crate::support::wait::PATIENCE);
    }
    drop(harness::in_home(&home).start());
}

#[test]
fn two_profiles_run_side_by_side() {
    let (one, two) = (Home::new(), Home::new());
    let (one, two) = (harness::in_home(&one).start(), harness::in_home(&two).start());
    assert_ne!(one.address(), two.address());
    assert_ne!(one.health().pid, two.health().pid);
}
