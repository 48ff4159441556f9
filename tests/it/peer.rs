//! The published command-line client against our gateway.
//!
//! `CLAWDBOT_PEER` names the published program; `dev/peer/install` fetches it. Where it is not set nothing can be
//! shown, so the test says so and passes, except on CI (`CI=true`), where that is a failure unless it is set to
//! `unavailable`: there is no npm on that machine.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

use crate::support::foreground::Started;
use crate::support::harness;
use crate::support::home::Home;
use crate::support::program::{Finished, Run, inherited, not_run};

/// The published program needs seconds for every command, and a minute on its first.
const SLOW: Duration = Duration::from_mins(4);

fn peer() -> Option<PathBuf> {
    match inherited("CLAWDBOT_PEER").as_deref() {
        None | Some("") => {
            let on_ci = inherited("CI").as_deref() == Some("true");
            assert!(!on_ci, "CLAWDBOT_PEER is not set on CI; see dev/peer/install");
            not_run("CLAWDBOT_PEER is not set; dev/peer/install fetches the published client");
            None
        }
        Some("unavailable") => {
            not_run("the published client cannot be installed on this machine");
            None
        }
        Some(path) => Some(PathBuf::from(path)),
    }
}

#[test]
fn the_published_client_understands_our_gateway() {
    let Some(peer) = peer() else { return };
    let home = Home::new();
    let harness = harness::in_home(&home).start();
    let url = format!("ws://{}", harness.address());
    // A home of its own: the published program writes its device identity there.
    let client = Home::new();
    let run = |arguments: &[&str]| -> Finished {
        Run::of(&peer, &client, arguments).env("CLAWDBOT_HIDE_BANNER", "1").patience(SLOW).finish()
    };

    let health = run(&["gateway", "health", "--url", &url]).expect_code(0);
    assert!(health.stdout.contains("OK"), "{}", health.stdout);
    let status = run(&["gateway", "call", "status", "--url", &url, "--json"]).expect_code(0);
    let status: Value =
        serde_json::from_str(&status.stdout).unwrap_or_else(|error| panic!("{error}: {}", status.stdout));
    assert!(status["sessions"]["paths"].is_array(), "{status}");
    assert_eq!(status["heartbeat"]["defaultAgentId"], "dev", "{status}");
    let unknown = run(&["gateway", "call", "no.such.method", "--url", &url, "--json"]).expect_code(1);
    assert!(unknown.stderr.contains("unknown method: no.such.method"), "{}", unknown.stderr);
}

#[test]
fn the_published_client_trusts_our_certificate() {
    let Some(peer) = peer() else { return };
    let home = Home::new();
    home.write(".clawdbot/clawdbot.json", "{ gateway: { mode: 'local', tls: { enabled: true } } }");
    let gateway = Started::new(&home, &["gateway", "--port", "0"]);
    let url = format!("wss://127.0.0.1:{}", gateway.port());
    let pin = gateway.lines.iter().find_map(|line| line.strip_prefix("✓ TLS certificate SHA-256: ")).unwrap();
    let client = Home::new();
    let run = |arguments: &[&str]| {
        Run::of(&peer, &client, arguments).env("CLAWDBOT_HIDE_BANNER", "1").patience(SLOW)
    };

    // By its fingerprint, which that client takes only from the configuration.
    let remote = serde_json::json!({ "url": url, "tlsFingerprint": pin });
    let config = serde_json::json!({ "gateway": { "mode": "remote", "remote": remote } });
    client.write(".clawdbot/clawdbot.json", &config.to_string());
    run(&["gateway", "health"]).finish().expect_code(0);
    // As an authority.
    let certificate = home.path().join(".clawdbot/gateway/tls/gateway-cert.pem");
    let health = ["gateway", "health", "--url", &url];
    run(&health).env("NODE_EXTRA_CA_CERTS", certificate).finish().expect_code(0);
    run(&health).finish().expect_code(1);
}
