//! Starts that cannot succeed: one clear message with its fix, the right exit code, nothing half-done.

use std::fs;
use std::net::TcpListener;

use crate::support::harness;
use crate::support::home::{Home, config_text};
use crate::support::program::{Finished, Run};

/// A start that fails again until somebody changes something.
const REFUSED: i32 = 78;

const START: [&str; 4] = ["gateway", "--dev", "--port", "0"];

#[track_caller]
fn refused(home: &Home) -> Finished {
    Run::new(home, &START).finish().expect_code(REFUSED)
}

#[test]
fn a_config_that_cannot_be_parsed() {
    let home = Home::new();
    let text = "{\n  gateway: { mode: \"local\"\n";
    home.write(".clawdbot-dev/clawdbot.json", text);
    refused(&home).expect_stderr("clawdbot.json");
    assert_eq!(home.read(".clawdbot-dev/clawdbot.json"), text, "the file is left as it was");
}

#[test]
fn a_config_with_several_mistakes_names_all_of_them() {
    let home = Home::new();
    let text = "{\n  gateway: {\n    mode: \"local\",\n    prot: 1,\n    bind: 7,\n  },\n  agentz: {},\n}\n";
    home.write(".clawdbot-dev/clawdbot.json", text);
    let finished = refused(&home);
    for part in ["prot", "gateway.bind", "agentz", "4", "5", "7", "port", "agents"] {
        assert!(finished.stderr.contains(part), "{part:?} is missing:\n{}", finished.stderr);
    }
}

#[cfg(unix)]
#[test]
fn a_config_that_cannot_be_read() {
    use std::os::unix::fs::PermissionsExt;

    let home = Home::new();
    home.write(".clawdbot-dev/clawdbot.json", &config_text(&home, "Unreadable", ""));
    fs::set_permissions(home.config(), fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(home.config()).is_ok() {
        // The superuser reads everything; a directory in its place is as unreadable.
        fs::remove_file(home.config()).unwrap();
        fs::create_dir(home.config()).unwrap();
    }
    refused(&home).expect_stderr("clawdbot.json");
}

#[test]
fn a_workspace_that_is_a_file() {
    let home = Home::new();
    home.write("clawd-dev", "I am a file.\n");
    refused(&home).expect_stderr("clawd-dev");
    assert_eq!(home.read("clawd-dev"), "I am a file.\n");
}

#[test]
fn a_state_directory_that_is_a_file() {
    let home = Home::new();
    home.write(".clawdbot-dev", "I am a file.\n");
    let finished = Run::new(&home, &START).finish();
    assert_ne!(finished.code(), Some(0));
    finished.expect_stderr(".clawdbot-dev");
}

#[test]
fn a_port_in_use_names_the_holder_and_the_ways_out() {
    let holder = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = holder.local_addr().unwrap().port();
    let home = Home::new();
    let finished =
        Run::new(&home, &["gateway", "--dev", "--port", &port.to_string()]).finish().expect_code(REFUSED);
    let finished = finished.expect_stderr(&format!("address already in use 127.0.0.1:{port}"));
    let finished = finished.expect_stderr("--port");
    if cfg!(target_os = "linux") {
        finished.expect_stderr(&std::process::id().to_string());
    }
}

#[test]
fn no_home_directory() {
    let home = Home::new();
    for run in [
        Run::new(&home, &START).without("HOME").without("USERPROFILE"),
        Run::new(&home, &START).env("HOME", "").env("USERPROFILE", ""),
    ] {
        let finished = run.finish();
        assert_eq!(finished.code(), Some(REFUSED), "{}", finished.stderr);
        finished.expect_stderr("HOME");
    }
}

#[test]
fn wrong_usage() {
    let home = Home::new();
    for arguments in [
        &["gateway", "--dev", "--port", "ninety"][..],
        &["gateway", "--dev", "--no-such-flag"],
        &["gateway", "--dev", "--events", "xml"],
        &["--dev", "--profile", "other", "gateway"],
        &["no-such-command"],
    ] {
        let finished = Run::new(&home, arguments).finish();
        assert_eq!(finished.code(), Some(2), "{arguments:?}: {}", finished.stderr);
        assert!(finished.stdout.is_empty(), "{arguments:?}: {}", finished.stdout);
    }
}

#[test]
fn a_config_that_becomes_unusable_keeps_the_running_gateway() {
    let home = Home::new();
    let harness = harness::in_home(&home).start().armed();
    let before = harness.health();
    let holder = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let taken = holder.local_addr().unwrap().port();
    let unsafe_bind = config_text(&home, "Open", "").replace("\"loopback\"", "\"lan\"");
    let mark = harness.mark();
    fs::write(home.config(), unsafe_bind).unwrap();
    let kept = harness.kept(mark);
    assert!(kept.value.to_string().contains("without auth"), "{}", kept.value);
    let workspace_file = home.write("a-file", "I am a file.\n");
    let mark = harness.mark();
    fs::write(home.config(), config_text(&home, "X", "").replace("clawd-dev", "a-file")).unwrap();
    harness.kept(mark);
    assert!(workspace_file.is_file());
    assert_eq!(harness.health(), before);
    drop(holder);
    assert_ne!(taken, harness.address().port());
}
