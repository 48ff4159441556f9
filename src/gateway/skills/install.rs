//! Installing what a skill needs, with the package managers of this machine. Blocks for minutes.
//!
//! What they say is passed on, as far as anybody will read it; what they are asked to do is written here.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::download;
use super::installer::{Installer, Kind};
use crate::config::schema::NodeManager;
use crate::platform::exec::{Cancel, CommandLine, CommandOutput, CommandRunner, ExecError};
use crate::platform::in_path;
use crate::profile::vars;

/// How much of each stream is passed on; the end of it says what went wrong.
const LONGEST: usize = 64 * 1024;
/// How long the reason in a message may be.
const REASON: usize = 200;
/// How long Homebrew may take to say where it is.
const ASKING: Duration = Duration::from_secs(10);

/// What a package manager must not know: its packages run programs of strangers.
const KEPT: &[&str] = &[vars::GATEWAY_TOKEN, vars::GATEWAY_PASSWORD];

/// What it is installed with.
#[derive(Debug)]
pub(crate) struct Tools<'a> {
    pub(crate) runner: &'a dyn CommandRunner,
    /// The variable `PATH`.
    pub(crate) path: Option<&'a str>,
    /// The home directory, where everything runs.
    pub(crate) home: &'a Path,
    /// Where downloads go that do not say where to.
    pub(crate) downloads: PathBuf,
    pub(crate) manager: NodeManager,
    /// How long all of it may take.
    pub(crate) limit: Duration,
    pub(crate) deadline: Instant,
    pub(crate) cancel: Cancel,
}

/// What came of it, as clients see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Outcome {
    pub(crate) ok: bool,
    pub(crate) message: String,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: Option<i32>,
}

// === impl Outcome ===

impl Outcome {
    /// Nothing was run.
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        let message = message.into();
        Self { ok: false, message, stdout: String::new(), stderr: String::new(), code: None }
    }

    /// A command ended well.
    pub(super) fn done(message: String, output: &CommandOutput) -> Self {
        Self {
            ok: true,
            message,
            stdout: end_of(&output.stdout),
            stderr: end_of(&output.stderr),
            code: Some(0),
        }
    }

    /// A command did not.
    pub(super) fn failed(what: &str, output: &CommandOutput) -> Self {
        let how = match (output.exit.code, output.exit.signal) {
            (Some(code), _) => format!("exit {code}"),
            (None, Some(signal)) => format!("signal {signal}"),
            (None, None) => "unknown exit".to_owned(),
        };
        let (stdout, stderr) = (end_of(&output.stdout), end_of(&output.stderr));
        let why = reason(if stderr.is_empty() { &stdout } else { &stderr });
        let message =
            format!("{what} failed ({how}){}", why.map(|why| format!(": {why}")).unwrap_or_default());
        Self { ok: false, message, stdout, stderr, code: output.exit.code }
    }

    /// A command did not come to an end of its own.
    fn unanswered(what: &str, error: &ExecError, limit: Duration) -> Self {
        let mut outcome = Self::refused(format!("{what} failed: {error}"));
        if let ExecError::TimedOut { said, .. } = error {
            let said = end_of(said);
            let why = reason(&said).map(|why| format!(": {why}")).unwrap_or_default();
            outcome.message = format!("{what} failed (no end within {} ms){why}", limit.as_millis());
            outcome.stderr = said;
        }
        outcome
    }
}

// === impl Tools ===

impl Tools<'_> {
    /// Installs.
    pub(crate) fn install(&self, installer: &Installer) -> Outcome {
        self.attempt(installer).unwrap_or_else(|outcome| outcome)
    }

    fn attempt(&self, installer: &Installer) -> Result<Outcome, Outcome> {
        let subject = installer.subject.as_deref();
        let wanted = installer.kind.subject();
        let subject = subject.ok_or_else(|| Outcome::refused(format!("missing {wanted}")))?;
        if subject.starts_with('-') {
            return Err(Outcome::refused(format!("{wanted} must not begin with a dash: {subject}")));
        }
        let command = match installer.kind {
            Kind::Brew => self.brew()?.args(["install", subject]),
            Kind::Node => {
                let arguments: &[&str] = match self.manager {
                    NodeManager::Npm => &["install", "-g"],
                    NodeManager::Pnpm | NodeManager::Bun => &["add", "-g"],
                    NodeManager::Yarn => &["global", "add"],
                };
                self.node()?.args(arguments).args([subject])
            }
            Kind::Go => {
                let command = self.with_brew("go")?.args(["install", subject]);
                match self.brew_programs() {
                    Some(programs) => command.env("GOBIN", programs),
                    None => command,
                }
            }
            Kind::Uv => self.with_brew("uv")?.args(["tool", "install", subject]),
            Kind::Download => return download::fetch(installer, subject, self),
        };
        self.run("Install", command).map(|output| Outcome::done("Installed".to_owned(), &output))
    }

    /// Runs a command; whatever is no success is an outcome.
    pub(super) fn run(&self, what: &str, command: CommandLine) -> Result<CommandOutput, Outcome> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        let command = command.timeout(left.min(self.limit)).until(&self.cancel);
        match self.runner.run(&command) {
            Ok(output) if output.success() => Ok(output),
            Ok(output) => Err(Outcome::failed(what, &output)),
            Err(error) => Err(Outcome::unanswered(what, &error, self.limit)),
        }
    }

    /// A program of this machine.
    pub(super) fn program(&self, name: &str) -> Option<CommandLine> {
        let command = CommandLine::new(in_path::find(name, self.path)?);
        let path = self.path.unwrap_or_default();
        Some(command.directory(self.home).env(vars::PATH, path).env(vars::NO_COLOR, "1").without(KEPT))
    }

    fn brew(&self) -> Result<CommandLine, Outcome> {
        self.program("brew").ok_or_else(|| Outcome::refused("brew not installed"))
    }

    fn node(&self) -> Result<CommandLine, Outcome> {
        let name = self.manager.name();
        self.program(name).ok_or_else(|| {
            Outcome::refused(format!(
                "{name} not installed (install it, or set skills.install.nodeManager to npm, pnpm, yarn, or bun)"
            ))
        })
    }

    /// A program that Homebrew installs when it is missing.
    fn with_brew(&self, name: &str) -> Result<CommandLine, Outcome> {
        if let Some(command) = self.program(name) {
            return Ok(command);
        }
        let missing = || Outcome::refused(format!("{name} not installed (install via brew)"));
        let brew = self.program("brew").ok_or_else(missing)?;
        let message = format!("Failed to install {name} (brew)");
        self.run("Install", brew.args(["install", name]))
            .map_err(|outcome| Outcome { message, ..outcome })?;
        self.program(name).ok_or_else(missing)
    }

    /// Where Homebrew keeps programs, which is in `PATH` where Go's own place is not.
    fn brew_programs(&self) -> Option<String> {
        let command = self.program("brew")?.args(["--prefix"]).timeout(ASKING).until(&self.cancel);
        let said = self.runner.run(&command).ok().filter(CommandOutput::success)?.stdout;
        let prefix = Path::new(said.trim());
        prefix.is_absolute().then(|| prefix.join("bin").to_string_lossy().into_owned())
    }
}

/// The end of what was said.
fn end_of(said: &str) -> String {
    let said = said.trim();
    let mut start = said.len().saturating_sub(LONGEST);
    while !said.is_char_boundary(start) {
        start += 1;
    }
    let end = said.get(start..).unwrap_or_default();
    if start == 0 { end.to_owned() } else { format!("…{end}") }
}

/// The line that says why: the first that begins like one, else the last.
fn reason(said: &str) -> Option<String> {
    let lines = || said.lines().map(str::trim).filter(|line| !line.is_empty());
    let accuses = |line: &&str| {
        let line = line.to_lowercase();
        ["error", "failed", "fatal"].iter().any(|word| line.starts_with(word))
    };
    let line = lines().find(accuses).or_else(|| lines().next_back())?;
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut: String = line.chars().take(REASON).collect();
    Some(if cut.len() < line.len() { format!("{}…", cut.trim_end()) } else { cut })
}

#[cfg(test)]
mod tests;
