//! `launchctl`: which commands are run, and what their failures mean.

use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;

use super::plist::EXIT_TIMEOUT;
use super::print::Printed;
use crate::platform::exec::{CommandLine, CommandOutput, CommandRunner, ExecError};
use crate::service::Runtime;
use crate::service::ServiceError;
use crate::service::patience::Patience;
use crate::service::said::said;

/// Exit codes of `launchctl`, which are numbers of errors.
const NO_SUCH_PROCESS: i32 = 3;
const IN_PROGRESS: [i32; 2] = [36, 37];
const NO_SUCH_SERVICE: i32 = 113;
/// There is no such domain, or it is none that services live in: its user is not logged in.
const NO_SUCH_DOMAIN: [i32; 2] = [112, 125];

/// What helps when there is no domain.
const HINTS: [&str; 2] = [
    "A LaunchAgent belongs to a login on the screen of the Mac. Log in there as this user (not with sudo), then try again.",
    "Without one, run the gateway in the foreground: clawdbot gateway",
];

/// The commands for one user's domain.
#[derive(Debug)]
pub(super) struct Launchctl<'a> {
    domain: String,
    runner: &'a dyn CommandRunner,
    patience: Patience,
}

impl<'a> Launchctl<'a> {
    /// For the user with this number.
    pub(super) fn new(uid: u32, runner: &'a dyn CommandRunner) -> Self {
        let limit = Duration::from_secs(u64::from(EXIT_TIMEOUT) + 5);
        let patience = Patience { limit, step: Duration::from_millis(50) };
        Self { domain: format!("gui/{uid}"), runner, patience }
    }

    /// The same, without patience.
    #[cfg(test)]
    pub(super) fn hasty(self) -> Self {
        Self { patience: Patience { limit: Duration::ZERO, step: Duration::ZERO }, ..self }
    }

    /// What launchd knows of a label; `None` when it is not loaded.
    pub(super) fn print(&self, label: &str) -> Result<Option<Printed>, ServiceError> {
        let output = self.run(&["print".as_ref(), self.target(label).as_ref()])?;
        match output.exit.code {
            Some(0) => Ok(Some(Printed::parse(&output.stdout))),
            Some(NO_SUCH_SERVICE | NO_SUCH_PROCESS) => Ok(None),
            _ if is_absence(&output) => Ok(None),
            _ => Err(failed("print", &output)),
        }
    }

    /// Loads a definition, and so starts it; an earlier `disable` does not count any more.
    pub(super) fn load(&self, label: &str, plist: &Path) -> Result<(), ServiceError> {
        self.enable(label)?;
        let mut output = self.bootstrap(plist)?;
        // The last one's end may still be under way.
        self.patience.until(|| {
            let is_busy = output.exit.code.is_some_and(|code| IN_PROGRESS.contains(&code));
            if is_busy {
                output = self.bootstrap(plist)?;
            }
            Ok(!is_busy)
        })?;
        if output.success() { Ok(()) } else { Err(failed("bootstrap", &output)) }
    }

    /// Lets it be loaded, now and at the next login.
    pub(super) fn enable(&self, label: &str) -> Result<(), ServiceError> {
        self.step("enable", &["enable".as_ref(), self.target(label).as_ref()])
    }

    /// Stops and unloads, and returns when that is done. What is not loaded is no failure.
    pub(super) fn unload(&self, label: &str) -> Result<(), ServiceError> {
        let output = self.run(&["bootout".as_ref(), self.target(label).as_ref()])?;
        match output.exit.code {
            Some(0) => {}
            Some(code) if IN_PROGRESS.contains(&code) => {}
            Some(NO_SUCH_SERVICE | NO_SUCH_PROCESS) => return Ok(()),
            _ if is_absence(&output) => return Ok(()),
            _ => return Err(failed("bootout", &output)),
        }
        if self.patience.until(|| Ok(self.print(label)?.is_none()))? {
            return Ok(());
        }
        let said = format!("still loaded after {} s", self.patience.limit.as_secs());
        Err(ServiceError::Step { step: "launchctl bootout".to_owned(), said })
    }

    /// Starts what is loaded.
    pub(super) fn start(&self, label: &str) -> Result<(), ServiceError> {
        self.step("kickstart", &["kickstart".as_ref(), self.target(label).as_ref()])
    }

    /// Ends what runs and starts it again.
    pub(super) fn restart(&self, label: &str) -> Result<(), ServiceError> {
        self.step("kickstart", &["kickstart".as_ref(), "-k".as_ref(), self.target(label).as_ref()])
    }

    /// Returns when a run that was started after `runs` earlier ones serves, or runs for long enough; fails when it has
    /// ended. The process says that it serves: launchd knows only that it runs.
    pub(super) fn settle(
        &self,
        label: &str,
        runs: u32,
        serves: impl Fn(u32) -> bool,
    ) -> Result<(), ServiceError> {
        let (mut is_running, mut ending) = (false, None);
        self.patience.until(|| {
            let Some(printed) = self.print(label)? else { return Ok(false) };
            is_running = printed.runtime() == Runtime::Running;
            let is_new = printed.runs.is_none_or(|run| run > runs);
            ending = printed.ending().filter(|_| is_new && !is_running);
            Ok(ending.is_some() || is_new && is_running && printed.pid.is_some_and(&serves))
        })?;
        if is_running {
            return Ok(());
        }
        let late = || format!("not running after {} s", self.patience.limit.as_secs());
        let said = ending.unwrap_or_else(late);
        Err(ServiceError::Step { step: "launchctl kickstart".to_owned(), said })
    }

    fn bootstrap(&self, plist: &Path) -> Result<CommandOutput, ServiceError> {
        self.run(&["bootstrap".as_ref(), self.domain.as_ref(), plist.as_ref()])
    }

    fn target(&self, label: &str) -> String {
        format!("{}/{label}", self.domain)
    }

    fn step(&self, name: &str, words: &[&OsStr]) -> Result<(), ServiceError> {
        let output = self.run(words)?;
        if output.success() { Ok(()) } else { Err(failed(name, &output)) }
    }

    fn run(&self, words: &[&OsStr]) -> Result<CommandOutput, ServiceError> {
        // `kickstart -k` waits for the end of what runs.
        let line = CommandLine::new("launchctl")
            .args(words)
            .timeout(self.patience.limit.max(Duration::from_secs(5)));
        let output = self.runner.run(&line).map_err(|error| match error {
            ExecError::NotFound(_) => ServiceError::Unavailable {
                detail: "launchctl not available; LaunchAgents are a part of macOS.".to_owned(),
                hints: Vec::new(),
            },
            error => ServiceError::Exec(error),
        })?;
        if output.exit.code.is_some_and(|code| NO_SUCH_DOMAIN.contains(&code)) {
            return Err(ServiceError::Unavailable {
                detail: format!("launchctl unavailable: {}", said(&output)),
                hints: HINTS.map(str::to_owned).to_vec(),
            });
        }
        Ok(output)
    }
}

/// Whether a failure means that there is nothing by that name. `launchctl` speaks English everywhere.
fn is_absence(output: &CommandOutput) -> bool {
    let said = said(output).to_lowercase();
    ["could not find service", "no such process", "not found"].iter().any(|words| said.contains(words))
}

fn failed(name: &str, output: &CommandOutput) -> ServiceError {
    ServiceError::Step { step: format!("launchctl {name}"), said: said(output) }
}
