//! What is run, what comes of it, and what can go wrong.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::platform::process::ExitReport;

/// Time limit of a command that names none.
const PATIENCE: Duration = Duration::from_secs(5);

/// Runs commands. A seam: tests of everything that asks the system use a runner with prepared answers.
pub trait CommandRunner: fmt::Debug + Send + Sync {
    /// Runs a command to its end and returns what it said; blocks meanwhile. An exit code other than zero is an
    /// answer and no error.
    fn run(&self, command: &CommandLine) -> Result<CommandOutput, ExecError>;
}

/// A command to run.
#[derive(Clone, PartialEq, Eq)]
pub struct CommandLine {
    /// The program: a path, or a name that is looked up in `PATH`.
    pub program: OsString,
    /// Its arguments, without the program's own name.
    pub arguments: Vec<OsString>,
    /// What it reads; nothing when there is none.
    pub stdin: Option<Vec<u8>>,
    /// Variables besides those of this process.
    pub env: Vec<(&'static str, String)>,
    /// Variables of this process that it does not get.
    pub without: Vec<&'static str>,
    /// Where it runs; where this process does when it is not said.
    pub directory: Option<PathBuf>,
    /// How long it may take. After that it is killed, with everything in its process group.
    pub timeout: Duration,
    /// Kills it earlier.
    pub cancel: Cancel,
}

/// Says that an answer is not wanted any more; its clones say the same.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

/// What a command that has ended said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandOutput {
    /// How it ended.
    pub exit: ExitReport,
    /// Standard output; what is no UTF-8 in it is replaced.
    pub stdout: String,
    /// Standard error, likewise.
    pub stderr: String,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ExecError {
    /// There is no such program.
    #[error("failed to run {0}: not found")]
    NotFound(String),
    /// There is such a file, and it cannot be executed.
    #[error("failed to run {0}: not executable")]
    NotExecutable(String),
    /// It did not end in time, and was killed.
    #[error("failed to run {program}: no end within {} ms", limit.as_millis())]
    TimedOut {
        /// The program.
        program: String,
        /// The time limit.
        limit: Duration,
        /// What it had said until then, on both streams.
        said: String,
    },
    /// Nobody wants its answer any more, and it was killed.
    #[error("failed to run {0}: not wanted any more")]
    Cancelled(String),
    /// It said more than anybody will read, and was killed.
    #[error("failed to run {0}: endless output")]
    Endless(String),
    /// Anything else.
    #[error("failed to run {program}: {source}")]
    Failed {
        /// The program.
        program: String,
        /// Why.
        source: io::Error,
    },
}

// === impl Cancel ===

impl Cancel {
    /// The answer is not wanted any more.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether that was said.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl PartialEq for Cancel {
    /// Whether both say the same now.
    fn eq(&self, other: &Self) -> bool {
        self.is_cancelled() == other.is_cancelled()
    }
}

impl Eq for Cancel {}

// === impl CommandLine ===

impl CommandLine {
    /// A command without arguments, with the usual time limit.
    pub fn new(program: impl Into<OsString>) -> Self {
        Self {
            program: program.into(),
            arguments: Vec::new(),
            stdin: None,
            env: Vec::new(),
            without: Vec::new(),
            directory: None,
            timeout: PATIENCE,
            cancel: Cancel::default(),
        }
    }

    /// Adds arguments.
    #[must_use]
    pub fn args(mut self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.arguments.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        self
    }

    /// Sets what it reads.
    #[must_use]
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = Some(bytes.into());
        self
    }

    /// Sets a variable.
    #[must_use]
    pub fn env(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.env.push((name, value.into()));
        self
    }

    /// Keeps variables of this process from it.
    #[must_use]
    pub fn without(mut self, names: &[&'static str]) -> Self {
        self.without.extend(names);
        self
    }

    /// Sets where it runs.
    #[must_use]
    pub fn directory(mut self, directory: impl Into<PathBuf>) -> Self {
        self.directory = Some(directory.into());
        self
    }

    /// Sets the time limit.
    #[must_use]
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = limit;
        self
    }

    /// Has it killed when `cancel` says so.
    #[must_use]
    pub fn until(mut self, cancel: &Cancel) -> Self {
        self.cancel = cancel.clone();
        self
    }

    /// The program's name, for messages. Arguments are not in it: they may be secrets.
    pub fn name(&self) -> String {
        self.program.to_string_lossy().into_owned()
    }

    /// The error for an operation on this command that failed.
    pub(super) fn failed(&self, source: io::Error) -> ExecError {
        ExecError::Failed { program: self.name(), source }
    }
}

impl fmt::Debug for CommandLine {
    /// Without what it reads and the values of variables, which may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommandLine")
            .field("program", &self.program)
            .field("arguments", &self.arguments)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

// === impl CommandOutput ===

impl CommandOutput {
    /// Whether the command ended with exit code 0.
    pub fn success(&self) -> bool {
        self.exit.code == Some(0)
    }
}
