//! Installing the log for the process.

use std::path::PathBuf;
use std::sync::Arc;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;

use super::file::{LogFile, ROTATION};
use super::layer::LogLayer;
use crate::platform::host;

/// Where lines go.
#[derive(Debug, Clone)]
pub struct LogOptions {
    /// The log file; `None` for commands that keep no log. Created with its directory by the first line.
    pub file: Option<PathBuf>,
    /// Threshold of the file.
    pub level: LevelFilter,
    /// Threshold of standard error: [`LevelFilter::WARN`], or everything with `--verbose`.
    pub stderr: LevelFilter,
}

/// The installed log. Nothing is buffered, so dropping it loses nothing.
#[derive(Debug)]
#[must_use = "it knows how many lines were lost"]
pub struct LogGuard {
    file: Option<Arc<LogFile>>,
}

/// Installs the log for the whole process. A second call (only tests make one) changes nothing.
pub fn init(options: LogOptions) -> LogGuard {
    let file = options.file.map(|path| Arc::new(LogFile::new(path, ROTATION)));
    let layer = LogLayer {
        file: file.clone(),
        file_level: options.level,
        stderr_level: options.stderr,
        hostname: host::facts().name.clone(),
    };
    // Fails only when a subscriber is installed already.
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer));
    LogGuard { file }
}

impl LogGuard {
    /// How many lines could not be written to the file.
    pub fn lost_lines(&self) -> u64 {
        self.file.as_ref().map_or(0, |file| file.lost())
    }
}
