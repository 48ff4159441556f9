//! Where no manager answers, or none that makes sense. Needs none.

use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::support::home::Home;
use crate::support::program::{Run, inherited};

fn home() -> Home {
    let home = Home::new();
    home.write(".clawdbot/clawdbot.json", "{ gateway: { mode: 'local' } }");
    home
}

/// A `systemctl` that says what a script says.
fn with_systemctl(home: &Home, script: &str, arguments: &[&str]) -> Run {
    let program = home.write("bin/systemctl", &format!("#!/bin/sh\n{script}\n"));
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", home.path().join("bin").display(), inherited("PATH").unwrap());
    Run::new(home, arguments).env("PATH", path)
}

#[test]
fn without_a_bus_there_is_advice_and_nothing_is_written() {
    let home = home();
    for verb in ["install", "start", "stop", "restart", "uninstall"] {
        // Neither variable that leads to a bus is set here.
        let run = Run::new(&home, &["gateway", verb]).finish().expect_code(1);
        assert!(run.stderr.starts_with("Gateway service check failed: systemctl"), "{verb}: {}", run.stderr);
        assert!(run.stderr.lines().count() >= 2, "{verb}: advice: {}", run.stderr);
        let run = Run::new(&home, &["daemon", verb, "--json"]).finish().expect_code(1);
        let told: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!((&told["action"], &told["ok"]), (&verb.into(), &false.into()), "{told}");
        assert!(told["hints"].as_array().is_some_and(|hints| !hints.is_empty()), "{told}");
    }
    assert!(!home.path().join(".config").exists());
}

#[test]
fn a_manager_that_babbles_is_told() {
    let home = home();
    let run = with_systemctl(&home, "echo what", &["gateway", "start"]).finish().expect_code(1);
    assert_eq!(run.stderr, "Gateway start failed: failed to understand systemctl show: what\n");
}

#[test]
fn nothing_installed_is_no_success_of_a_start() {
    let home = home();
    let script = "printf 'LoadState=not-found\\nActiveState=inactive\\n'";
    let run = with_systemctl(&home, script, &["gateway", "restart", "--json"]).finish().expect_code(1);
    let told: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((&told["result"], &told["ok"]), (&"not-loaded".into(), &false.into()));
    with_systemctl(&home, script, &["gateway", "stop"]).finish().expect_code(0);
    let run = with_systemctl(&home, script, &["gateway", "uninstall"]).finish().expect_code(0);
    assert!(run.stdout.contains("not found at"), "{}", run.stdout);
}

#[test]
fn a_development_gateway_is_no_service() {
    let home = Home::new();
    for arguments in [
        &["gateway", "--dev", "install"][..],
        &["--dev", "gateway", "install"],
        &["gateway", "install", "--dev"],
    ] {
        let run = Run::new(&home, arguments).finish().expect_code(2);
        assert!(run.stderr.contains("clawdbot gateway --dev"), "{}", run.stderr);
    }
    let run = Run::new(&home, &["gateway", "install", "--token", "x"]).finish().expect_code(2);
    assert!(!run.stderr.is_empty());
    let run = Run::new(&home, &["gateway", "install"]).env("CLAWDBOT_NIX_MODE", "1").finish().expect_code(1);
    assert_eq!(run.stderr, "Nix mode detected; service install is disabled.\n");
    let odd = Run::new(&home, &["gateway", "stop"]).env("CLAWDBOT_SYSTEMD_UNIT", "../x").finish();
    odd.expect_code(78).expect_stderr("CLAWDBOT_SYSTEMD_UNIT");
}
