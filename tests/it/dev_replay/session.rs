//! A session of everything that clients do, well and badly.

use std::net::SocketAddr;
use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::wire::{Credentials, Wire, connect_frame};

pub(super) const TOKEN: &str = "of-the-recording";
pub(super) const DEVICE: [u8; 32] = [5; 32];
pub(super) const NODE: [u8; 32] = [6; 32];

/// A session of everything that clients do.
pub(super) fn play(address: SocketAddr) {
    let mut operator =
        Wire::operator(address, TOKEN, &["operator.admin", "operator.approvals", "operator.pairing"]);
    let mut watcher = Wire::operator(address, TOKEN, &["operator.read"]);
    for method in [
        "health",
        "status",
        "sessions.list",
        "agents.list",
        "models.list",
        "system-presence",
        "skills.status",
    ] {
        operator.payload(method, &json!({}));
    }
    errors(&mut operator);
    let key = "agent:main:telegram:group:theirs";
    operator.payload("sessions.patch", &json!({ "key": key, "label": "Theirs" }));
    operator.payload("chat.inject", &json!({ "sessionKey": key, "message": "The kettle boils" }));
    watcher.event("chat").unwrap();
    watcher.payload("chat.history", &json!({ "sessionKey": key }));
    operator.payload("system-event", &json!({ "text": "Node: attic · mode test" }));
    pairing(address, &mut operator);
    node(address, &mut operator);
    let before = operator.payload("config.get", &json!({}));
    operator.payload(
        "config.patch",
        &json!({ "raw": "{ \"ui\": { \"seamColor\": \"#00ff00\" } }", "baseHash": before["hash"] }),
    );
    let after = operator.payload("config.get", &json!({}));
    assert_ne!(before["hash"], after["hash"]);
    flood(&mut watcher);
    drop(watcher);
    // Without a goodbye; the other one with.
    operator.payload("system-presence", &json!({}));
    operator.send_raw(&[0x88, 0x80, 0, 0, 0, 0]).unwrap();
    operator.closed();
}

fn errors(operator: &mut Wire) {
    let refused = operator.call("no.such.method", &json!({})).unwrap();
    assert_eq!(refused["ok"], false);
    let refused = operator.call("sessions.patch", &json!({ "key": 7 })).unwrap();
    assert_eq!(refused["ok"], false);
    operator.send_text("no JSON").unwrap();
    operator.send_text("{\n\"type\": \"req\",\n\"id\": \"lines\", \"method\": \"status\" }").unwrap();
    operator.answer("lines").unwrap();
    operator.send_binary(vec![0xff, 0xfe]).unwrap();
    operator.send(&json!({ "type": "req", "id": 7, "method": "health" })).unwrap();
    operator.send(&json!([1])).unwrap();
    operator.payload("health", &json!({}));
}

/// A device from elsewhere asks, is let in, and comes back with its token.
fn pairing(address: SocketAddr, operator: &mut Wire) {
    let ask = |credentials: &Credentials| {
        let mut wire = Wire::open_with(address, "/", &[("x-forwarded-for", "203.0.113.9")]).unwrap();
        let nonce = wire.challenge().unwrap();
        wire.send(&connect_frame(&nonce, credentials)).unwrap();
        let answer = wire.answer("connect").unwrap();
        (wire, answer)
    };
    let (mut refused, answer) = ask(&Credentials::Bare);
    assert_eq!(answer["ok"], false, "{answer}");
    refused.closed();
    let with_token = Credentials::DeviceWithToken(DEVICE, TOKEN.to_owned());
    let (mut refused, answer) = ask(&with_token);
    let request =
        answer["error"]["details"]["requestId"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
    assert_eq!(refused.closed().code, 1008);
    let asked = operator.event("device.pair.requested").unwrap();
    assert_eq!(asked["payload"]["requestId"], request.as_str());
    operator.payload("device.pair.list", &json!({}));
    operator.payload("device.pair.approve", &json!({ "requestId": request }));
    let (paired, answer) = ask(&with_token);
    assert_eq!(answer["ok"], true, "{answer}");
    drop(paired);
    let token = answer["payload"]["auth"]["deviceToken"].as_str().unwrap().to_owned();
    let (mut again, answer) = ask(&Credentials::DeviceWithToken(DEVICE, token));
    assert_eq!(answer["ok"], true, "{answer}");
    again.call("health", &json!({})).unwrap();
}

/// A node is asked to do something, does it well, badly, and not at all.
fn node(address: SocketAddr, operator: &mut Wire) {
    let mut node = Wire::open(address).unwrap();
    let nonce = node.challenge().unwrap();
    let mut frame = connect_frame(&nonce, &Credentials::Token(TOKEN.to_owned()));
    let client = json!({ "id": "node-host", "version": "1.0.0", "platform": "linux", "mode": "node",
        "displayName": "Pad", "instanceId": "n-1" });
    let params = &mut frame["params"];
    params["client"] = client;
    params["role"] = json!("node");
    params["caps"] = json!(["system"]);
    params["commands"] = json!(["system.run", "system.which"]);
    params["device"] = proof(&NODE, params, &nonce);
    node.send(&frame).unwrap();
    let answer = node.answer("connect").unwrap();
    assert_eq!(answer["ok"], true, "{answer}");
    node.event("voicewake.changed").unwrap();
    let listed = operator.payload("node.list", &json!({}));
    let id = listed["nodes"][0]["nodeId"].as_str().unwrap().to_owned();
    for (number, ok) in [(1, true), (2, false)] {
        let call = format!("invoke-{number}");
        let params =
            json!({ "nodeId": id, "command": "system.which", "params": { "a": 1 }, "idempotencyKey": call });
        operator
            .send(&json!({ "type": "req", "id": call, "method": "node.invoke", "params": params }))
            .unwrap();
        let asked = node.event("node.invoke.request").unwrap()["payload"].clone();
        let result = json!({ "id": asked["id"], "nodeId": id, "ok": ok, "payload": { "echo": number },
            "error": { "code": "NOPE", "message": "will not" } });
        node.payload("node.invoke.result", &result);
        assert_eq!(operator.answer(&call).unwrap()["ok"], ok);
    }
    let params = json!({ "nodeId": id, "command": "system.which", "idempotencyKey": "lost" });
    operator
        .send(&json!({ "type": "req", "id": "lost", "method": "node.invoke", "params": params }))
        .unwrap();
    node.event("node.invoke.request").unwrap();
    drop(node);
    assert_eq!(operator.answer("lost").unwrap()["ok"], false);
    operator.payload("system-presence", &json!({}));
}

/// The proof of a device for what it says of itself.
fn proof(seed: &[u8; 32], params: &Value, nonce: &str) -> Value {
    let key = SigningKey::from_bytes(seed);
    let public = key.verifying_key().to_bytes();
    let id = Sha256::digest(public).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis();
    let (client, role) = (&params["client"], params["role"].as_str().unwrap());
    let (name, mode) = (client["id"].as_str().unwrap(), client["mode"].as_str().unwrap());
    let text = format!("v2|{id}|{name}|{mode}|{role}||{now}|{TOKEN}|{nonce}");
    let signature = URL_SAFE_NO_PAD.encode(key.sign(text.as_bytes()).to_bytes());
    json!({ "id": id, "publicKey": URL_SAFE_NO_PAD.encode(public), "signature": signature,
        "signedAt": u64::try_from(now).unwrap(), "nonce": nonce })
}

/// Many requests at once, answered in any order.
fn flood(client: &mut Wire) {
    for number in 0..300 {
        client.send(&json!({ "type": "req", "id": format!("flood-{number}"), "method": "health" })).unwrap();
    }
    for number in 0..300 {
        client.answer(&format!("flood-{number}")).unwrap();
    }
}
