//! Gateways that refuse, crash, and hang.

use std::fs;

use rustix::process::Signal;

use super::installed::{CONFIG, Manager, Service, systemctl};
use crate::support::process::signal;
use crate::support::wait::{PATIENCE, until};

#[test]
fn what_would_refuse_to_run_is_not_installed() {
    let Some(manager) = Manager::take() else { return };
    for (config, text) in [
        (
            "{ gateway: { mode: 'remote' } }",
            "Gateway start blocked: set gateway.mode=local (current: remote)",
        ),
        ("{ gateway: { mode: 'local', bind: 'lan' } }", "Refusing to bind gateway to lan without auth."),
        ("{ gateway: { mode: 'local', prot: 1 } }", "Unrecognized key: \"prot\""),
        ("{ gateway: ", "clawdbot.json"),
    ] {
        let service = Service::new(&manager, config);
        service.gateway(&["install", "--port", "0"]).expect_code(78).expect_stderr(text);
        assert!(!service.unit_file().exists());
    }
}

#[test]
fn secrets_of_the_shell_are_not_those_of_the_service() {
    let Some(manager) = Manager::take() else { return };
    let service = Service::new(&manager, "{ gateway: { mode: 'local', bind: 'lan' } }");
    let install = || {
        let command = service.command(&["gateway", "install", "--port", "0"]);
        command.env("CLAWDBOT_GATEWAY_TOKEN", "s3cr3t-of-the-shell").finish()
    };
    let refused = install().expect_code(78).expect_stderr("Refusing to bind gateway to lan without auth.");
    assert!(refused.stderr.contains(".env"), "{}", refused.stderr);
    fs::write(service.state().join(".env"), "CLAWDBOT_GATEWAY_TOKEN=s3cr3t-of-the-file\n").unwrap();
    install().expect_code(0);
    assert!(!fs::read_to_string(service.unit_file()).unwrap().contains("s3cr3t"));
    service.gateway(&["--token", "x", "install"]).expect_code(2);
}

#[test]
fn a_certificate_that_cannot_be_used_is_not_left_to_the_start() {
    let Some(manager) = Manager::take() else { return };
    let tls = "tls: { enabled: true, certPath: '~/own.pem', keyPath: '~/own.key', autoGenerate: false }";
    let service = Service::new(&manager, &format!("{{ gateway: {{ mode: 'local', {tls} }} }}"));
    let refused = service.gateway(&["install", "--port", "0"]).expect_code(78).expect_stderr("own.pem");
    let started = service.gateway(&["run", "--port", "0"]).expect_code(78);
    assert_eq!(refused.stderr, started.stderr);
    assert!(!service.unit_file().exists());
}

#[test]
fn a_refused_start_is_told_and_not_tried_again() {
    let Some(manager) = Manager::take() else { return };
    let service = Service::new(&manager, CONFIG);
    service.gateway(&["install", "--port", "0"]).expect_code(0);
    service.configure("{ gateway: { mode: 'remote' } }");
    let refused = service.gateway(&["start"]).expect_code(78).expect_stderr("Gateway start failed:");
    assert!(refused.stderr.contains("Gateway start blocked: set gateway.mode=local"), "{}", refused.stderr);
    let facts = ["ActiveState", "ExecMainStatus", "NRestarts"].map(|property| service.show(property));
    assert_eq!(facts, ["failed", "78", "0"]);
    service.configure(CONFIG);
    service.gateway(&["restart"]).expect_code(0);
    assert!(service.health().is_some());
}

#[test]
fn a_program_that_crashes_is_given_up() {
    let Some(manager) = Manager::take() else { return };
    let service = Service::with_own_program(&manager, CONFIG);
    service.gateway(&["install", "--port", "0"]).expect_code(0);
    service.add("[Service]\nRestartSec=10ms\n");
    fs::write(service.program.with_extension("crash"), "#!/bin/sh\nexit 7\n").unwrap();
    let broken = service.program.with_extension("crash");
    fs::set_permissions(&broken, fs::metadata(&service.program).unwrap().permissions()).unwrap();
    fs::rename(&broken, &service.program).unwrap();
    systemctl(&["start", &service.unit()]);
    until("the manager gives up", PATIENCE, || (service.show("ActiveState") == "failed").then_some(()));
    // The first start counts too.
    let restarts: u32 = service.show("NRestarts").parse().unwrap();
    assert!((3..=5).contains(&restarts), "{restarts} restarts");
}

#[test]
fn a_gateway_that_hangs_is_replaced() {
    let Some(manager) = Manager::take() else { return };
    let service = Service::new(&manager, CONFIG);
    service.gateway(&["install", "--port", "0"]).expect_code(0);
    service.add("[Service]\nWatchdogSec=2\n");
    service.gateway(&["start"]).expect_code(0);
    let pid = service.pid();
    signal(pid, Signal::STOP);
    let next = service.answers_after(pid);
    assert_eq!((service.pid(), service.show("NRestarts").as_str()), (next, "1"));
    // One that gives signs of life is left alone: longer than a watchdog's period it is the same process.
    let since = service.show("WatchdogTimestampMonotonic");
    until("signs of life", PATIENCE, || (service.show("WatchdogTimestampMonotonic") != since).then_some(()));
    assert_eq!(service.pid(), next);
}
