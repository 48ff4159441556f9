//! The format of a script: what is said to a gateway, and what the published one answered.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::http::HttpRequest;

/// One file below `fixtures/protocol/scripts`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Script {
    /// What it shows.
    pub(super) why: String,
    /// `clawdbot.json`.
    pub(super) config: Value,
    /// Further files below the home directory; what is no string is written as JSON.
    #[serde(default)]
    pub(super) files: BTreeMap<String, Value>,
    /// What is done, in this order.
    pub(super) steps: Vec<Step>,
}

/// One thing that is done.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    /// Its name, of its own within the script.
    pub(super) name: String,
    /// The connection that does it; `op` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) on: Option<String>,
    /// What it does.
    #[serde(rename = "do")]
    pub(super) action: Action,
    /// Parts of the answer (JSON pointers) that later steps may name: `{{name}}`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) keep: BTreeMap<String, String>,
    /// The part of the answer (a JSON pointer) that is compared, when it is not all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) part: Option<String>,
    /// How many levels of the answer are compared; of what lies deeper, only the type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) depth: Option<usize>,
    /// What the published gateway answered, redacted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) answer: Option<Value>,
}

/// What a step does.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) enum Action {
    /// Opens a connection and says `connect`; answers with the response and, after a refusal, the close frame.
    Connect(Connect),
    /// Opens a connection and sends this first. A string is sent as it is.
    First(Value),
    /// Calls a method and waits for its response.
    Call(String, Value),
    /// Calls a method; the response is for a later [`Action::Answer`].
    Send(String, Value),
    /// Waits for the response to the step of this name.
    Answer(String),
    /// Sends a frame, or a string as it is, and answers with all responses that come before that of a later request.
    Frame(Value),
    /// Waits for an event that has come since the connection's last step, or comes.
    Event(String),
    /// Asks over HTTP, on a connection of its own.
    Http(HttpRequest),
    /// Closes the connection.
    Leave,
}

/// How a connection introduces itself.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Connect {
    /// Members of the parameters, instead of those of a client `test`; `null` removes one.
    #[serde(default)]
    pub(super) params: BTreeMap<String, Value>,
    /// A device that proves itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) device: Option<Device>,
    /// Headers of the upgrade.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) headers: BTreeMap<String, String>,
}

/// A device and what is wrong with its proof.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Device {
    /// Its key.
    pub(super) seed: u8,
    /// What is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) spoilt: Option<Spoilt>,
}

/// What can be wrong with a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Spoilt {
    /// The id of another key.
    Id,
    /// No key at all.
    Key,
    /// Signed eleven minutes ago.
    Time,
    /// Another nonce.
    Nonce,
    /// A signature of something else.
    Signature,
    /// A signature of the first version, without a nonce.
    Version1,
}

/// All scripts with their paths, by name.
pub(super) fn all() -> Vec<(PathBuf, String, Script)> {
    let directory = directory().join("scripts");
    let mut paths: Vec<PathBuf> =
        fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let script =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        (path, name, script)
    };
    paths.into_iter().map(read).collect()
}

/// `fixtures/protocol`.
pub(super) fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/protocol")
}

impl Script {
    /// As text: two lines a step, so that a change to an answer is one line of a diff.
    pub(super) fn render(&self) -> String {
        let json = |value: &Value| serde_json::to_string(value).unwrap();
        let mut text = format!("{{\n\"why\": {},\n", json(&Value::from(self.why.as_str())));
        let _ = writeln!(text, "\"config\": {},", json(&self.config));
        if !self.files.is_empty() {
            let files: Vec<String> = (self.files.iter())
                .map(|(path, content)| format!("  {}: {}", json(&Value::from(path.as_str())), json(content)))
                .collect();
            let _ = writeln!(text, "\"files\": {{\n{}\n}},", files.join(",\n"));
        }
        let steps: Vec<String> = self.steps.iter().map(Step::render).collect();
        let _ = writeln!(text, "\"steps\": [\n{}\n]\n}}", steps.join(",\n"));
        text
    }
}

impl Step {
    fn render(&self) -> String {
        let whole = serde_json::to_string(self).unwrap();
        // `answer` is the last member.
        match whole.rfind(",\"answer\":").filter(|_| self.answer.is_some()) {
            Some(_) => {
                let answer = serde_json::to_string(&self.answer).unwrap();
                let before = whole.len() - answer.len() - ",\"answer\":".len() - 1;
                format!("  {},\n   \"answer\": {answer}}}", &whole[..before])
            }
            None => format!("  {whole}"),
        }
    }
}
