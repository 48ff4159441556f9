//! What the inside is told.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::harness::fixture::Manifest;

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
    /// The fixture that `home_from` belongs to.
    pub fixture: Option<Manifest>,
    /// How the gateway is called, without the program's name.
    pub gateway: Vec<String>,
    /// How long the gateway may take to end, when it is somebody else's program, under our harness in the directory of
    /// the command.
    pub foreign: Option<Duration>,
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
    /// What is run.
    pub task: Task,
}

impl Job {
    /// Our own gateway as it comes, in a home directory of its own.
    pub fn new(directory: PathBuf, task: Task) -> Self {
        Self {
            directory,
            home_from: None,
            fixture: None,
            gateway: Vec::new(),
            foreign: None,
            gateway_env: Vec::new(),
            env: Vec::new(),
            keep: false,
            artifacts: None,
            timeout: None,
            events: false,
            task,
        }
    }
}

/// What is run inside.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Task {
    /// This command, beside a gateway that serves.
    Command(Vec<String>),
    /// The gateway of a fixture, as that says, and a comparison with what it expects.
    Verify(String),
    /// The gateway itself, with these arguments, for a person.
    Gateway(Vec<String>),
    /// What a capsule holds, and a comparison with what was recorded.
    Replay(Replay),
}

/// What is replayed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Replay {
    /// The capsule, or the directory that it was extracted to.
    pub capsule: PathBuf,
    /// How many times as fast as recorded; `None` for as fast as possible.
    pub speed: Option<f64>,
    /// The gateway to replay against, when none is started.
    pub against: Option<String>,
    /// The words that start a command instead of our own gateway.
    pub exec: Option<Vec<String>>,
    /// What may differ, as typed.
    pub ignore: Vec<String>,
    /// Whether the result is told as JSON.
    pub json: bool,
    /// Whether nothing is told unless something differs, and that on standard error.
    pub quiet: bool,
}

/// A name below `temporary` that nobody has and nobody guesses.
pub fn fresh_directory(temporary: &Path) -> PathBuf {
    temporary.join(format!("{PREFIX}{}", uuid::Uuid::new_v4().simple()))
}
