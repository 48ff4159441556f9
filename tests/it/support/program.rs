//! The program under test: how it is started, and what it says when it is run to its end.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::home::Home;
use super::wait;

/// The binary that cargo built.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_clawdbot");

/// Variable whose value marks every process that descends from one start.
pub(crate) const MARK: &str = "CLAWDBOT_TEST_MARK";

/// A command with nothing of the surrounding environment but what the system needs.
pub(crate) fn command(binary: &Path, home: &Path, mark: &str) -> Command {
    #[expect(clippy::disallowed_methods, reason = "the tests are the ones who start the program")]
    let mut command = Command::new(binary);
    command.env_clear().current_dir(home).env("HOME", home).env("LANG", "C.UTF-8").env("TERM", "dumb");
    command.env("USERPROFILE", home).env(MARK, mark);
    // Nothing is said to, or asked of, the network of the machine that tests.
    command.env("CLAWDBOT_DISABLE_BONJOUR", "1");
    for name in ["PATH", "SystemRoot", "TMPDIR", "TEMP", "LLVM_PROFILE_FILE"] {
        if let Some(value) = inherited(name) {
            command.env(name, value);
        }
    }
    command
}

/// A variable of the test's own environment.
#[expect(clippy::disallowed_methods, reason = "the tests have no profile to take it from")]
pub(crate) fn inherited(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Says that a test could show nothing on this machine. Written past the test runner, which hides what a test that
/// passes prints.
pub(crate) fn not_run(reason: &str) {
    let _ = writeln!(io::stderr(), "not run: {reason}");
}

/// Says what a test has measured, in the same way. Nothing depends on it.
pub(crate) fn measured(figure: &str) {
    let _ = writeln!(io::stderr(), "measured: {figure}");
}

/// The program that `variable` names, or the first of `names` on the `PATH`. Where there is none, the test says so and
/// shows nothing; on CI (`CI=true`) that is a failure, unless the variable is set to `unavailable`.
pub(crate) fn installed(variable: &str, names: &[&str]) -> Option<PathBuf> {
    match inherited(variable).as_deref() {
        None | Some("") => {}
        Some("unavailable") => {
            not_run(&format!("{} cannot be installed on this machine", names[0]));
            return None;
        }
        Some(path) => return Some(PathBuf::from(path)),
    }
    let path = inherited("PATH").unwrap_or_default();
    let places =
        names.iter().flat_map(|name| path.split(':').map(move |folder| Path::new(folder).join(name)));
    let found = places.into_iter().find(|program| program.is_file());
    if found.is_none() {
        let on_ci = inherited("CI").as_deref() == Some("true");
        assert!(!on_ci, "{} is not installed on CI, and {variable} does not say so; see .ci/run", names[0]);
        not_run(&format!("{} is not installed", names[0]));
    }
    found
}

/// A mark that no other start has.
pub(crate) fn fresh_mark() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// One run of the program to its end.
#[derive(Debug)]
#[must_use = "nothing is run before `finish`"]
pub(crate) struct Run {
    command: Command,
    patience: Duration,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Finished {
    /// Exit status.
    pub(crate) status: ExitStatus,
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
    /// From before the start to the end.
    pub(crate) took: Duration,
}

impl Run {
    /// The program with `arguments`, in `home`.
    pub(crate) fn new(home: &Home, arguments: &[&str]) -> Self {
        Self::of(&PathBuf::from(BINARY), home, arguments)
    }

    /// Another binary.
    pub(crate) fn of(binary: &Path, home: &Home, arguments: &[&str]) -> Self {
        let mut command = command(binary, home.path(), &fresh_mark());
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self { command, patience: wait::PATIENCE }
    }

    /// Sets a variable.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Removes a variable.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Waits longer, or not so long.
    pub(crate) fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The command itself, for what does not end on its own.
    pub(crate) fn into_command(self) -> Command {
        self.command
    }

    /// Runs it. Panics when it does not end in time.
    #[track_caller]
    pub(crate) fn finish(mut self) -> Finished {
        let begin = Instant::now();
        let mut child = self.command.spawn().expect("the program starts");
        let stdout = collect(child.stdout.take().expect("piped"));
        let stderr = collect(child.stderr.take().expect("piped"));
        let Some(status) = end_within(&mut child, self.patience) else {
            let _ = child.kill();
            let _ = child.wait();
            panic!("still running after {:?}: {:?}", self.patience, self.command);
        };
        let took = begin.elapsed();
        let text = |reader: JoinHandle<String>| reader.join().expect("reader");
        Finished { status, stdout: text(stdout), stderr: text(stderr), took }
    }
}

impl Finished {
    /// The exit code; `None` after a signal.
    pub(crate) fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// Panics with everything that was said unless the exit code is `code`.
    #[track_caller]
    pub(crate) fn expect_code(self, code: i32) -> Self {
        assert_eq!(self.code(), Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Panics unless standard error contains `text`.
    #[track_caller]
    pub(crate) fn expect_stderr(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "{text:?} is not in stderr:\n{}", self.stderr);
        self
    }
}

/// Waits for the end of `child`; `None` when it has not ended within `patience`.
pub(crate) fn end_within(child: &mut Child, patience: Duration) -> Option<ExitStatus> {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(status) = child.try_wait().expect("wait") {
            return Some(status);
        }
        if Instant::now() > deadline {
            return None;
        }
        wait::pass(Duration::from_micros(200));
    }
}

fn collect(mut pipe: impl Read + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
