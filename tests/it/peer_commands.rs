//! The commands of the published client at a machine whose gateway is ours: what they show, and what they change.

use std::io::{BufRead, BufReader};
use std::process::Child;

use serde_json::{Value, json};

use crate::support::foreground::Started;
use crate::support::home::Home;
use crate::support::peer::{self, Peer};
use crate::support::program::Run;
use crate::support::wire::{Credentials, Wire, connect_frame};

/// A process that is killed when dropped.
struct Follower(Child);

impl Drop for Follower {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A gateway in `home`, which has a session.
fn start(home: &Home) -> Started {
    home.write(".clawdbot/clawdbot.json", "{ gateway: { mode: 'local', trustedProxies: ['127.0.0.1'] } }");
    let session =
        json!({ "sessionId": "0f8fad5b-d9cb-469f-a165-70867728950e", "updatedAt": 1_767_323_046_000_u64 });
    home.write(
        ".clawdbot/agents/main/sessions/sessions.json",
        &json!({ "agent:main:telegram:group:theirs": session }).to_string(),
    );
    Started::new(home, &["gateway", "--port", "0"])
}

/// One of ours, to look at what the published client has done.
fn client(gateway: &Started) -> Wire {
    Wire::hello(gateway.address(), &Credentials::Token("any".to_owned())).unwrap().0
}

#[test]
fn they_show_what_our_gateway_knows() {
    let Some(peer) = Peer::find() else { return };
    let home = Home::new();
    let gateway = start(&home);
    let run = |arguments: &[&str]| peer.local(&home, gateway.port(), arguments);
    // The first one alone: it makes the identity that the others use.
    run(&["gateway", "health"]).finish().expect_code(0);
    let own = Run::new(&home, &["gateway", "call", "device.pair.list", "--json"]).finish().expect_code(0);
    let known = peer::json(&own.stdout)["paired"].as_array().map(Vec::len);
    assert_eq!(known, Some(1), "both clients are one device: {}", own.stdout);
    let [status, health, sessions, service, probe, call, presence, approvals, devices, text] =
        peer::together([
            run(&["status", "--json"]),
            run(&["health", "--json"]),
            run(&["sessions", "--json"]),
            run(&["gateway", "status", "--json"]),
            run(&["gateway", "probe", "--json"]),
            run(&["gateway", "call", "sessions.list", "--json"]),
            run(&["system", "presence", "--json"]),
            run(&["approvals", "get", "--gateway", "--json"]),
            run(&["devices", "list", "--json"]),
            run(&["status"]),
        ]);
    let key = "agent:main:telegram:group:theirs";
    let status = peer::json(&status);
    assert_eq!(status["gateway"]["reachable"], true, "{status}");
    assert_eq!(status["sessions"]["recent"][0]["key"], key, "{status}");
    let health = peer::json(&health);
    assert_eq!((&health["ok"], &health["sessions"]["count"]), (&json!(true), &json!(1)), "{health}");
    assert_eq!(peer::json(&sessions)["sessions"][0]["key"], key, "{sessions}");
    assert_eq!(peer::json(&service)["rpc"]["ok"], true, "{service}");
    let probe = peer::json(&probe);
    let target = &probe["targets"][0];
    assert_eq!((&target["connect"]["ok"], &target["health"]["ok"]), (&json!(true), &json!(true)), "{probe}");
    let listed = &peer::json(&call)["sessions"][0];
    assert_eq!((&listed["key"], &listed["displayName"]), (&json!(key), &json!("telegram:g-theirs")));
    let presence = peer::json(&presence);
    let entries = presence.as_array().unwrap();
    assert!(
        entries.iter().any(|entry| entry["mode"] == "gateway" && entry["reason"] == "self"),
        "{presence}"
    );
    assert_eq!(peer::json(&approvals)["exists"], false, "{approvals}");
    let device = &peer::json(&devices)["paired"][0];
    assert_eq!((&device["clientId"], &device["role"]), (&json!("cli"), &json!("operator")), "{devices}");
    assert!(text.contains("reachable") && !text.contains("unreachable"), "{text}");
}

#[test]
fn they_change_what_our_gateway_keeps() {
    let Some(peer) = Peer::find() else { return };
    let home = Home::new();
    let gateway = start(&home);
    let run = |arguments: &[&str]| peer.local(&home, gateway.port(), arguments);
    run(&["gateway", "health"]).finish().expect_code(0);
    let mut own = client(&gateway);
    let from_afar = |seed: u8| {
        let forwarded = [("x-forwarded-for", "203.0.113.9")];
        let mut wire = Wire::open_with(gateway.address(), "/", &forwarded).unwrap();
        let nonce = wire.challenge().unwrap();
        wire.send(&connect_frame(&nonce, &Credentials::Device([seed; 32]))).unwrap();
        wire.answer("connect").unwrap()
    };
    let ask = |seed| {
        let refused = from_afar(seed);
        assert_eq!(refused["error"]["code"], "NOT_PAIRED", "{refused}");
        text(&refused["error"]["details"]["requestId"])
    };
    let (wanted, unwanted) = (ask(1), ask(2));
    let mut node = |id: &str| {
        let asked = own.payload("node.pair.request", &json!({ "nodeId": id, "displayName": id }));
        text(&asked["request"]["requestId"])
    };
    let (attic, cellar) = (node("attic"), node("cellar"));

    let [devices, nodes] =
        peer::together([run(&["devices", "list", "--json"]), run(&["nodes", "pending", "--json"])]);
    assert_eq!(peer::json(&devices)["pending"].as_array().unwrap().len(), 2, "{devices}");
    assert_eq!(peer::json(&nodes).as_array().unwrap().len(), 2, "{nodes}");

    home.write("approvals.json", r#"{ "version": 1, "agents": { "main": { "security": "allowlist" } } }"#);
    let file = home.path().join("approvals.json").display().to_string();
    let [approved, _, paired, _, _, heartbeat, _] = peer::together([
        run(&["devices", "approve", &wanted, "--json"]),
        run(&["devices", "reject", &unwanted, "--json"]),
        run(&["nodes", "approve", &attic, "--json"]),
        run(&["nodes", "reject", &cellar, "--json"]),
        run(&["approvals", "set", "--gateway", "--file", &file, "--json"]),
        run(&["system", "heartbeat", "disable", "--json"]),
        run(&["system", "event", "--text", "The kettle boils", "--json"]),
    ]);
    let device = text(&peer::json(&approved)["device"]["deviceId"]);
    assert_eq!(peer::json(&paired)["node"]["nodeId"], "attic", "{paired}");
    assert_eq!(peer::json(&heartbeat), json!({ "ok": true, "enabled": false }));
    assert_eq!(from_afar(1)["ok"], true, "who is approved gets in");

    let [rotated, nodes, _] = peer::together([
        run(&["devices", "rotate", "--device", &device, "--role", "operator", "--json"]),
        run(&["nodes", "list", "--json"]),
        run(&["approvals", "allowlist", "add", "--gateway", "--agent", "main", "/usr/bin/uptime"]),
    ]);
    assert!(peer::json(&rotated)["token"].is_string(), "{rotated}");
    // A line for people comes first, with `--json` too.
    let (_, nodes) = nodes.split_once('\n').unwrap();
    assert_eq!(peer::json(nodes)["paired"][0]["nodeId"], "attic", "{nodes}");
    let approvals = own.payload("exec.approvals.get", &json!({}));
    let agent = &approvals["file"]["agents"]["main"];
    assert_eq!(agent["security"], "allowlist", "{approvals}");
    assert_eq!(agent["allowlist"][0]["pattern"], "/usr/bin/uptime", "{approvals}");

    let [revoked, _] = peer::together([
        run(&["devices", "revoke", "--device", &device, "--role", "operator", "--json"]),
        run(&["approvals", "allowlist", "remove", "--gateway", "--agent", "main", "/usr/bin/uptime"]),
    ]);
    assert!(peer::json(&revoked)["revokedAtMs"].is_u64(), "{revoked}");
    let approvals = own.payload("exec.approvals.get", &json!({}));
    let left = approvals["file"]["agents"]["main"]["allowlist"].as_array().map_or(0, Vec::len);
    assert_eq!(left, 0, "{approvals}");
}

#[test]
fn they_follow_our_log() {
    let Some(peer) = Peer::find() else { return };
    let home = Home::new();
    let gateway = start(&home);
    let follow = ["logs", "--follow", "--interval", "100", "--json"];
    // One process, so that killing it leaves nothing behind.
    let run = peer.local(&home, gateway.port(), &follow).env("CLAWDBOT_NO_RESPAWN", "1");
    let mut follower = Follower(run.into_command().spawn().unwrap());
    let lines = BufReader::new(follower.0.stdout.take().unwrap()).lines();
    let mut lines = lines.map(|line| peer::json(&line.unwrap()));
    let meta = lines.next().expect("it says what it follows");
    assert_eq!(meta["type"], "meta", "{meta}");
    assert_eq!(meta["file"], home.path().join(".clawdbot/logs/gateway.log").to_str().unwrap());
    let listening = |line: &Value| {
        line["subsystem"] == "gateway"
            && line["message"].as_str().is_some_and(|text| text.contains("listening on"))
    };
    assert!(lines.any(|line| listening(&line)), "what was said before");
    let unknown = client(&gateway).call("no.such.method", &json!({})).unwrap();
    assert_eq!(unknown["ok"], false);
    let refused = lines.find(|line| line.to_string().contains("no.such.method")).expect("what is said since");
    assert_eq!((&refused["level"], &refused["subsystem"]), (&json!("info"), &json!("gateway/ws")));
}

#[track_caller]
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}
