//! Every fixture profile of the repository behaves as it says. A directory more is a test more.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::support::home::Home;
use crate::support::program::{Finished, Run};

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
    assert!(names.len() > 20, "{names:?}");
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
