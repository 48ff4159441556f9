//! A recording, made into the directory of a capsule, and its replay.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::home::Home;
use super::program::{Finished, Run};
use super::wait::PATIENCE;

/// What a capsule calls its home directory.
const HOME: &str = "/capsule/home";

/// The directory of a capsule.
#[derive(Debug)]
pub(crate) struct Capsule {
    directory: PathBuf,
}

/// What a capsule is made from.
#[derive(Debug)]
pub(crate) struct Recorded<'a> {
    /// The home directory of the gateway that was recorded.
    pub(crate) home: &'a Home,
    /// The profile; `None` for the default one.
    pub(crate) profile: Option<&'a str>,
    /// Where the recording is.
    pub(crate) journal: &'a Path,
    /// Seeds of the devices that have connected.
    pub(crate) devices: &'a [[u8; 32]],
    /// How the gateway was started.
    pub(crate) args: &'a [&'a str],
}

impl Capsule {
    /// Takes the profile in `home` as it is, before anything is recorded.
    pub(crate) fn base(home: &Home, into: &Path) {
        let names = [".clawdbot", ".clawdbot-dev", "clawd", "clawd-dev"];
        for name in names.iter().filter(|name| home.path().join(name).is_dir()) {
            copy(home.path(), &home.path().join(name), &into.join("home").join(name));
        }
    }

    /// Takes the profile that the only recording below `journal` began with; it was that of `home`.
    pub(crate) fn base_of(journal: &Path, home: &Home, into: &Path) {
        let mut recordings = fs::read_dir(journal).unwrap().map(|entry| entry.unwrap().path());
        let base = recordings.next().expect("a recording").join("base");
        for (from, to) in [("state", ".clawdbot"), ("workspace", "clawd")] {
            copy(home.path(), &base.join(from), &into.join("home").join(to));
        }
    }

    /// Adds the recording.
    pub(crate) fn complete(directory: &Path, recorded: &Recorded<'_>) -> Self {
        let home = recorded.home.path().to_str().unwrap();
        let mut lines: Vec<(u64, String)> = Vec::new();
        let mut journals: Vec<PathBuf> = files(recorded.journal);
        journals.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
        for path in journals {
            let text = fs::read_to_string(path).unwrap();
            let whole = text.rfind('\n').map_or("", |end| &text[..end]);
            lines.extend(whole.lines().map(|line| {
                let at = serde_json::from_str::<Value>(line).unwrap()["at"].as_u64().unwrap_or(0);
                (at, line.replace(home, HOME))
            }));
        }
        lines.sort_by_key(|(at, _)| *at);
        let journal: Vec<String> = lines.into_iter().map(|(_, line)| line).collect();
        fs::write(directory.join("journal.jsonl"), journal.join("\n") + "\n").unwrap();
        let key = |seed: &[u8; 32]| {
            let public = SigningKey::from_bytes(seed).verifying_key().to_bytes();
            let id =
                Sha256::digest(public).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
            let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
            json!({ "deviceId": id, "publicKey": encode(&public), "seed": encode(seed) })
        };
        let keys: Vec<Value> = recorded.devices.iter().map(key).collect();
        fs::write(directory.join("keys.json"), json!(keys).to_string()).unwrap();
        let suffix = recorded.profile.map_or(String::new(), |name| format!("-{name}"));
        let manifest = json!({
            "format": 1, "program": "0.1.0", "platform": "test", "created": "2026-01-24T08:00:00Z",
            "profile": recorded.profile, "stateDir": format!(".clawdbot{suffix}"),
            "workspace": format!("clawd{suffix}"), "start": { "args": recorded.args, "env": {} },
            "taken": "recording", "recording": null, "secrets": 0, "devices": keys.len(), "files": [],
            "leftOut": [],
        });
        fs::write(directory.join("manifest.json"), manifest.to_string()).unwrap();
        Self { directory: directory.to_owned() }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.directory
    }

    /// Lines of the recording.
    pub(crate) fn journal(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.directory.join("journal.jsonl")).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The same with other lines.
    pub(crate) fn write_journal(&self, lines: &[Value]) {
        let text: Vec<String> = lines.iter().map(Value::to_string).collect();
        fs::write(self.directory.join("journal.jsonl"), text.join("\n") + "\n").unwrap();
    }

    /// Replays it; nothing is left.
    #[track_caller]
    pub(crate) fn replay(&self, arguments: &[&str]) -> Finished {
        replay(&self.directory, arguments)
    }
}

/// Replays a capsule, or the directory of one, with a temporary directory in which nothing is left.
#[track_caller]
pub(crate) fn replay(capsule: &Path, arguments: &[&str]) -> Finished {
    replay_with(capsule, arguments, &[], PATIENCE)
}

/// The same with variables, in so much time.
#[track_caller]
pub(crate) fn replay_with(
    capsule: &Path,
    arguments: &[&str],
    env: &[(&str, &str)],
    patience: Duration,
) -> Finished {
    let elsewhere = Home::new();
    let temporary = elsewhere.path().join("tmp");
    fs::create_dir(&temporary).unwrap();
    let capsule = capsule.to_str().unwrap();
    let run = Run::new(&elsewhere, &[&["dev", "replay", capsule], arguments].concat());
    let run = env.iter().fold(run, |run, (name, value)| run.env(name, value));
    let finished = run.env("TMPDIR", &temporary).patience(patience).finish();
    let left: BTreeSet<PathBuf> =
        fs::read_dir(&temporary).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(left.is_empty(), "{left:?} is left: {finished:?}");
    finished
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        // What the profile began with is no part of the journal.
        if path.is_dir() && !path.ends_with("base") {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn copy(home: &Path, from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(home, &from, &to);
        } else {
            let content = fs::read(&from).unwrap();
            let settled = match String::from_utf8(content) {
                Ok(text) => text.replace(home.to_str().unwrap(), HOME).into_bytes(),
                Err(binary) => binary.into_bytes(),
            };
            fs::write(to, settled).unwrap();
        }
    }
}
