//! From `install` to `uninstall`, on a real manager.

use std::fs;

use rustix::process::Signal;
use serde_json::Value;

use super::installed::{CONFIG, Manager, Service, runs_file, systemctl};
use crate::support::process::signal;
use crate::support::wait::{PATIENCE, until};

#[test]
fn a_service_is_installed_started_restarted_stopped_and_removed() {
    let Some(manager) = Manager::take() else { return };
    let service = Service::new(&manager, CONFIG);
    let installed = service.gateway(&["install", "--port", "0"]).expect_code(0);
    let lines: Vec<_> = installed.stdout.lines().take(2).collect();
    assert_eq!(lines, ["✓ systemd service enabled", "✓ service runtime: inactive"]);
    assert!(
        installed.stdout.contains(&format!("Start it: clawdbot --profile {} gateway start", service.name))
    );
    let again = service.gateway(&["install", "--port", "0"]).expect_code(0);
    assert!(again.stdout.contains("installed already"), "{}", again.stdout);

    let started = service.gateway(&["start"]).expect_code(0);
    assert_eq!(started.stdout, "✓ systemd service enabled\n✓ service runtime: active\n");
    // It serves when `start` has returned.
    let pid = service.health().expect("serves").pid;
    assert_eq!((service.pid(), service.show("SubState").as_str()), (pid, "running"));
    service.gateway(&["start"]).expect_code(0);
    assert_eq!(service.pid(), pid, "it ran already");

    signal(pid, Signal::KILL);
    let second = service.answers_after(pid);
    assert_eq!((service.show("NRestarts").as_str(), service.pid()), ("1", second));
    // Ending it by other means than the manager's is no way to be rid of it.
    signal(second, Signal::TERM);
    let third = service.answers_after(second);

    service.gateway(&["restart"]).expect_code(0);
    let fourth = service.health().expect("serves when `restart` has returned").pid;
    assert!(![pid, second, third].contains(&fourth));
    assert_eq!(service.pid(), fourth);

    let stopped = service.gateway(&["stop"]).expect_code(0);
    assert!(stopped.stdout.ends_with("gateway uninstall\n"), "{}", stopped.stdout);
    assert_eq!((service.pid(), service.show("ActiveState").as_str()), (0, "inactive"));
    assert_eq!(service.show("Result"), "success", "a stop is no failure");
    service.gateway(&["stop"]).expect_code(0);
    service.gateway(&["restart"]).expect_code(0);
    assert!(service.health().is_some(), "`restart` starts what does not run");

    service.gateway(&["uninstall"]).expect_code(0);
    assert_eq!(service.show("LoadState"), "not-found");
    assert!(!service.unit_file().exists() && service.state().join("clawdbot.json").exists());
    let gone = service.gateway(&["uninstall"]).expect_code(0);
    assert!(gone.stdout.contains("not found"), "{}", gone.stdout);
    let nothing = service.gateway(&["start"]).expect_code(1);
    assert!(nothing.stderr.contains("gateway install --start"), "{}", nothing.stderr);
}

#[test]
fn scripts_get_the_same_as_json() {
    let Some(manager) = Manager::take() else { return };
    let service = Service::new(&manager, CONFIG);
    let run = |arguments: &[&str]| -> Value {
        let run = service.gateway(&[arguments, &["--json"]].concat()).expect_code(0);
        serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stdout))
    };
    let installed = run(&["install", "--port", "0"]);
    assert_eq!((&installed["action"], &installed["result"]), (&"install".into(), &"installed".into()));
    assert_eq!(installed["service"]["loaded"], true);
    assert_eq!(run(&["install", "--port", "0"])["result"], "already-installed");
    let started = run(&["start"]);
    assert_eq!((&started["result"], &started["runtime"]["pid"]), (&"started".into(), &service.pid().into()));
    assert_eq!(run(&["restart"])["result"], "restarted");
    assert_eq!(run(&["stop"])["runtime"]["status"], "stopped");
    assert_eq!(run(&["uninstall"])["result"], "uninstalled");
    assert_eq!(run(&["uninstall"])["result"], "not-loaded");
}

#[test]
fn a_definition_that_the_manager_has_forgotten_is_loaded_again() {
    let Some(manager) = Manager::take() else { return };
    let service = Service::new(&manager, CONFIG);
    service.gateway(&["install", "--port", "0"]).expect_code(0);
    let unit = fs::read_to_string(service.unit_file()).unwrap();
    fs::remove_file(service.unit_file()).unwrap();
    systemctl(&["daemon-reload"]);
    assert_eq!(service.show("LoadState"), "not-found");
    fs::write(service.unit_file(), unit).unwrap();
    service.gateway(&["start"]).expect_code(0);
    assert!(service.health().is_some());
}

#[test]
fn the_program_is_replaced_under_a_running_service() {
    let Some(manager) = Manager::take() else { return };
    let service = Service::with_own_program(&manager, CONFIG);
    service.start();
    let old = service.pid();
    let new = service.place.path().join("new");
    fs::copy(&service.program, &new).unwrap();
    fs::rename(&new, &service.program).unwrap();
    assert!(!runs_file(old, &service.program));
    assert_eq!(service.health().expect("still serves").pid, old);
    let again = service.gateway(&["install", "--port", "0"]).expect_code(0);
    assert!(again.stdout.contains("installed already"), "{}", again.stdout);
    service.gateway(&["restart"]).expect_code(0);
    assert!(runs_file(service.pid(), &service.program), "the new file runs");
}

#[test]
fn a_reload_keeps_the_process() {
    let Some(manager) = Manager::take() else { return };
    let service = Service::new(&manager, CONFIG);
    service.start();
    let pid = service.pid();
    systemctl(&["reload", &service.unit()]);
    let state = until("the reload is over", PATIENCE, || {
        Some(service.show("ActiveState")).filter(|state| state != "reloading")
    });
    assert_eq!((state.as_str(), service.pid()), ("active", pid));
}
