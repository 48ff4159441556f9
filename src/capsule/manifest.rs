//! `manifest.json`, the last entry of a capsule: what the others are. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::format::{self, is_one_part};

/// What a capsule says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// The number of the format.
    pub format: u32,
    /// Version of the program that made it.
    pub program: String,
    /// Where that ran, for example `linux-x86_64`.
    pub platform: String,
    /// When, in UTC.
    pub created: String,
    /// The name of the profile; `None` for the default profile.
    pub profile: Option<String>,
    /// The state directory below `home/`.
    pub state_dir: String,
    /// The workspace below `home/`, when it is in the capsule.
    pub workspace: Option<String>,
    /// How the gateway was started.
    pub start: Start,
    /// When `home/` was taken.
    pub taken: Home,
    /// What `journal.jsonl` holds, when there is one.
    pub recording: Option<Recording>,
    /// How many secrets have placeholders.
    pub secrets: usize,
    /// How many devices have throw-away keys.
    pub devices: usize,
    /// Every entry but `format` and this one, in their order.
    pub files: Vec<Entry>,
    /// What of the profile is not in the capsule.
    pub left_out: Vec<LeftOut>,
}

/// How the gateway was started, for whoever starts it again. Secrets are placeholders.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// Arguments, without the program's name.
    pub args: Vec<String>,
    /// Variables.
    pub env: BTreeMap<String, String>,
}

/// When the home directory was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Home {
    /// When the recording began, before the first client was served.
    Recording,
    /// When the capsule was made.
    Capture,
}

/// What a recording holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Recording {
    /// When its first event was, Unix milliseconds.
    pub from: u64,
    /// When its last one was.
    pub to: u64,
    /// Lines.
    pub lines: u64,
    /// Frames, in both directions.
    pub frames: u64,
    /// Connections that were opened.
    pub connections: u64,
    /// Processes that served, one after the other.
    pub generations: u64,
    /// Events that were not recorded, because the disk was too slow.
    pub missed: u64,
    /// Whether it begins with the recording: the oldest part of a long one is removed.
    pub is_whole: bool,
}

/// An entry of the archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its name.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its content, in hexadecimal digits.
    pub sha256: String,
}

/// Something that is not in the capsule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// What, below `home/`.
    pub path: String,
    /// Its length; 0 for a directory, whose files are not counted.
    pub bytes: u64,
    /// Why, in words.
    pub reason: String,
}

impl Manifest {
    /// Reads one. The error says what is wrong with it.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let manifest: Self = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if manifest.format != format::NUMBER {
            return Err(format!("it says format {}", manifest.format));
        }
        for name in [Some(&manifest.state_dir), manifest.workspace.as_ref()].into_iter().flatten() {
            if !is_one_part(name) {
                return Err(format!("{name:?} is no name of a directory"));
            }
        }
        Ok(manifest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{"format":1,"program":"0.1.0","platform":"linux-x86_64","created":"2026-01-24T08:00:00Z",
        "profile":null,"stateDir":".clawdbot","workspace":"clawd","start":{"args":["gateway"],"env":{}},
        "taken":"recording","recording":{"from":1,"to":2,"lines":3,"frames":4,"connections":5,"generations":6,
        "missed":0,"isWhole":true},"secrets":1,"devices":0,"files":[{"path":"keys.json","bytes":2,"sha256":"00"}],
        "leftOut":[{"path":".clawdbot/logs","bytes":0,"reason":"a log"}],"added":"later"}"#;

    #[test]
    fn a_manifest_is_read_as_it_is_documented() {
        let manifest = Manifest::parse(TEXT.as_bytes()).unwrap();
        let again = Manifest::parse(&serde_json::to_vec(&manifest).unwrap()).unwrap();
        assert_eq!(manifest, again);
        assert_eq!((manifest.taken, manifest.left_out[0].reason.as_str()), (Home::Recording, "a log"));
    }

    #[test]
    fn a_manifest_may_not_lead_elsewhere() {
        for (from, to) in [
            ("\".clawdbot\"", "\"../.clawdbot\""),
            ("\"clawd\"", "\"a/b\""),
            ("\"clawd\"", "\"\""),
            ("\"format\":1", "\"format\":2"),
        ] {
            assert!(Manifest::parse(TEXT.replace(from, to).as_bytes()).is_err(), "{to}");
        }
    }
}
