//! What the inside is told.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The variable that carries the [`Job`] from the outside to the inside, as JSON.
pub const JOB_VARIABLE: &str = "CLAWDBOT_DEV_RUN_JOB";

/// What a directory of a run is called, before its random part.
const PREFIX: &str = "clawdbot-run-";

/// A command to run, and the profile around it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    /// The directory of this run, which does not exist yet.
    pub directory: PathBuf,
    /// The home directory to copy.
    pub home_from: Option<PathBuf>,
    /// How the gateway is called, without the program's name.
    pub gateway: Vec<String>,
    /// Variables for the gateway alone.
    pub gateway_env: Vec<(String, String)>,
    /// Variables for the gateway and the command.
    pub env: Vec<(String, String)>,
    /// Whether the directory stays.
    pub keep: bool,
    /// Where a copy goes when the command fails.
    pub artifacts: Option<PathBuf>,
    /// How long the command may take.
    pub timeout: Option<Duration>,
    /// Whether state changes are told as JSON.
    pub events: bool,
    /// The command.
    pub command: Vec<String>,
}

/// A name below `temporary` that nobody has and nobody guesses.
pub fn fresh_directory(temporary: &Path) -> PathBuf {
    temporary.join(format!("{PREFIX}{}", uuid::Uuid::new_v4().simple()))
}
