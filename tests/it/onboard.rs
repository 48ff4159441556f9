//! From a fresh machine to a gateway that starts.

use std::fs;
use std::net::TcpListener;

use serde_json::{Value, json};

use crate::support::foreground::Started;
use crate::support::home::Home;
use crate::support::program::{Finished, Run};

const CONFIG: &str = ".clawdbot/clawdbot.json";

const ACCEPTED: [&str; 3] = ["onboard", "--non-interactive", "--accept-risk"];

fn onboard(home: &Home, more: &[&str]) -> Finished {
    Run::new(home, &[&ACCEPTED[..], more].concat()).finish()
}

fn config(home: &Home) -> Value {
    serde_json::from_str(&home.read(CONFIG)).unwrap()
}

fn free_port() -> String {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port().to_string()
}

#[test]
fn a_fresh_machine_gets_a_gateway_that_starts() {
    let home = Home::new();
    let port = free_port();
    let done = onboard(&home, &["--gateway-port", &port]).expect_code(0);
    assert_eq!(
        done.stdout,
        "Updated ~/.clawdbot/clawdbot.json\n\
         Workspace OK: ~/clawd\n\
         Sessions OK: ~/.clawdbot/agents/main/sessions\n\
         A token was made. Clients on this machine find it.\n\
         For others: clawdbot config get gateway.auth.token --reveal\n\
         Start the gateway with: clawdbot gateway\n"
    );
    let mut written = config(&home);
    let token = written["gateway"]["auth"]["token"].take();
    let token = token.as_str().unwrap();
    assert!(token.len() == 48 && token.bytes().all(|b| b.is_ascii_hexdigit()), "{token}");
    assert!(!done.stdout.contains(token));
    let port: u16 = port.parse().unwrap();
    let expected =
        json!({ "gateway": { "mode": "local", "port": port, "auth": { "mode": "token", "token": null } } });
    assert_eq!(written, expected);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |name: &str| fs::metadata(home.path().join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(".clawdbot"), mode(CONFIG)), (0o700, 0o600));
    }
    let gateway = Started::new(&home, &["gateway"]);
    assert_eq!(gateway.port(), port);
    Run::new(&home, &["gateway", "health"]).finish().expect_code(0);
    let again = onboard(&home, &[]).expect_code(0);
    assert!(
        again.stdout.starts_with("~/.clawdbot/clawdbot.json says all of this already.\n"),
        "{}",
        again.stdout
    );
    assert_eq!(config(&home)["gateway"]["auth"]["token"], token);
}

#[test]
fn one_setting_is_enough_to_start() {
    let home = Home::new();
    Run::new(&home, &["config", "set", "gateway.mode", "local"]).finish().expect_code(0);
    let gateway = Started::new(&home, &["gateway", "--port", "0"]);
    assert_ne!(gateway.port(), 0);
}

#[test]
fn what_is_there_stays_with_its_comments() {
    let home = Home::new();
    let text = "{\n  // Mine.\n  gateway: {\n    auth: { token: 'mine' },\n  },\n}\n";
    home.write(CONFIG, text);
    let done = onboard(&home, &["--gateway-bind", "lan", "--json"]).expect_code(0);
    let summary: Value = serde_json::from_str(&done.stdout).unwrap();
    let gateway = json!({ "port": 18_789, "bind": "lan", "authMode": "token", "tailscaleMode": "off" });
    assert_eq!((&summary["gateway"], &summary["tokenMade"]), (&gateway, &json!(false)));
    let expected = "{\n  // Mine.\n  gateway: {\n    auth: { token: 'mine', mode: 'token' },\n    mode: 'local',\n    \
                    bind: 'lan',\n  },\n}\n";
    assert_eq!(home.read(CONFIG), expected);
}

#[test]
fn profiles_have_their_own() {
    let home = Home::new();
    let done =
        Run::new(&home, &["--dev", "onboard", "--non-interactive", "--accept-risk"]).finish().expect_code(0);
    assert!(done.stdout.ends_with("Start the gateway with: clawdbot gateway --dev\n"), "{}", done.stdout);
    assert!(home.config().is_file());
    assert!(!home.path().join(".clawdbot").exists());
}

#[test]
fn what_cannot_be_done_is_said_and_nothing_is_written() {
    let home = Home::new();
    let check = |arguments: &[&str], code: i32, stderr: &str| {
        let refused = Run::new(&home, arguments).finish().expect_code(code);
        assert_eq!(refused.stderr, stderr, "{arguments:?}");
    };
    check(
        &["onboard"],
        1,
        "Onboarding asks questions, and there is no terminal to ask them on.\n\
         Re-run with: clawdbot onboard --non-interactive --accept-risk\n",
    );
    check(
        &["onboard", "--non-interactive"],
        1,
        "Non-interactive onboarding requires explicit risk acknowledgement.\nRead: https://docs.clawd.bot/security\n\
         Re-run with: clawdbot onboard --non-interactive --accept-risk ...\n",
    );
    for port in ["0", "65536", "abc"] {
        check(&[&ACCEPTED[..], &["--gateway-port", port]].concat(), 1, "Invalid --gateway-port\n");
    }
    check(
        &[&ACCEPTED[..], &["--gateway-auth", "password"]].concat(),
        1,
        "Missing --gateway-password for password auth.\n",
    );
    check(
        &[&ACCEPTED[..], &["--gateway-token", "two words"]].concat(),
        1,
        "gateway.auth.token must not contain spaces, line breaks, or control characters.\n",
    );
    let usage = Run::new(&home, &["onboard", "--gateway-bind", "wan"]).finish().expect_code(2);
    assert!(
        usage.stderr.contains("[possible values: loopback, lan, tailnet, auto, custom]"),
        "{}",
        usage.stderr
    );
    assert!(
        fs::read_dir(home.path())
            .unwrap()
            .next()
            .is_none_or(|entry| { fs::read_dir(entry.unwrap().path()).unwrap().next().is_none() })
    );
}
