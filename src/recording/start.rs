//! What a recording began with: `start.json`.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::layout::START;
use crate::platform::atomic;

/// Version of the layout of a recording and of the lines of its journals.
pub const FORMAT: u32 = 2;

/// How the gateway was started, and what of its profile was copied. Nothing in it is redacted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Start {
    /// [`FORMAT`].
    pub format: u32,
    /// Version of the program.
    pub program: String,
    /// The home directory of the user.
    pub home: PathBuf,
    /// The state directory.
    pub state_dir: PathBuf,
    /// The main file of the configuration.
    pub config_path: PathBuf,
    /// The workspace of the default agent.
    pub workspace: PathBuf,
    /// The name of the profile; `None` for the default one.
    pub profile: Option<String>,
    /// The command line, without the name of the program.
    pub args: Vec<String>,
    /// The variables named `CLAWDBOT_…` that were set, in the environment or in the profile's `.env`.
    pub env: BTreeMap<String, String>,
    /// Bytes of the copy; `None` while it is being taken, and when that was cut short.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_bytes: Option<u64>,
    /// What of the profile is not in the copy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
    /// How many more are not, when there are too many to name.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out_more: u64,
}

/// Something of the profile that is not in the copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Where it would be in `base`; for other workspaces, where they are.
    pub path: String,
    /// Its length, when it is a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Why, for people.
    pub reason: String,
}

impl Start {
    /// Reads that of a recording. Another format is an error. Blocks.
    pub fn read(recording: &Path) -> io::Result<Self> {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let bytes = fs::read(recording.join(START))?;
        let Format { format } = serde_json::from_slice(&bytes)?;
        if format != FORMAT {
            return Err(io::Error::other(format!("it has format {format}, not {FORMAT}")));
        }
        Ok(serde_json::from_slice(&bytes)?)
    }

    /// One that says nothing.
    #[cfg(test)]
    pub(super) fn of_nothing() -> Self {
        Self {
            format: FORMAT,
            program: String::new(),
            home: PathBuf::new(),
            state_dir: PathBuf::new(),
            config_path: PathBuf::new(),
            workspace: PathBuf::new(),
            profile: None,
            args: Vec::new(),
            env: BTreeMap::new(),
            base_bytes: Some(0),
            left_out: Vec::new(),
            left_out_more: 0,
        }
    }

    /// Writes it whole, for its user alone. Blocks.
    pub(super) fn write(&self, recording: &Path) -> io::Result<()> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        atomic::publish(&recording.join(START), &text)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde calls")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}
