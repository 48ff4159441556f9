//! `setup`, `reset`, and `uninstall`: what is made, what goes, and what never does.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::foreground::Started;
use crate::support::home::Home;
use crate::support::program::{Finished, Run};
use crate::support::snapshot::Snapshot;

fn run(home: &Home, line: &str) -> Finished {
    Run::new(home, &line.split(' ').collect::<Vec<_>>()).finish()
}

#[test]
fn setup_is_enough_to_start() {
    let home = Home::new();
    let done = run(&home, "setup").expect_code(0);
    assert_eq!(
        done.stdout,
        "Wrote ~/.clawdbot/clawdbot.json\nWorkspace OK: ~/clawd\nSessions OK: ~/.clawdbot/agents/main/sessions\n\
         Start the gateway with: clawdbot gateway\n"
    );
    assert!(home.path().join("clawd").is_dir());
    drop(Started::new(&home, &["gateway", "--port", "0"]));
    let again = run(&home, "setup --workspace ~/agents").expect_code(0);
    assert!(again.stdout.starts_with("Updated ~/.clawdbot/clawdbot.json\nWorkspace OK: ~/agents\n"));
    let third = run(&home, "setup").expect_code(0);
    assert!(third.stdout.starts_with("Config OK: ~/.clawdbot/clawdbot.json\nWorkspace OK: ~/agents\n"));
    let summary: Value = serde_json::from_str(&run(&home, "setup --json").expect_code(0).stdout).unwrap();
    assert_eq!((&summary["changed"], &summary["tokenMade"]), (&json!(false), &json!(false)));
}

#[test]
fn a_reset_removes_as_much_as_its_scope_says() {
    for (scope, gone, stays) in [
        ("config", &[".clawdbot/clawdbot.json"][..], &[".clawdbot/credentials", "clawd"][..]),
        (
            "config+creds+sessions",
            &[".clawdbot/clawdbot.json", ".clawdbot/credentials", ".clawdbot/agents/main/sessions"],
            &[".clawdbot/identity", "clawd"],
        ),
        ("full", &[".clawdbot", "clawd"], &[]),
    ] {
        let home = Home::with_production();
        let before = Snapshot::of(&[home.path()]);
        let dry = run(&home, &format!("reset --scope {scope} --dry-run")).expect_code(0);
        let planned: Vec<_> = gone.iter().map(|path| format!("[dry-run] remove ~/{path}")).collect();
        assert_eq!(dry.stdout.lines().collect::<Vec<_>>(), planned);
        before.assert_same(&[home.path()], "--dry-run");
        let done = run(&home, &format!("reset --scope {scope} --yes --non-interactive")).expect_code(0);
        let mut removed: Vec<_> = gone.iter().map(|path| format!("Removed ~/{path}")).collect();
        if scope != "config" {
            removed.push("Next: clawdbot onboard --install-daemon".to_owned());
        }
        assert_eq!(done.stdout.lines().collect::<Vec<_>>(), removed);
        assert!(gone.iter().all(|path| !home.path().join(path).exists()));
        assert!(stays.iter().all(|path| home.path().join(path).exists()));
        let again = run(&home, &format!("reset --scope {scope} --yes --non-interactive")).expect_code(0);
        assert_eq!(again.stdout, "There is nothing to remove.\n");
    }
}

#[test]
fn scripts_say_what_they_mean() {
    let home = Home::with_production();
    let before = Snapshot::of(&[home.path()]);
    for (line, text) in [
        ("reset", "Non-interactive mode requires --scope.\n"),
        ("reset --scope full", "Non-interactive mode requires --yes.\n"),
        ("reset --scope full --non-interactive", "Non-interactive mode requires --yes.\n"),
        ("uninstall --yes", "Non-interactive mode requires explicit scopes (use --all).\n"),
        ("uninstall --all", "Non-interactive mode requires --yes.\n"),
    ] {
        assert_eq!(run(&home, line).expect_code(2).stderr, text, "{line}");
    }
    run(&home, "reset --scope everything --yes").expect_code(2);
    before.assert_same(&[home.path()], "refusals");
}

#[track_caller]
fn refused(home: &Home, line: &str, why: &str) {
    // The locks are made by looking, and are not part of what is at stake.
    for lock in ["gateway.lock", "harness.lock"] {
        let path = home.path().join(".clawdbot").join(lock);
        if !path.exists() {
            fs::write(path, "").unwrap();
        }
    }
    let before = Snapshot::of(&[home.path()]);
    let done = run(home, line).expect_code(78);
    assert!(
        done.stderr.starts_with(why) && done.stderr.ends_with("Nothing was removed.\n"),
        "{}",
        done.stderr
    );
    before.assert_same(&[home.path()], line);
}

#[test]
fn what_is_not_a_profiles_own_is_left_alone() {
    let home = Home::with_production();
    let workspace = |path: &str| {
        let config = json!({ "agents": { "defaults": { "workspace": path } } });
        home.write(".clawdbot/clawdbot.json", &config.to_string());
    };
    let all = "uninstall --all --yes --non-interactive";
    for (path, why) in [
        ("~", "~ is not removed, because it is your home directory."),
        ("/", "/ is not removed, because it is a file system's root."),
        ("~/.clawdbot", "~/.clawdbot is not removed, because it contains the profile's state directory."),
        ("~/Documents", "~/Documents is not removed, because it does not look like an agent's workspace"),
    ] {
        home.write("Documents/taxes.txt", "x");
        workspace(path);
        refused(&home, all, why);
    }
    workspace("~/clawd");
    home.write("clawd/.git", "gitdir: nowhere");
    refused(&home, all, "~/clawd is not removed, because ~/clawd has unknown changes");
    #[cfg(unix)]
    {
        fs::remove_file(home.path().join("clawd/.git")).unwrap();
        fs::rename(home.path().join("clawd"), home.path().join("real")).unwrap();
        std::os::unix::fs::symlink("real", home.path().join("clawd")).unwrap();
        refused(&home, all, "~/clawd is a symbolic link to ~/real, which is not followed");
    }
    let elsewhere = home.path().join("srv");
    home.write("srv/data.db", "x");
    let done = Run::new(&home, &["uninstall", "--state", "--yes", "--non-interactive"])
        .env("CLAWDBOT_STATE_DIR", &elsewhere)
        .finish()
        .expect_code(78);
    assert!(done.stderr.starts_with("~/srv is not removed, because it does not look like a state directory"));
    assert!(Path::new(&elsewhere).join("data.db").exists());
}

#[test]
fn a_gateway_that_runs_is_not_taken_away() {
    let home = Home::with_production();
    let gateway = Started::new(&home, &["gateway", "--port", "0"]);
    for line in ["reset --scope config --yes --non-interactive", "uninstall --all --yes --non-interactive"] {
        let done = run(&home, line).expect_code(78);
        assert!(done.stderr.starts_with("A gateway runs on this profile"), "{}", done.stderr);
    }
    run(&home, "reset --scope full --dry-run").expect_code(78);
    drop(gateway);
    run(&home, "reset --scope config --yes --non-interactive").expect_code(0);
}

#[test]
fn profiles_are_taken_away_one_by_one() {
    let home = Home::with_production();
    run(&home, "--dev setup").expect_code(0);
    run(&home, "--profile work setup").expect_code(0);
    let own = [home.path().join(".clawdbot"), home.path().join("clawd"), home.path().join(".clawdbot-work")];
    let before = Snapshot::of(&own);
    let done = run(&home, "--dev uninstall --all --yes --non-interactive").expect_code(0);
    assert_eq!(
        done.stdout,
        "Removed ~/.clawdbot-dev\nRemoved ~/clawd-dev\nThe program itself is still installed.\n"
    );
    before.assert_same(&own, "--dev uninstall");
    // A profile whose configuration names what belongs to the default one.
    run(&home, "--profile work setup --workspace ~/clawd").expect_code(0);
    let before = Snapshot::of(&own[..2]);
    let refused = run(&home, "--profile work uninstall --workspace --yes --non-interactive").expect_code(78);
    assert!(
        refused.stderr.starts_with("~/clawd is not removed, because it overlaps with ~/clawd of the default")
    );
    before.assert_same(&own[..2], "--profile work uninstall");
}

#[test]
fn state_without_workspaces_says_so() {
    let home = Home::with_production();
    let done = run(&home, "uninstall --state --yes --non-interactive").expect_code(0);
    assert_eq!(
        done.stdout,
        "Removed ~/.clawdbot\nTip: workspaces were preserved. Re-run with --workspace to remove them.\n\
         The program itself is still installed.\n"
    );
    assert!(home.path().join("clawd").exists());
}

#[test]
fn with_a_trash_everything_can_be_taken_back() {
    let home = Home::with_production();
    home.write(".local/share/Trash/files/.keep", "");
    let line = "reset --scope config --yes --json".split(' ').collect::<Vec<_>>();
    let done = Run::new(&home, &line).finish().expect_code(0);
    let summary: Value = serde_json::from_str(&done.stdout).unwrap();
    let config = home.path().join(".clawdbot/clawdbot.json");
    assert_eq!(
        summary,
        json!({ "ok": true, "dryRun": false, "service": null, "removed": [config], "toTrash": true })
    );
    assert!(home.path().join(".local/share/Trash/files/clawdbot.json").exists() && !config.exists());
}
