//! The published command-line client against our gateway.

use serde_json::Value;

use crate::support::foreground::Started;
use crate::support::harness;
use crate::support::home::Home;
use crate::support::peer::{Peer, SLOW};
use crate::support::program::Run;

#[test]
fn the_published_client_understands_our_gateway() {
    let Some(peer) = Peer::find() else { return };
    let home = Home::new();
    let harness = harness::in_home(&home).start();
    let url = format!("ws://{}", harness.address());
    let client = Home::new();
    let run = |arguments: &[&str]| peer.run(&client, arguments);

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
    let Some(peer) = Peer::find() else { return };
    let home = Home::new();
    home.write(".clawdbot/clawdbot.json", "{ gateway: { mode: 'local', tls: { enabled: true } } }");
    let gateway = Started::new(&home, &["gateway", "--port", "0"]);
    let url = format!("wss://127.0.0.1:{}", gateway.port());
    let pin = gateway.lines.iter().find_map(|line| line.strip_prefix("✓ TLS certificate SHA-256: ")).unwrap();
    let client = Home::new();
    let run = |arguments: &[&str]| peer.command(&client, arguments);

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

#[test]
fn the_published_client_finds_the_gateway_of_dev_run() {
    let Some(peer) = Peer::find() else { return };
    let home = Home::new();
    let program = peer.program().display().to_string();
    let health = Run::new(&home, &["dev", "run", "--", &program, "gateway", "health"])
        .env("CLAWDBOT_HIDE_BANNER", "1")
        .patience(SLOW)
        .finish()
        .expect_code(0);
    assert!(health.stdout.contains("OK"), "{}", health.stdout);
    let script = r#""$0" gateway health --url "$CLAWDBOT_GATEWAY_URL" --token "$CLAWDBOT_GATEWAY_TOKEN""#;
    let asked = Run::new(&home, &["dev", "run", "--", "sh", "-c", script, &program])
        .env("CLAWDBOT_HIDE_BANNER", "1")
        .patience(SLOW)
        .finish()
        .expect_code(0);
    assert!(asked.stdout.contains("OK"), "{}", asked.stdout);
}
