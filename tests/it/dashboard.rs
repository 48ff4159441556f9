//! `clawdbot dashboard`: the address, the browser, and the ticket that it is started with.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::gateway;
use crate::support::home::Home;
use crate::support::program::{Finished, Run};
use crate::support::raw::ask;
use crate::support::wait::{self, PATIENCE};

/// A browser that writes down what it is started with; the directory that it is in, and its file.
fn browser(home: &Home) -> (PathBuf, PathBuf) {
    let log = home.path().join("opened");
    let script =
        home.write("bin/xdg-open", &format!("#!/bin/sh\nprintf '%s\\n' \"$@\" >> '{}'\n", log.display()));
    fs::set_permissions(script, fs::Permissions::from_mode(0o755)).unwrap();
    (home.path().join("bin"), log)
}

fn dashboard(home: &Home, arguments: &[&str]) -> Finished {
    let (bin, _) = browser(home);
    Run::new(home, &[&["dashboard"], arguments].concat())
        .env("PATH", format!("{}:/usr/bin:/bin", bin.display()))
        .env("DISPLAY", ":0")
        .finish()
}

fn opened(home: &Home) -> String {
    let log = home.path().join("opened");
    let url = wait::until("the browser is started", PATIENCE, || {
        fs::read_to_string(&log).ok().filter(|text| text.ends_with('\n'))
    });
    fs::remove_file(log).unwrap();
    url.trim().to_owned()
}

#[test]
fn the_browser_is_logged_in_and_no_token_stands_on_a_command_line() {
    let home = Home::new();
    gateway::configure(
        &home,
        &gateway::prompt("auth: { token: 'a+b/c' }, controlUi: { basePath: '/ui' }", ""),
    );
    let gateway = gateway::in_home(&home).start();
    let address = gateway.address();
    let printed = dashboard(&home, &[]).expect_code(0).stdout;
    assert_eq!(
        printed.lines().next(),
        Some(format!("Dashboard URL: http://{address}/ui/?token=a%2Bb%2Fc").as_str())
    );
    let url = opened(&home);
    let path = url.strip_prefix(&format!("http://{address}")).unwrap_or_else(|| panic!("{url}"));
    assert!(path.starts_with("/__clawdbot__/dashboard/") && !url.contains("token"), "{url}");

    // Neither a look, nor another ticket, nor somebody from elsewhere uses it up.
    assert_eq!(ask(address, &format!("HEAD {path}"), &[]).status, 405);
    assert_eq!(ask(address, "GET /__clawdbot__/dashboard/guessed", &[]).status, 410);
    assert_eq!(ask(address, &format!("GET {path}"), &["X-Forwarded-For: 203.0.113.7"]).status, 404);
    let answer = ask(address, &format!("GET {path}"), &[]);
    assert_eq!((answer.status, answer.header("location")), (302, Some("/ui/?token=a%2Bb%2Fc")), "{answer:?}");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let again = ask(address, &format!("GET {path}"), &[]);
    assert_eq!(again.status, 410, "{again:?}");
    assert!(again.text().contains("clawdbot dashboard"), "{again:?}");
    assert!(!gateway.log().contains("a+b/c") && !gateway.log().contains(path), "{}", gateway.log());

    let json = dashboard(&home, &["--no-open", "--json"]).expect_code(0).stdout;
    let value: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&value["ok"], &value["opened"]), (&true.into(), &false.into()), "{json}");
    assert_eq!(value["url"], format!("http://{address}/ui/?token=a%2Bb%2Fc"));
    assert!(!home.path().join("opened").exists());
    gateway.stop();
}

#[test]
fn without_a_secret_the_page_itself_is_opened() {
    let home = Home::new();
    gateway::configure(&home, &gateway::prompt("", ""));
    let gateway = gateway::in_home(&home).start();
    dashboard(&home, &[]).expect_code(0);
    assert_eq!(opened(&home), format!("http://{}/", gateway.address()));
    // Nobody sits at this machine.
    let remote = Run::new(&home, &["dashboard"]).finish().expect_code(0).stdout;
    assert!(remote.contains("ssh -N -L "), "{remote}");
    gateway.stop();
}

#[test]
fn who_asks_for_a_page_that_is_not_served_is_told_so() {
    let home = Home::new();
    gateway::configure(&home, &gateway::prompt("port: 1, auth: { token: 'right' }", ""));
    let refused = dashboard(&home, &[]).expect_code(3);
    assert!(refused.stdout.contains("http://127.0.0.1:1/?token=right"), "{refused:?}");
    assert!(refused.stderr.contains("Fix: start it with: clawdbot gateway"), "{refused:?}");
    let json = dashboard(&home, &["--json"]).expect_code(3).stdout;
    assert_eq!(serde_json::from_str::<Value>(&json).unwrap()["error"]["kind"], "unreachable", "{json}");
    gateway::configure(&home, &gateway::prompt("controlUi: { enabled: false }", ""));
    let off = dashboard(&home, &[]).expect_code(1);
    assert!(off.stderr.contains("config set gateway.controlUi.enabled true"), "{off:?}");
    assert!(!home.path().join("opened").exists());
}
