//! One state directory, used by the published gateway, by ours, and by the published one again: nothing is lost.

use std::net::SocketAddr;
use std::time::SystemTime;

use serde_json::{Map, Value, json};

use crate::support::foreground::Started;
use crate::support::home::Home;
use crate::support::peer::Peer;
use crate::support::program::inherited;
use crate::support::wire::{Credentials, Wire, connect_frame};

/// Files that both programs keep, with a member each that neither knows.
const FILES: [(&str, &[&str]); 6] = [
    ("agents/main/sessions/sessions.json", &["agent:main:main"]),
    ("devices/paired.json", &["*"]),
    ("nodes/paired.json", &["attic"]),
    ("exec-approvals.json", &[]),
    ("settings/voicewake.json", &[]),
    ("settings/tts.json", &[]),
];

/// The member that neither knows.
const FUTURE: &str = "futureField";

const SESSION: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

/// Furnishes a home: a configuration, and a conversation.
fn furnish(home: &Home) {
    let config = json!({
        "gateway": { "mode": "local", "trustedProxies": ["127.0.0.1"], "reload": { "mode": "off" } },
        "canvasHost": { "enabled": false },
        "agents": { "list": [{ "id": "main", "default": true, "identity": { "name": "Molly" } }] },
    });
    home.write(".clawdbot/clawdbot.json", &config.to_string());
    let lines = [
        json!({ "type": "session", "version": 3, "id": SESSION, "timestamp": "2026-01-02T03:04:05.000Z", "cwd": "/tmp" }),
        message("a0000000", None, "user", "Is it raining?"),
        message("a0000001", Some("a0000000"), "assistant", "Not yet."),
    ];
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    home.write(&format!(".clawdbot/agents/main/sessions/{SESSION}.jsonl"), &(lines.join("\n") + "\n"));
    let session = json!({ "sessionId": SESSION, "updatedAt": 1_767_323_046_000_u64, "lastChannel": "telegram", "lastTo": "5" });
    let store = json!({ "agent:main:main": session });
    home.write(".clawdbot/agents/main/sessions/sessions.json", &store.to_string());
}

fn message(id: &str, parent: Option<&str>, role: &str, text: &str) -> Value {
    let content = json!([{ "type": "text", "text": text }]);
    let message = json!({ "role": role, "content": content, "timestamp": 1_767_323_046_000_u64 });
    json!({ "type": "message", "id": id, "parentId": parent, "timestamp": "2026-01-02T03:04:06.000Z", "message": message })
}

/// An operator who may do everything.
fn operator(address: SocketAddr) -> Wire {
    Wire::operator(address, "any", &["operator.admin", "operator.pairing", "operator.approvals"])
}

/// The answer to a device on another machine.
fn device(address: SocketAddr, seed: u8) -> Value {
    let mut wire = Wire::open_with(address, "/", &[("x-forwarded-for", "203.0.113.9")]).unwrap();
    let nonce = wire.challenge().unwrap();
    wire.send(&connect_frame(&nonce, &Credentials::Device([seed; 32]))).unwrap();
    wire.answer("connect").unwrap()
}

/// What a gateway tells of everything that it keeps, without what each tells in its own way.
fn told(wire: &mut Wire) -> Value {
    let mut all = json!({
        "sessions": wire.payload("sessions.list", &json!({ "includeGlobal": true, "includeUnknown": true }))["sessions"],
        "devices": wire.payload("device.pair.list", &json!({})),
        "nodes": wire.payload("node.pair.list", &json!({})),
        "known nodes": wire.payload("node.list", &json!({}))["nodes"],
        "approvals": wire.payload("exec.approvals.get", &json!({}))["file"],
        "words": wire.payload("voicewake.get", &json!({})),
        "speech": wire.payload("tts.status", &json!({}))["enabled"],
        "history": wire.payload("chat.history", &json!({ "sessionKey": "main" })),
        "config": wire.payload("config.get", &json!({}))["parsed"],
    });
    // The tokens of nodes are told once by ours, and the socket is of the published program alone.
    for node in all["nodes"]["paired"].as_array_mut().unwrap() {
        node.as_object_mut().unwrap().remove("token");
    }
    all["approvals"].as_object_mut().unwrap().remove("socket");
    // A device without scopes has none.
    for device in all["devices"]["paired"].as_array_mut().unwrap() {
        let device = device.as_object_mut().unwrap();
        device.entry("scopes").or_insert_with(|| json!([]));
    }
    // It is looked for in the files.
    forget(&mut all, FUTURE);
    all
}

fn forget(value: &mut Value, name: &str) {
    match value {
        Value::Object(object) => {
            object.remove(name);
            object.values_mut().for_each(|value| forget(value, name));
        }
        Value::Array(array) => array.iter_mut().for_each(|value| forget(value, name)),
        _ => {}
    }
}

#[track_caller]
fn read(home: &Home, file: &str) -> Value {
    serde_json::from_str(&home.read(&format!(".clawdbot/{file}"))).unwrap()
}

/// The object in a file that a path leads to; `*` is whatever comes first.
fn at<'a>(document: &'a mut Value, path: &[&str]) -> &'a mut Map<String, Value> {
    let object = path.iter().fold(document, |value, &name| {
        let object = value.as_object_mut().unwrap();
        match name {
            "*" => object.values_mut().next().unwrap(),
            name => &mut object[name],
        }
    });
    object.as_object_mut().unwrap()
}

/// Ours tells of the state in `home` what theirs did, once `adjust` has been at it, and changes some of everything;
/// returns what it tells then.
#[track_caller]
fn ours_tells_and_changes(home: &Home, by_theirs: &Value, adjust: impl FnOnce(&mut Value)) -> Value {
    let nodes = read(home, "nodes/paired.json");
    let devices = read(home, "devices/paired.json");
    let socket = read(home, "exec-approvals.json")["socket"].clone();

    let ours = Started::new(home, &["gateway", "--port", "0"]);
    let mut wire = operator(ours.address());
    let mut before = told(&mut wire);
    let [asked, cellar] = ["devices", "nodes"].map(|of| before[of]["pending"][0]["requestId"].clone());
    adjust(&mut before);
    same(by_theirs, &before);
    assert_eq!(device(ours.address(), 1)["ok"], true, "paired is paired");
    let again = device(ours.address(), 2);
    assert_eq!(again["error"]["details"]["requestId"], asked, "what was asked is not asked again");
    let token = &nodes["attic"]["token"];
    let verified = wire.payload("node.pair.verify", &json!({ "nodeId": "attic", "token": token }));
    assert_eq!(verified["ok"], true, "{verified}");
    wire.payload("device.pair.approve", &json!({ "requestId": asked }));
    wire.payload("node.pair.approve", &json!({ "requestId": cellar }));
    wire.payload("voicewake.set", &json!({ "triggers": ["hey molly", "hello"] }));
    wire.payload("tts.disable", &json!({}));
    wire.payload("sessions.patch", &json!({ "key": "main", "verboseLevel": "on" }));
    wire.payload("chat.inject", &json!({ "sessionKey": "main", "message": "It rains." }));
    let approvals = wire.payload("exec.approvals.get", &json!({}));
    let mut file = approvals["file"].clone();
    file["agents"]["main"]["security"] = json!("full");
    wire.payload("exec.approvals.set", &json!({ "file": file, "baseHash": approvals["hash"] }));
    let by_ours = told(&mut wire);
    drop(wire);
    assert!(ours.stop().success());
    for (file, path) in FILES {
        let mut document = read(home, file);
        let object = at(&mut document, path);
        assert_eq!(object.get(FUTURE), Some(&json!({ "kept": [1, null] })), "{file}: {object:?}");
    }
    let (id, before) = devices.as_object().unwrap().iter().next().unwrap();
    let after = &read(home, "devices/paired.json")[id];
    assert_eq!(after["tokens"]["operator"]["token"], before["tokens"]["operator"]["token"]);
    assert_eq!(read(home, "nodes/paired.json")["attic"]["token"], *token);
    assert_eq!(read(home, "exec-approvals.json")["socket"], socket);
    by_ours
}

#[test]
fn nothing_is_lost_from_theirs_to_ours_and_back() {
    let Some(peer) = Peer::find() else { return };
    let home = Home::new();
    furnish(&home);

    // Theirs makes all that there is.
    let theirs = peer.gateway(&home);
    let mut wire = operator(theirs.address());
    let asked = [1, 2].map(|seed| text(&device(theirs.address(), seed)["error"]["details"]["requestId"]));
    wire.payload("device.pair.approve", &json!({ "requestId": asked[0] }));
    assert_eq!(device(theirs.address(), 1)["ok"], true);
    let mut ask = |id: &str| {
        let asked = wire.payload("node.pair.request", &json!({ "nodeId": id, "displayName": id }));
        text(&asked["request"]["requestId"])
    };
    let (attic, _cellar) = (ask("attic"), ask("cellar"));
    wire.payload("node.pair.approve", &json!({ "requestId": attic }));
    wire.payload("voicewake.set", &json!({ "triggers": ["hey molly"] }));
    wire.payload("tts.enable", &json!({}));
    wire.payload("sessions.patch", &json!({ "key": "main", "thinkingLevel": "low", "label": "Work" }));
    wire.payload("sessions.patch", &json!({ "key": "telegram:group:theirs", "verboseLevel": "on" }));
    let hash = wire.payload("exec.approvals.get", &json!({}))["hash"].clone();
    let file = json!({ "version": 1, "agents": { "main": { "security": "allowlist", "allowlist": [{ "pattern": "/usr/bin/rg" }] } } });
    wire.payload("exec.approvals.set", &json!({ "file": file, "baseHash": hash }));
    let by_theirs = told(&mut wire);
    drop(wire);
    theirs.stop();

    // What a later version of it would write besides.
    for (file, path) in FILES {
        let mut document = read(&home, file);
        at(&mut document, path).insert(FUTURE.to_owned(), json!({ "kept": [1, null] }));
        home.write(&format!(".clawdbot/{file}"), &document.to_string());
    }
    if inherited("CLAWDBOT_RECORD").as_deref() == Some("state") {
        record(&home, &by_theirs);
    }
    let by_ours = ours_tells_and_changes(&home, &by_theirs, |_| ());

    // Theirs again tells what ours did.
    let theirs = peer.gateway(&home);
    let mut wire = operator(theirs.address());
    let by_theirs = told(&mut wire);
    same(&by_ours, &by_theirs);
    for seed in [1, 2] {
        assert_eq!(device(theirs.address(), seed)["ok"], true, "{seed}");
    }
    let token = &read(&home, "nodes/paired.json")["attic"]["token"];
    let verified = wire.payload("node.pair.verify", &json!({ "nodeId": "attic", "token": token }));
    assert_eq!(verified["ok"], true, "{verified}");
}

/// The same without the published program: a state directory that it has left, and what it told of that.
#[test]
fn what_theirs_left_is_read_whole() {
    let home = Home::new();
    let left: Value = serde_json::from_str(include_str!("../../fixtures/state/published.json")).unwrap();
    for (file, content) in left["files"].as_object().unwrap() {
        let mut content = content.clone();
        // Nobody decides about a request for longer than five minutes.
        if file.ends_with("pending.json") {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis();
            content.as_object_mut().unwrap().values_mut().for_each(|asked| asked["ts"] = json!(now));
        }
        let text = content.as_str().map_or_else(|| content.to_string(), str::to_owned);
        home.write(&format!(".clawdbot/{file}"), &text);
    }
    ours_tells_and_changes(&home, &left["told"], |told| forget(told, "ts"));
}

/// Keeps what theirs has left as the fixture of the test above. `dev/CONTRIBUTING.md` says how.
fn record(home: &Home, told: &Value) {
    let documents = FILES.iter().map(|(file, _)| *file);
    let documents = documents.chain(["clawdbot.json", "devices/pending.json", "nodes/pending.json"]);
    let mut files: Map<String, Value> = documents.map(|file| (file.to_owned(), read(home, file))).collect();
    let transcript = format!("agents/main/sessions/{SESSION}.jsonl");
    files.insert(transcript.clone(), home.read(&format!(".clawdbot/{transcript}")).into());
    let mut told = told.clone();
    forget(&mut told, "ts");
    let mut left = json!({ "files": files, "told": told });
    mask(&mut left, &home.path().to_string_lossy());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/state/published.json");
    std::fs::write(path, format!("{left:#}\n")).unwrap();
}

/// Takes what is secret, and what is of this machine, out of a fixture.
fn mask(value: &mut Value, home: &str) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                match value {
                    Value::String(secret) if name == "token" => *secret = "0".repeat(secret.len()),
                    value => mask(value, home),
                }
            }
        }
        Value::Array(array) => array.iter_mut().for_each(|value| mask(value, home)),
        Value::String(text) => *text = text.replace(home, "/home/you"),
        _ => {}
    }
}

/// Compares what was told subject by subject, so that a difference can be read.
#[track_caller]
fn same(one: &Value, other: &Value) {
    for (subject, one) in one.as_object().unwrap() {
        assert_eq!(*one, other[subject], "{subject}");
    }
}

#[track_caller]
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}
