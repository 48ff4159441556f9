//! Removals of real directories.

use std::fs;
use std::path::{Path, PathBuf};

use super::*;
use crate::harness::scratch::Scratch;
use crate::harness::seed;
use crate::platform::lock::{Attempt, try_lock};
use crate::profile::EnvMap;

/// What `gateway --dev --reset` wants.
const DEV_RESET: Wanted = Wanted { config: true, records: true, workspaces: true, ..Wanted::NOTHING };

fn request<'a>(scratch: &'a Scratch, env: &'a EnvMap, wanted: Wanted) -> Request<'a> {
    let workspaces = Vec::new();
    let paths = &scratch.paths;
    Request {
        paths,
        env,
        wanted,
        workspaces,
        discard_unsaved: false,
        discard_flag: "--yes",
        harness_lock: None,
    }
}

fn run(scratch: &Scratch, workspace: Option<&Path>, yes: bool) -> Result<Report, RemovalError> {
    let env = EnvMap::default();
    let workspaces = workspace.into_iter().map(Path::to_owned).collect();
    remove(&Request { workspaces, discard_unsaved: yes, ..request(scratch, &env, DEV_RESET) })
}

/// A dev profile beside a default profile, both with everything in them.
fn lived_in() -> Scratch {
    let scratch = Scratch::dev();
    seed(&scratch.paths, &scratch.paths.default_workspace).unwrap();
    for state in [".clawdbot-dev", ".clawdbot"] {
        scratch.file(&format!("{state}/clawdbot.json"), "{}");
        scratch.file(&format!("{state}/credentials/oauth.json"), "{}");
        scratch.file(&format!("{state}/agents/dev/sessions/one.jsonl"), "");
        scratch.file(&format!("{state}/agents/main/sessions/two.jsonl"), "");
        scratch.file(&format!("{state}/agents/main/agent/models.json"), "{}");
        scratch.file(&format!("{state}/identity/device.json"), "{}");
        scratch.file(&format!("{state}/logs/gateway.log"), "");
        scratch.file(&format!("{state}/.env"), "");
    }
    scratch.file("clawd/SOUL.md", "production");
    scratch.file("clawd-dev/memory/today.md", "x");
    scratch
}

#[track_caller]
fn refused(scratch: &Scratch, workspace: Option<&Path>, beginning: &str) {
    // The locks are made by looking, and are not part of what is at stake.
    for lock in [&scratch.paths.harness_lock, &scratch.paths.gateway_lock] {
        if lock.parent().unwrap().is_dir() && !lock.exists() {
            fs::write(lock, "").unwrap();
        }
    }
    let before = scratch.snapshot();
    let text = run(scratch, workspace, false).unwrap_err().to_string();
    assert!(text.starts_with(beginning) && text.ends_with("Nothing was removed"), "{text}");
    assert_eq!(scratch.snapshot(), before);
}

#[test]
fn exactly_four_kinds_of_things_go() {
    let scratch = lived_in();
    let before = scratch.snapshot();
    let report = run(&scratch, None, false).unwrap();
    let state = &scratch.paths.state_dir;
    let expected = [
        (Part::Config, state.join("clawdbot.json")),
        (Part::Credentials, state.join("credentials")),
        (Part::Sessions("dev".to_owned()), state.join("agents/dev/sessions")),
        (Part::Sessions("main".to_owned()), state.join("agents/main/sessions")),
        (Part::Workspace, scratch.home().join("clawd-dev")),
    ]
    .map(|(part, path)| Removal { part, path });
    assert_eq!(report, Report { removed: expected.to_vec(), to_trash: false });

    let gone = |path: &PathBuf| expected.iter().any(|removal| path.starts_with(&removal.path));
    let locks = [&scratch.paths.harness_lock, &scratch.paths.gateway_lock];
    let expected: Vec<_> = before.into_iter().filter(|(path, _)| !gone(path)).collect();
    let after: Vec<_> = scratch.snapshot().into_iter().filter(|(path, _)| !locks.contains(&path)).collect();
    assert_eq!(after, expected);

    assert_eq!(run(&scratch, None, false).unwrap().removed, []);
}

#[test]
fn nothing_there_is_nothing_to_do() {
    let scratch = Scratch::dev();
    assert_eq!(run(&scratch, None, false).unwrap().removed, []);
    assert_eq!(scratch.snapshot(), []);
}

#[test]
fn the_configured_workspace_goes_and_the_other_stays() {
    let scratch = lived_in();
    let mine = scratch.file("agents/mine/AGENTS.md", "x").parent().unwrap().to_owned();
    run(&scratch, Some(&mine), false).unwrap();
    assert!(!mine.exists() && scratch.paths.default_workspace.exists());
}

#[test]
fn hostile_workspaces_are_refused() {
    let scratch = lived_in();
    let home = scratch.home().to_owned();
    refused(&scratch, Some(&home), "dev workspace ~ overlaps with ~/.clawdbot of the default profile.");
    refused(&scratch, Some(Path::new("/")), "dev workspace / overlaps with ");
    refused(
        &scratch,
        Some(&home.join("clawd")),
        "dev workspace ~/clawd overlaps with ~/clawd of the default",
    );
    refused(
        &scratch,
        Some(&home.join(".clawdbot-dev")),
        "~/.clawdbot-dev is not removed, because it contains",
    );
    scratch.file("Documents/taxes.txt", "x");
    refused(&scratch, Some(&home.join("Documents")), "~/Documents is not removed, because it does not look");
    let file = scratch.file("clawd-file", "x");
    refused(&scratch, Some(&file), "~/clawd-file is not removed, because it is not a directory");
}

#[cfg(unix)]
#[test]
fn links_are_refused_and_links_inside_are_not_followed() {
    let scratch = lived_in();
    scratch.file("elsewhere/SOUL.md", "precious");
    scratch.link("clawd-linked", "elsewhere");
    let linked = scratch.home().join("clawd-linked");
    refused(
        &scratch,
        Some(&linked),
        "~/clawd-linked is a symbolic link to ~/elsewhere, which is not followed",
    );

    scratch.file("elsewhere/sessions/one.jsonl", "precious");
    scratch.link(".clawdbot-dev/agents/other", "../../elsewhere");
    refused(
        &scratch,
        None,
        "~/.clawdbot-dev/agents/other/sessions is a symbolic link to ~/elsewhere/sessions, which",
    );
    fs::remove_file(scratch.home().join(".clawdbot-dev/agents/other")).unwrap();

    scratch.link("clawd-dev/shortcut", "../elsewhere");
    run(&scratch, None, false).unwrap();
    assert_eq!(fs::read_to_string(scratch.home().join("elsewhere/SOUL.md")).unwrap(), "precious");
    assert!(!scratch.paths.default_workspace.exists());
}

#[cfg(unix)]
#[test]
fn a_state_directory_that_is_the_default_one_is_not_even_locked() {
    let scratch = Scratch::dev();
    scratch.file(".clawdbot/clawdbot.json", "{}");
    scratch.link(".clawdbot-dev", ".clawdbot");
    let before = scratch.snapshot();
    let text = run(&scratch, None, true).unwrap_err().to_string();
    assert!(text.starts_with("dev state directory ~/.clawdbot-dev leads to ~/.clawdbot,"), "{text}");
    assert_eq!(scratch.snapshot(), before);
}

#[test]
fn unsaved_work_is_refused_without_yes() {
    let scratch = lived_in();
    // A checkout that git cannot judge counts as unsaved, also where git is not installed.
    scratch.file("clawd-dev/.git", "gitdir: nowhere");
    refused(
        &scratch,
        None,
        "~/clawd-dev is not removed, because ~/clawd-dev has unknown changes (git could not",
    );
    run(&scratch, None, true).unwrap();
    assert!(!scratch.paths.default_workspace.exists());
}

#[test]
fn a_profile_in_use_is_left_alone() {
    let scratch = lived_in();
    let hold = |path: &Path, text: &str| {
        let Attempt::Held(mut lock) = try_lock(path).unwrap() else { panic!("busy") };
        lock.write(text).unwrap();
        lock
    };
    let harness = hold(&scratch.paths.harness_lock, "pid 7\n");
    refused(&scratch, None, "A harness runs on this profile (pid 7). Stop it first.");
    let gateway = hold(&scratch.paths.gateway_lock, "");
    let env = EnvMap::default();
    let request = Request { harness_lock: Some(&harness), ..request(&scratch, &env, DEV_RESET) };
    assert!(matches!(remove(&request), Err(RemovalError::Busy { holder: "gateway", .. })));
    drop(gateway);
    assert_eq!(remove(&request).unwrap().removed.len(), 5);
}

#[test]
fn the_default_profile_goes_as_a_whole_when_it_is_meant() {
    let scratch = Scratch::default_profile();
    scratch.file(".clawdbot/clawdbot.json", "{}");
    scratch.file(".clawdbot/agents/main/sessions/one.jsonl", "");
    scratch.file("clawd/SOUL.md", "x");
    scratch.file("clawd-dev/SOUL.md", "another profile's");
    let env = EnvMap::default();
    let everything = Wanted { state: true, workspaces: true, ..Wanted::NOTHING };
    let request = request(&scratch, &env, everything);
    let before = scratch.snapshot();
    let announced = preview(&request).unwrap();
    assert_eq!(scratch.snapshot(), before, "a preview changes nothing");
    let paths: Vec<_> = announced.iter().map(|removal| removal.path.clone()).collect();
    assert_eq!(paths, [scratch.home().join(".clawdbot"), scratch.home().join("clawd")]);
    assert_eq!(remove(&request).unwrap().removed, announced);
    assert!(!scratch.home().join(".clawdbot").exists() && !scratch.home().join("clawd").exists());
    assert!(scratch.home().join("clawd-dev/SOUL.md").exists());
    assert_eq!(remove(&request).unwrap().removed, []);
}
