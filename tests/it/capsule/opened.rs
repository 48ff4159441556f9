//! A capsule, unpacked with other means than ours where that is possible.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::gateway::{self, configure};
use crate::support::home::Home;
use crate::support::program::{Finished, Run};
use crate::support::wire::Wire;

/// Everything in a capsule.
pub(super) struct Opened {
    /// The entries by name.
    pub(super) entries: BTreeMap<String, Vec<u8>>,
    /// Their names in the order of the archive.
    pub(super) order: Vec<String>,
}

/// Makes a capsule without a question.
pub(super) fn capture(home: &Home, arguments: &[&str]) -> Finished {
    Run::new(home, &[&["dev", "capture"], arguments, &["--yes"]].concat()).finish()
}

/// A home with the recording of a short session: somebody gives a conversation another name.
pub(super) fn recorded() -> Home {
    let home = Home::new();
    let token = "of-the-recording";
    configure(&home, &format!("{{ gateway: {{ mode: 'local', auth: {{ token: '{token}' }} }} }}"));
    let key = "agent:main:telegram:group:tea";
    let entry = json!({
        "sessionId": "0f8fad5b-d9cb-469f-a165-70867728950e", "updatedAt": 1_767_323_046_000_u64, "label": "Tea kitchen",
    });
    home.write(".clawdbot/agents/main/sessions/sessions.json", &json!({ key: entry }).to_string());
    home.write("clawd/AGENTS.md", &format!("# Agents\n\nsee {}\n", home.path().join("clawd").display()));
    let gateway = gateway::in_home(&home).arg("--record").start();
    let mut client = Wire::operator(gateway.address(), token, &["operator.admin"]);
    client.payload("sessions.list", &json!({}));
    client.payload("sessions.patch", &json!({ "key": key, "label": "Kettle" }));
    client.payload("sessions.list", &json!({}));
    drop(client);
    gateway.stop();
    home
}

impl Opened {
    pub(super) fn of(path: &Path) -> Self {
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(File::open(path).unwrap()));
        let (mut entries, mut order) = (BTreeMap::new(), Vec::new());
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let name = entry.path().unwrap().to_str().unwrap().to_owned();
            assert_eq!(
                (entry.header().mode().unwrap(), entry.header().mtime().unwrap()),
                (0o600, 0),
                "{name}"
            );
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            order.push(name.clone());
            assert!(entries.insert(name, content).is_none());
        }
        assert_eq!(
            (order.first().unwrap().as_str(), order.last().unwrap().as_str()),
            ("format", "manifest.json")
        );
        assert_eq!(entries["format"], b"clawdbot-capsule 1\n");
        Self { entries, order }
    }

    pub(super) fn text(&self, name: &str) -> &str {
        let entry = self.entries.get(name).unwrap_or_else(|| panic!("{name} is not in {:?}", self.order));
        std::str::from_utf8(entry).unwrap()
    }

    pub(super) fn json(&self, name: &str) -> Value {
        serde_json::from_str(self.text(name)).unwrap()
    }

    pub(super) fn manifest(&self) -> Value {
        self.json("manifest.json")
    }

    /// Why something stayed behind.
    pub(super) fn left_out(&self, path: &str) -> Option<String> {
        let manifest = self.manifest();
        let left = manifest["leftOut"].as_array().unwrap().iter().find(|left| left["path"] == path)?;
        Some(left["reason"].as_str().unwrap().to_owned())
    }

    #[track_caller]
    pub(super) fn has_nowhere(&self, text: &str) {
        for (name, content) in &self.entries {
            let found = content.windows(text.len()).position(|window| window == text.as_bytes());
            assert_eq!(found, None, "{text} in {name}: {}", String::from_utf8_lossy(content));
            assert!(!name.contains(text), "{name}");
        }
    }
}
