//! Every fixture profile of the repository behaves as it says. A directory more is a test more.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::support::home::Home;
use crate::support::program::{BINARY, Finished, Run};

fn profiles() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/profiles")
}

fn names() -> Vec<String> {
    let entries = fs::read_dir(profiles()).unwrap().map(|entry| entry.unwrap());
    let folders = entries.filter(|entry| entry.path().is_dir());
    folders.map(|entry| entry.file_name().into_string().unwrap()).collect()
}

fn fixtures(home: &Home, arguments: &[&str]) -> Finished {
    let temporary = home.path().join("tmp");
    fs::create_dir_all(&temporary).unwrap();
    let finished = Run::new(home, &[&["dev", "fixtures"], arguments].concat())
        .env("TMPDIR", &temporary)
        .patience(Duration::from_mins(2))
        .finish();
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0, "left in the temporary directory: {finished:?}");
    finished
}

#[track_caller]
fn says(home: &Home, arguments: &[&str], code: i32, text: &str) {
    let finished = fixtures(home, arguments).expect_code(code);
    assert!(finished.stdout.contains(text), "{text:?} is not in {finished:?}");
}

/// A project with one fixture.
fn project(manifest: &str) -> Home {
    let home = Home::new();
    home.write("fixtures/profiles/one/profile.json", manifest);
    home.write("fixtures/profiles/one/home/.clawdbot/clawdbot.json", "{ gateway: { mode: 'local' } }");
    home
}

#[test]
fn every_fixture_behaves_as_it_says() {
    let names = names();
    assert!(names.len() > 25, "{names:?}");
    let paths: Vec<String> = names.iter().map(|name| profiles().join(name).display().to_string()).collect();
    let arguments: Vec<&str> = std::iter::once("run").chain(paths.iter().map(String::as_str)).collect();
    let finished = fixtures(&Home::new(), &arguments).expect_code(0);
    assert_eq!(finished.stdout.matches("✓ ").count(), names.len(), "{finished:?}");
}

#[test]
fn a_difference_is_told_and_fails() {
    let home = project(r#"{ "why": "w", "expect": { "exitCode": 78, "creates": ["new"] } }"#);
    says(&home, &["run"], 1, "✗ one\n  it serves; expected a refusal with exit code 78\n  new is missing\n");
    let finished = fixtures(&home, &["run", "--json"]).expect_code(1);
    assert_eq!(finished.stdout, "[{\"name\":\"one\",\"ok\":false}]\n");
}

#[test]
fn fixtures_are_listed_checked_and_made() {
    let home = Home::new();
    fixtures(&home, &["list"]).expect_code(2).expect_stderr("There is no fixtures/profiles in ");
    fixtures(&home, &["new", "../x", "--why", "w"]).expect_code(2).expect_stderr("cannot name a fixture");
    fixtures(&home, &["new", "mine", "--why", "A bug."]).expect_code(0);
    fixtures(&home, &["new", "mine", "--why", "A bug."]).expect_code(2).expect_stderr("exists already");
    assert_eq!(fixtures(&home, &["list"]).expect_code(0).stdout, "mine  A bug.\n");
    assert_eq!(fixtures(&home, &["check"]).expect_code(0).stdout, "✓ mine\n");
    says(&home, &["run", "mine"], 0, "✓ mine\n");
    let listed: Value = serde_json::from_str(&fixtures(&home, &["list", "--json"]).stdout).unwrap();
    assert_eq!((&listed[0]["name"], &listed[0]["ok"]), (&"mine".into(), &true.into()));
    says(&home, &["check", "other"], 1, "there is no fixture other in ");
}

#[test]
fn a_fixture_that_is_not_whole_is_refused_everywhere() {
    let home = project("{");
    says(&home, &["check"], 1, "profile.json: EOF");
    says(&home, &["run"], 1, "profile.json: EOF");
    Run::new(&home, &["dev", "run", "--fixture", "one", "--", "true"])
        .finish()
        .expect_code(2)
        .expect_stderr("EOF");
    fs::remove_dir_all(home.path().join("fixtures/profiles/one/home")).unwrap();
    home.write("fixtures/profiles/one/profile.json", r#"{ "why": "w", "expect": {} }"#);
    says(&home, &["check"], 1, "home/ cannot be read");
}

#[cfg(unix)]
#[test]
fn a_fixture_does_not_reach_out_of_itself() {
    let home = project(r#"{ "why": "w", "expect": {} }"#);
    home.write("secret", "of the machine");
    let link = home.path().join("fixtures/profiles/one/home/link");
    std::os::unix::fs::symlink(home.path().join("secret"), link).unwrap();
    for arguments in [&["check", "one"], &["run", "one"]] {
        says(&home, arguments, 1, "outside of");
    }
}

#[test]
fn a_command_runs_on_a_fixture() {
    let home = Home::new();
    let fixture = profiles().join("password").display().to_string();
    let script = "test $CLAWDBOT_GATEWAY_PASSWORD = fixture-password && test -z \"$CLAWDBOT_GATEWAY_TOKEN\"";
    Run::new(&home, &["dev", "run", "--fixture", &fixture, "--", "sh", "-c", script]).finish().expect_code(0);
    let fixture = profiles().join("named-profile").display().to_string();
    let script = "test $CLAWDBOT_PROFILE = work && test -f $CLAWDBOT_CONFIG_PATH";
    Run::new(&home, &["dev", "run", "--fixture", &fixture, "--", "sh", "-c", script]).finish().expect_code(0);
}

#[test]
fn an_edit_that_is_not_noticed_is_told() {
    let manifest = r#"{ "why": "w", "expect": {}, "edits": [{ "files": "same", "says": ["restarted in"] },
        { "files": "token", "says": ["restarted in", "(config: gateway.auth"] }] }"#;
    let home = project(manifest);
    let config = "{ gateway: { mode: 'local', auth: { token: 'fixture-token' } } }";
    home.write("fixtures/profiles/one/edits/token/.clawdbot/clawdbot.json", config);
    says(&home, &["check"], 1, "edits: \"same\" is no directory in edits/");
    home.write("fixtures/profiles/one/edits/same/.clawdbot/clawdbot.json", "{ gateway: { mode: 'local' }, }");
    says(&home, &["run"], 1, "✗ one\n  edit same: it did not say \"restarted in\"\n");
}

#[test]
fn a_profile_in_use_becomes_a_fixture_without_its_secrets() {
    let home = Home::with_production();
    home.write(".clawdbot/gateway.lock", "1");
    let made = fixtures(&home, &["new", "mine", "--why", "A bug.", "--from", "."]).expect_code(0);
    for line in [
        "  5 files taken, 2 secrets replaced by placeholders\n",
        "  left out: .clawdbot/credentials (keys)\n",
        "  left out: .clawdbot/gateway.lock (of a gateway that runs)\n",
        "  left out: .clawdbot/identity (keys)\n",
        "  Look through it before you share it",
    ] {
        assert!(made.stdout.contains(line), "{line:?} is not in {made:?}");
    }
    let below = "fixtures/profiles/mine/home";
    assert_eq!(home.read(&format!("{below}/.clawdbot/.env")), "ANTHROPIC_API_KEY=fixture-secret-1\n");
    let config = home.read(&format!("{below}/.clawdbot/clawdbot.json"));
    assert!(
        config.contains("// Written by hand.") && config.contains("token: 'fixture-secret-2'"),
        "{config}"
    );
    assert_eq!(home.read(&format!("{below}/clawd/memory/2026-01-01.md")), "A memory.\n");
    says(&home, &["run", "mine"], 0, "✓ mine\n");
    // What was taken is as it was.
    assert!(home.read(".clawdbot/clawdbot.json").contains("prod-secret"));

    let again = ["new", "mine", "--why", "A bug.", "--from", ".clawdbot", "--json"];
    fixtures(&home, &again).expect_code(2);
    let other = ["new", "other", "--why", "A bug.", "--from", ".clawdbot", "--json"];
    let facts: Value = serde_json::from_str(&fixtures(&home, &other).expect_code(0).stdout).unwrap();
    assert_eq!((&facts["files"], &facts["secrets"]), (&3.into(), &2.into()), "without the workspace");
    assert_eq!(facts["leftOut"][0]["reason"], "keys");
}

#[test]
fn a_profile_that_would_keep_a_secret_is_refused_and_nothing_is_made() {
    let home = Home::with_production();
    home.write("clawd/prod-secret.md", "");
    let from = |from: &str| fixtures(&home, &["new", "mine", "--why", "w", "--from", from]).expect_code(2);
    from(".").expect_stderr("holds a secret; rename it first");
    fs::remove_file(home.path().join("clawd/prod-secret.md")).unwrap();
    home.write("clawd/.env", "A_TOKEN=ab\",\"cd\": 1\n");
    home.write("clawd/state.json", r#"{"x":"ab","cd": 1}"#);
    from(".").expect_stderr("Without its secrets clawd/state.json could not be read");
    from("clawd").expect_stderr("is no state directory");
    from("nowhere").expect_stderr("Failed to read ");
    assert!(!home.path().join("fixtures").exists());
}

#[test]
fn sessions_of_earlier_versions_are_read() {
    let fixture = profiles().join("old-session-keys").display().to_string();
    let call = format!("{BINARY} gateway call --json");
    let script = format!(r#"{call} sessions.list && {call} chat.history --params '{{"sessionKey":"main"}}'"#);
    let asked = Run::new(&Home::new(), &["dev", "run", "--fixture", &fixture, "--", "sh", "-c", &script])
        .finish()
        .expect_code(0);
    for text in ["agent:main:main", "120363000000000000@g.us", "Text alone.", "An answer."] {
        assert!(asked.stdout.contains(text), "{text} is not in {asked:?}");
    }
}
