use std::path::PathBuf;

use super::*;
use crate::config::Config;
use crate::profile::{self, EnvMap, ProfileRequest};
use crate::settings::{RunFlags, Secret, resolve};

const MACHINE: &[&str] = &[
    "127.0.0.1",
    "::1",
    "fe80::1",
    "2001:db8::5",
    "192.168.1.100",
    "10.0.0.5",
    "10.0.0.5",
    "169.254.3.4",
    "100.101.102.103",
    "fd7a:115c:a1e0::1",
    "203.0.113.9",
    "100.63.0.1",
];

fn plan(mode: BindMode, host: Option<&str>, auth: bool, machine: &[&str]) -> Result<BindPlan, Refusal> {
    let paths = profile::resolve(&ProfileRequest::default(), &EnvMap::default(), Some(PathBuf::from("/h")))
        .unwrap()
        .paths;
    let flags = RunFlags { bind: Some(mode), token: auth.then(|| Secret::new("t")), ..RunFlags::default() };
    let mut settings = resolve(&flags, &EnvMap::default(), &paths, &Config::default()).unwrap();
    settings.custom_bind_host = host.map(str::to_owned);
    let machine: Vec<_> = machine
        .iter()
        .map(|text| InterfaceAddress {
            address: text.trim_end_matches('!').parse().unwrap(),
            up: !text.ends_with('!'),
        })
        .collect();
    BindPlan::new(&settings, &machine)
}

/// `expected`: addresses in order, required ones marked with `*`.
#[track_caller]
fn check(
    mode: BindMode,
    host: Option<&str>,
    auth: bool,
    machine: &[&str],
    expected: &[&str],
    note: Option<&str>,
) {
    let plan = plan(mode, host, auth, machine).unwrap();
    let found: Vec<String> = plan
        .addresses
        .iter()
        .map(|planned| format!("{}{}", planned.address, if planned.required { "*" } else { "" }))
        .collect();
    assert_eq!(found, expected);
    assert_eq!(plan.note, note);
}

const LOCAL: &[&str] = &["127.0.0.1*", "::1"];

#[test]
fn loopback_needs_nothing_from_the_machine() {
    check(BindMode::Loopback, None, false, &[], LOCAL, None);
    check(BindMode::Loopback, None, true, MACHINE, LOCAL, None);
}

#[test]
fn lan_is_every_private_or_global_address() {
    let all = ["192.168.1.100", "10.0.0.5", "203.0.113.9", "100.63.0.1", "2001:db8::5", "127.0.0.1*", "::1"];
    check(BindMode::Lan, None, true, MACHINE, &all, None);
    check(BindMode::Auto, None, true, MACHINE, &all, None);
    check(BindMode::Lan, None, true, &["10.0.0.5!", "10.0.0.6"], &["10.0.0.6", "127.0.0.1*", "::1"], None);
    let none = Some("only loopback, because this machine has no LAN address");
    check(BindMode::Lan, None, true, &["127.0.0.1", "fe80::1"], LOCAL, none);
}

#[test]
fn auto_without_authentication_is_loopback_and_says_why() {
    let why = Some("bind auto: only loopback, because no auth is configured");
    check(BindMode::Auto, None, false, MACHINE, LOCAL, why);
}

#[test]
fn tailnet_is_both_families_of_the_tailnet() {
    let both = ["100.101.102.103*", "fd7a:115c:a1e0::1"];
    check(BindMode::Tailnet, None, true, MACHINE, &both, None);
    let none = Some("bind tailnet: only loopback, because this machine has no tailnet address");
    check(BindMode::Tailnet, None, true, &["10.0.0.5", "100.128.0.1"], LOCAL, none);
}

#[test]
fn custom_needs_an_address() {
    check(BindMode::Custom, Some("10.9.8.7"), true, MACHINE, &["10.9.8.7*"], None);
    check(BindMode::Custom, Some("[::1]"), true, MACHINE, &["::1*"], None);
    let text = |host| plan(BindMode::Custom, host, true, MACHINE).unwrap_err().message;
    assert_eq!(text(None), "Bind mode custom needs an address. Set gateway.customBindHost to an IP address.");
    assert_eq!(
        text(Some("example.test")),
        "gateway.customBindHost is \"example.test\". Set it to an IP address of this machine."
    );
}
