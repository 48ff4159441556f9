//! A state directory of the published program in a capsule, and out of it.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::opened::{Opened, capture};
use crate::support::foreground::Started;
use crate::support::home::Home;
use crate::support::program::Run;
use crate::support::wire::Wire;

const RECORDED: &str = include_str!("../../../fixtures/state/published.json");

/// What stands in the recorded files for every token.
const NO_TOKEN: &str = "00000000000000000000000000000000";

/// Puts the recorded files into a home, each token another one; the tokens.
fn furnish(home: &Home, files: &Value) -> Vec<String> {
    let mut tokens = Vec::new();
    for (path, content) in files.as_object().unwrap() {
        let mut text = content.as_str().map_or_else(|| content.to_string(), str::to_owned);
        while text.contains(NO_TOKEN) {
            let token = format!("{:032x}", 0x1234_5678_9abc_def0_u128 * (tokens.len() as u128 + 3));
            text = text.replacen(NO_TOKEN, &token, 1);
            tokens.push(token);
        }
        home.write(&format!("theirs/.clawdbot/{path}"), &text.replace("/home/you", "/home/you/theirs"));
    }
    tokens
}

#[test]
fn it_is_captured_and_opened_again() {
    let recorded: Value = serde_json::from_str(RECORDED).unwrap();
    let home = Home::new();
    let tokens = furnish(&home, &recorded["files"]);
    assert_eq!(tokens.len(), 3, "one each of a device, a node, and a socket");
    let from = home.path().join("theirs/.clawdbot");
    capture(&home, &["x.capsule.tar.gz", "--from", from.to_str().unwrap()]).expect_code(0);
    let opened = Opened::of(&home.path().join("x.capsule.tar.gz"));
    for token in &tokens {
        opened.has_nowhere(token);
    }
    let manifest = opened.manifest();
    assert_eq!((&manifest["secrets"], &manifest["devices"]), (&3.into(), &2.into()));
    assert_eq!((&manifest["profile"], &manifest["recording"]), (&Value::Null, &Value::Null));
    for id in recorded["files"]["devices/paired.json"].as_object().unwrap().keys() {
        opened.has_nowhere(id);
    }

    // Unpacked, ours tells of it what it told of the original.
    Run::new(&home, &["dev", "capsule", "extract", "x.capsule.tar.gz", "out"]).finish().expect_code(0);
    let other = Home::new();
    copy(&home.path().join("out/home"), other.path(), other.path().to_str().unwrap());
    let gateway = Started::new(&other, &["gateway", "--port", "0"]);
    let mut wire = Wire::operator(gateway.address(), "any", &["operator.admin", "operator.pairing"]);
    let history = wire.payload("chat.history", &json!({ "sessionKey": "main" }));
    assert_eq!(history["messages"], recorded["told"]["history"]["messages"]);
    let sessions = wire.payload("sessions.list", &json!({ "includeGlobal": true, "includeUnknown": true }));
    assert_eq!(sessions["sessions"].as_array().unwrap().len(), 2);
    let devices = wire.payload("device.pair.list", &json!({}));
    let keys: Vec<Value> =
        opened.json("keys.json").as_array().unwrap().iter().map(|key| key["deviceId"].clone()).collect();
    assert!(keys.contains(&devices["paired"][0]["deviceId"]), "{devices}");
    let nodes = wire.payload("node.pair.list", &json!({}));
    assert_eq!(nodes["paired"][0]["nodeId"], "attic");
    let verified = json!({ "nodeId": "attic", "token": opened.json("home/.clawdbot/nodes/paired.json")["attic"]["token"] });
    assert_eq!(wire.payload("node.pair.verify", &verified)["ok"], true);
    drop(wire);
    assert!(gateway.stop().success());
}

/// Copies texts, with the place of the capsule replaced by the real one.
fn copy(from: &Path, to: &Path, place: &str) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            fs::create_dir_all(&target).unwrap();
            copy(&path, &target, place);
        } else {
            fs::write(target, fs::read_to_string(&path).unwrap().replace("/capsule/home", place)).unwrap();
        }
    }
}
