//! Plays a script against a gateway.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::http;
use super::redact::Redactor;
use super::script::{Action, Connect, Device, Script, Spoilt, Step};
use crate::support::home::Home;
use crate::support::wire::Wire;

/// What became of a script.
#[derive(Debug)]
pub(super) struct Played {
    /// The redacted answer to each step; `None` where there is nothing to answer or the method is not served.
    pub(super) answers: Vec<Option<Value>>,
    /// Methods that this gateway knows nothing of.
    pub(super) unserved: BTreeSet<String>,
}

/// Plays `script` against the gateway at `address`, which runs in `home`.
pub(super) fn play(script: &Script, home: &Home, address: SocketAddr) -> Played {
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let words =
        vec![(home.path().to_string_lossy().into_owned(), "<home>"), (address.to_string(), "<address>")];
    let mut player = Player {
        address,
        redactor: Redactor::new(words, host),
        connections: BTreeMap::new(),
        kept: BTreeMap::new(),
        unserved: BTreeSet::new(),
        listed: BTreeSet::new(),
        is_served: true,
    };
    let answers = script.steps.iter().map(|step| player.step(step)).collect();
    Played { answers, unserved: player.unserved }
}

/// Writes the configuration and the files of `script` into `home`.
pub(super) fn furnish(script: &Script, home: &Home) {
    home.write(".clawdbot/clawdbot.json", &serde_json::to_string_pretty(&script.config).unwrap());
    for (path, content) in &script.files {
        let text = content.as_str().map_or_else(|| content.to_string(), str::to_owned);
        home.write(path, &text);
    }
}

struct Player {
    address: SocketAddr,
    redactor: Redactor,
    connections: BTreeMap<String, Connection>,
    kept: BTreeMap<String, Value>,
    unserved: BTreeSet<String>,
    /// What the last hello listed.
    listed: BTreeSet<String>,
    /// Whether the last call was of a method that is served: what is not has no events either.
    is_served: bool,
}

/// A connection and what it has heard since its last step.
struct Connection {
    wire: Wire,
    heard: VecDeque<Value>,
}

impl Connection {
    /// The first frame of those heard, or yet to come, that `wanted` wants; a text when none comes.
    fn wait(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(index) = self.heard.iter().position(&wanted) {
            return self.heard.remove(index).unwrap();
        }
        loop {
            match self.wire.heard() {
                Ok(frame) if wanted(&frame) => return frame,
                Ok(frame) => self.heard.push_back(frame),
                Err(_) => return Value::from("nothing came"),
            }
        }
    }
}

impl Player {
    fn step(&mut self, step: &Step) -> Option<Value> {
        let name = step.on.clone().unwrap_or_else(|| "op".to_owned());
        let answer = match &step.action {
            Action::Connect(connect) => self.connect(&name, connect),
            Action::First(first) => self.first(&name, first),
            Action::Call(method, params) => {
                self.send(&name, &step.name, method, params);
                self.response(&name, &step.name)?
            }
            Action::Send(method, params) => {
                // Its response comes too late to tell.
                self.is_served = self.listed.contains(method);
                self.send(&name, &step.name, method, params);
                return None;
            }
            Action::Answer(of) => self.response(&name, of)?,
            Action::Frame(frame) => self.frame(&name, &step.name, frame),
            Action::Event(_) if !self.is_served => return None,
            Action::Event(event) => {
                let connection = self.connections.get_mut(&name).expect(&step.name);
                let frame = connection.wait(|frame| frame["event"] == event.as_str());
                frame.get("payload").cloned().unwrap_or(frame)
            }
            Action::Http(request) => http::ask(self.address, request),
            Action::Leave => {
                self.connections.remove(&name);
                return None;
            }
        };
        for (name, pointer) in &step.keep {
            self.kept.insert(name.clone(), answer.pointer(pointer).cloned().unwrap_or_default());
        }
        let answer = match &step.part {
            Some(part) => answer.pointer(part).cloned().unwrap_or_default(),
            None => answer,
        };
        Some(self.redactor.redact(&answer, step.depth))
    }

    fn connect(&mut self, name: &str, connect: &Connect) -> Value {
        let headers: Vec<(&str, &str)> =
            connect.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let mut wire = Wire::open_with(self.address, "/", &headers).unwrap();
        let nonce = wire.challenge().unwrap();
        let mut params = json!({
            "minProtocol": 3,
            "maxProtocol": 3,
            "client": { "id": "test", "version": "1.0.0", "platform": "test", "mode": "test" },
        });
        for (member, value) in &connect.params {
            match self.filled(value) {
                Value::Null => drop(params.as_object_mut().unwrap().remove(member)),
                value => params[member] = value,
            }
        }
        if let Some(device) = &connect.device {
            params["device"] = proof(device, &params, &nonce);
        }
        wire.send(&json!({ "type": "req", "id": "connect", "method": "connect", "params": params })).unwrap();
        self.introduced(name, wire)
    }

    fn first(&mut self, name: &str, first: &Value) -> Value {
        let mut wire = Wire::open(self.address).unwrap();
        wire.challenge().unwrap();
        send_as_it_is(&mut wire, first);
        self.introduced(name, wire)
    }

    /// The answer to a first frame; a connection that was accepted stays.
    fn introduced(&mut self, name: &str, wire: Wire) -> Value {
        let mut answer = Map::new();
        let mut connection = Connection { wire, heard: VecDeque::new() };
        loop {
            match connection.wire.heard() {
                Ok(frame) if frame["type"] == "res" => {
                    let is_ok = frame["ok"] == true;
                    answer.insert("response".to_owned(), without_envelope(frame));
                    if is_ok {
                        let listed = answer["response"]["payload"]["features"]["methods"].as_array();
                        let names = listed.into_iter().flatten().filter_map(Value::as_str);
                        self.listed = names.map(str::to_owned).collect();
                        self.connections.insert(name.to_owned(), connection);
                        return Value::Object(answer);
                    }
                }
                Ok(_) => {}
                Err(closed) => {
                    answer.insert("close".to_owned(), json!([closed.code, closed.reason]));
                    return Value::Object(answer);
                }
            }
        }
    }

    fn send(&mut self, name: &str, id: &str, method: &str, params: &Value) {
        let params = self.filled(params);
        let connection = self.connections.get_mut(name).unwrap_or_else(|| panic!("{id}: no {name}"));
        connection.heard.clear();
        connection
            .wire
            .send(&json!({ "type": "req", "id": id, "method": method, "params": params }))
            .unwrap();
    }

    /// The response to the step `id`; `None` when its method is not served.
    fn response(&mut self, name: &str, id: &str) -> Option<Value> {
        let connection = self.connections.get_mut(name).unwrap_or_else(|| panic!("{id}: no {name}"));
        let frame = connection.wait(|frame| frame["type"] == "res" && frame["id"] == id);
        let unknown =
            frame["error"]["message"].as_str().and_then(|text| text.strip_prefix("unknown method: "));
        self.is_served = true;
        if let Some(method) = unknown.filter(|method| !method.starts_with("no.such")) {
            self.unserved.insert(method.to_owned());
            self.is_served = false;
            return None;
        }
        Some(without_envelope(frame))
    }

    fn frame(&mut self, name: &str, id: &str, frame: &Value) -> Value {
        let connection = self.connections.get_mut(name).unwrap_or_else(|| panic!("{id}: no {name}"));
        connection.heard.clear();
        send_as_it_is(&mut connection.wire, frame);
        // What is answered at all is answered before a request that comes later.
        connection.wire.send(&json!({ "type": "req", "id": "later", "method": "no.such.method" })).unwrap();
        connection.wait(|frame| frame["id"] == "later");
        let heard = connection.heard.drain(..);
        Value::Array(heard.filter(|frame| frame["type"] == "res").collect())
    }

    /// `value` with what was kept in place of `{{name}}`.
    fn filled(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => {
                let mut text = text.clone();
                for (name, kept) in &self.kept {
                    let mark = format!("{{{{{name}}}}}");
                    if text == mark && !kept.is_string() {
                        return kept.clone();
                    }
                    text = text.replace(&mark, kept.as_str().unwrap_or_default());
                }
                Value::from(text)
            }
            Value::Array(items) => items.iter().map(|item| self.filled(item)).collect(),
            Value::Object(members) => Value::Object(
                members.iter().map(|(name, value)| (name.clone(), self.filled(value))).collect(),
            ),
            other => other.clone(),
        }
    }
}

fn without_envelope(mut frame: Value) -> Value {
    if let Some(members) = frame.as_object_mut() {
        members.remove("type");
        members.remove("id");
    }
    frame
}

fn send_as_it_is(wire: &mut Wire, frame: &Value) {
    match frame {
        Value::String(text) => wire.send_text(text),
        frame => wire.send(frame),
    }
    .unwrap();
}

/// The proof of a device for the client that `params` introduce.
fn proof(device: &Device, params: &Value, nonce: &str) -> Value {
    let key = SigningKey::from_bytes(&[device.seed; 32]);
    let public = key.verifying_key().to_bytes();
    let digest = if device.spoilt == Some(Spoilt::Id) { Sha256::digest([0]) } else { Sha256::digest(public) };
    let id = digest.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let signed_at = u64::try_from(now.as_millis()).unwrap()
        - if device.spoilt == Some(Spoilt::Time) { 11 * 60 * 1000 } else { 0 };
    let nonce =
        if device.spoilt == Some(Spoilt::Nonce) { "00000000-0000-4000-8000-000000000000" } else { nonce };
    let scopes = params["scopes"]
        .as_array()
        .map(|scopes| scopes.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut parts = vec![
        "v2".to_owned(),
        id.clone(),
        text(&params["client"]["id"]),
        text(&params["client"]["mode"]),
        params["role"].as_str().unwrap_or("operator").to_owned(),
        scopes.unwrap_or_default(),
        signed_at.to_string(),
        text(&params["auth"]["token"]),
        nonce.to_owned(),
    ];
    let is_version_1 = device.spoilt == Some(Spoilt::Version1);
    if is_version_1 {
        "v1".clone_into(&mut parts[0]);
        parts.pop();
    }
    if device.spoilt == Some(Spoilt::Signature) {
        "v0".clone_into(&mut parts[0]);
    }
    let public = if device.spoilt == Some(Spoilt::Key) { &public[..5] } else { &public[..] };
    let mut proof = json!({
        "id": id,
        "publicKey": URL_SAFE_NO_PAD.encode(public),
        "signature": URL_SAFE_NO_PAD.encode(key.sign(parts.join("|").as_bytes()).to_bytes()),
        "signedAt": signed_at,
    });
    if !is_version_1 {
        proof["nonce"] = Value::from(nonce);
    }
    proof
}
