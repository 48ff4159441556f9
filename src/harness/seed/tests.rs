use super::*;
use crate::harness::scratch::Scratch;

fn seeded(scratch: &Scratch) -> Result<SeedReport, SeedError> {
    seed(&scratch.paths, &scratch.paths.default_workspace)
}

#[track_caller]
fn refused(scratch: &Scratch, expected: &str) {
    let before = scratch.snapshot();
    assert_eq!(seeded(scratch).unwrap_err().to_string(), expected);
    assert_eq!(scratch.snapshot(), before);
}

const NAMES: [&str; 5] = ["AGENTS.md", "SOUL.md", "TOOLS.md", "IDENTITY.md", "USER.md"];

#[test]
fn the_first_run_creates_everything() {
    let scratch = Scratch::dev();
    let report = seeded(&scratch).unwrap();
    assert_eq!(
        report,
        SeedReport {
            workspace: scratch.home().join("clawd-dev"),
            config_created: true,
            workspace_created: true,
            files: NAMES.to_vec(),
        }
    );
    let text = fs::read_to_string(&scratch.paths.config_path).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    let workspace = scratch.home().join("clawd-dev");
    let workspace = workspace.to_str().unwrap();
    assert_eq!(
        document,
        serde_json::json!({
            "gateway": { "mode": "local", "bind": "loopback" },
            "agents": {
                "defaults": { "workspace": workspace, "skipBootstrap": true },
                "list": [{
                    "id": "dev", "default": true, "workspace": workspace,
                    "identity": { "name": "C3-PO", "theme": "protocol droid", "emoji": "🤖" },
                }],
            },
        })
    );
    assert!(
        text.starts_with("{\n  \"gateway\": {\n    \"mode\": \"local\",") && text.ends_with("}\n"),
        "{text}"
    );
}

#[cfg(unix)]
#[test]
fn secrets_are_private_and_the_workspace_is_ordinary() {
    use std::os::unix::fs::PermissionsExt;

    let scratch = Scratch::dev();
    seeded(&scratch).unwrap();
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&scratch.paths.state_dir), 0o700);
    assert_eq!(mode(&scratch.paths.config_path), 0o600);
    let ordinary = scratch.file("ordinary", "");
    assert_eq!(mode(&scratch.paths.default_workspace.join("SOUL.md")), mode(&ordinary));
}

#[test]
fn the_second_run_changes_nothing() {
    let scratch = Scratch::dev();
    seeded(&scratch).unwrap();
    scratch.file("clawd-dev/USER.md", "me");
    scratch.file(".clawdbot-dev/clawdbot.json", "{ /* mine");
    let before = scratch.snapshot();
    let report = seeded(&scratch).unwrap();
    assert!(!report.config_created && !report.workspace_created && report.files.is_empty(), "{report:?}");
    assert_eq!(scratch.snapshot(), before);
}

#[test]
fn a_missing_file_comes_back_alone() {
    let scratch = Scratch::dev();
    seeded(&scratch).unwrap();
    scratch.file("clawd-dev/USER.md", "me");
    fs::remove_file(scratch.home().join("clawd-dev/SOUL.md")).unwrap();
    let report = seeded(&scratch).unwrap();
    assert_eq!((report.workspace_created, report.files), (false, vec!["SOUL.md"]));
    assert_eq!(fs::read_to_string(scratch.home().join("clawd-dev/USER.md")).unwrap(), "me");
}

#[test]
fn a_configured_workspace_is_the_one_that_is_filled() {
    let scratch = Scratch::dev();
    let workspace = scratch.home().join("agents/mine");
    scratch.file(".clawdbot-dev/clawdbot.json", "{}");
    let report = seed(&scratch.paths, &workspace).unwrap();
    assert!(report.workspace_created && !report.config_created);
    assert!(workspace.join("AGENTS.md").is_file());
    assert!(!scratch.paths.default_workspace.exists());
}

#[test]
fn the_default_profile_is_out_of_reach() {
    let scratch = Scratch::dev();
    scratch.file(".clawdbot/clawdbot.json", "{}");
    scratch.file("clawd/SOUL.md", "production");
    let before = scratch.snapshot();
    assert!(matches!(seed(&scratch.paths, &scratch.home().join("clawd")), Err(SeedError::Escape(_))));
    assert_eq!(scratch.snapshot(), before);
    seeded(&scratch).unwrap();
    let untouched = |path: &Path| {
        path.starts_with(scratch.home().join(".clawdbot")) || path.starts_with(scratch.home().join("clawd"))
    };
    let after: Vec<_> = scratch.snapshot().into_iter().filter(|(path, _)| untouched(path)).collect();
    assert_eq!(after, before);
}

#[test]
fn something_in_the_way_is_named_with_its_fix() {
    let scratch = Scratch::dev();
    scratch.file(".clawdbot-dev/clawdbot.json", "{}");
    scratch.file("clawd-dev", "a file");
    refused(
        &scratch,
        "dev workspace ~/clawd-dev is not a directory. Make it a directory that you can write to, or set \
         agents.defaults.workspace in ~/.clawdbot-dev/clawdbot.json to another one",
    );

    let scratch = Scratch::dev();
    scratch.file(".clawdbot-dev", "a file");
    refused(&scratch, "dev state directory ~/.clawdbot-dev is not a directory. Move it away and start again");

    let scratch = Scratch::dev();
    scratch.directory(".clawdbot-dev/clawdbot.json");
    refused(
        &scratch,
        "dev config ~/.clawdbot-dev/clawdbot.json is a directory. Move it away and start again",
    );

    let scratch = Scratch::dev();
    scratch.file(".clawdbot-dev/clawdbot.json", "{}");
    scratch.file("blocked", "a file");
    let error = seed(&scratch.paths, &scratch.home().join("blocked/clawd")).unwrap_err().to_string();
    assert!(error.starts_with("failed to create ~/blocked/clawd: "), "{error}");
    assert!(
        error.ends_with("or set agents.defaults.workspace in ~/.clawdbot-dev/clawdbot.json to another one")
    );
}

#[test]
fn the_templates_are_complete() {
    let config = crate::config::Config::from_resolved(&serde_json::from_str(CONFIG).unwrap());
    assert_eq!(config.agents.list.len(), 1);
    assert_eq!(config.agents.defaults.skip_bootstrap, Some(true));
    assert_eq!(WORKSPACE.map(|(name, _)| name), NAMES);
    for (name, content) in WORKSPACE {
        assert!(content.starts_with(&format!("# {name}")) && content.ends_with('\n'), "{name}");
    }
}
