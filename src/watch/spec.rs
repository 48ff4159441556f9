//! What to watch, as the driver says it. No decisions.

use std::path::PathBuf;
use std::time::Duration;

use super::Fingerprint;
use crate::platform::fs::Stamp;

/// Everything that is watched. All paths are absolute; none of them has to exist.
#[derive(Debug, Clone)]
pub struct WatchSpec {
    /// The configuration file, then its includes.
    pub config_files: Vec<PathBuf>,
    /// The profile's `.env`.
    pub dotenv: PathBuf,
    /// The program itself, when a new build of it shall count.
    pub executable: Option<PathBuf>,
    /// The workspace.
    pub workspace: Option<PathBuf>,
    /// Each `--watch PATH`: a directory with all below it, or a single file.
    pub extra: Vec<PathBuf>,
    /// Each `--ignore GLOB`, in the syntax of `.gitignore`, relative to each watched directory.
    pub ignore: Vec<String>,
    /// Each `--ext EXT`, without the dot: of the files below `extra` only these count; all when there are none.
    pub extensions: Vec<String>,
    /// Quiet that ends an edit, when another one than the usual is wanted.
    pub quiet: Option<Duration>,
    /// The state directory: what lies in it is the gateway's own writing, except configuration and `.env`.
    pub state_dir: PathBuf,
    /// A moment before anything was loaded. Files that changed since are reported unless `known` has them.
    pub started: Stamp,
    /// What was loaded, so that an edit between the loading and the arming of the watch is seen.
    pub known: Vec<Loaded>,
}

/// A file as it was loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// The file, absolute, spelled as in the specification.
    pub path: PathBuf,
    /// Its content; `None` when it was missing.
    pub content: Option<Fingerprint>,
}

/// A new set of configuration files or another workspace. Replaces what was there; what stays keeps its memory.
#[derive(Debug, Clone)]
pub struct Update {
    /// The configuration file, then its includes.
    pub config_files: Vec<PathBuf>,
    /// The workspace.
    pub workspace: Option<PathBuf>,
    /// A moment before the configuration that asks for this was read.
    pub started: Stamp,
    /// What was loaded; only looked at for files that were not watched before.
    pub known: Vec<Loaded>,
}

/// Where a generation stands in its boot. What appears in a workspace meanwhile may be its own writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Boot {
    /// Spawned.
    Started,
    /// It reported ready, or it failed: it writes nothing of its own accord any more.
    Ended,
}
