//! Services and gateways beside each other.

use std::net::{Ipv4Addr, TcpListener};
use std::process::Stdio;

use super::installed::{CONFIG, Manager, Service};
use crate::support::foreground::Started;

#[test]
fn two_profiles_run_at_once() {
    let Some(manager) = Manager::take() else { return };
    let (one, two) = (Service::new(&manager, CONFIG), Service::new(&manager, CONFIG));
    one.start();
    two.start();
    assert_ne!(one.address().unwrap(), two.address().unwrap());
    let pid = two.health().expect("serves").pid;
    one.gateway(&["stop"]).expect_code(0);
    assert_eq!((one.health(), two.health().map(|health| health.pid)), (None, Some(pid)));
    one.gateway(&["uninstall"]).expect_code(0);
    assert_eq!(two.pid(), pid);
}

#[test]
fn two_services_do_not_share_a_port() {
    let Some(manager) = Manager::take() else { return };
    let (one, two) = (Service::new(&manager, CONFIG), Service::new(&manager, CONFIG));
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port().to_string();
    one.gateway(&["install", "--port", &port]).expect_code(0);
    let refused = two.gateway(&["install", "--port", &port]).expect_code(78);
    assert!(refused.stderr.contains(&one.unit()), "{}", refused.stderr);
    assert!(!two.unit_file().exists());
}

#[test]
fn a_gateway_in_the_foreground_is_in_the_way() {
    let Some(manager) = Manager::take() else { return };
    let service = Service::new(&manager, CONFIG);
    let mut command = service.command(&["gateway", "--port", "0"]).into_command();
    command.stderr(Stdio::null());
    let foreground = Started::of(command);
    let pid = format!("pid {}", foreground.pid());
    let installed = service.gateway(&["install", "--port", "0"]).expect_code(0);
    assert!(installed.stderr.contains("cannot start yet") && installed.stderr.contains(&pid));
    let refused = service.gateway(&["start"]).expect_code(78).expect_stderr("already running locally");
    assert!(refused.stderr.contains(&pid), "{}", refused.stderr);
    assert_eq!(service.show("ActiveState"), "inactive", "nothing was tried");
    let stopped = service.gateway(&["stop"]).expect_code(0);
    assert!(stopped.stdout.contains(&format!("kill {}", foreground.pid())), "{}", stopped.stdout);
    foreground.stop();
    service.gateway(&["start"]).expect_code(0);
}

#[test]
fn whoever_has_the_port_is_named() {
    let Some(manager) = Manager::take() else { return };
    let service = Service::new(&manager, CONFIG);
    let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = held.local_addr().unwrap().port().to_string();
    service.gateway(&["install", "--port", &port]).expect_code(0).expect_stderr("cannot start yet");
    service
        .gateway(&["start"])
        .expect_code(78)
        .expect_stderr("EADDRINUSE")
        .expect_stderr(&std::process::id().to_string());
}
