//! The sequence of commands for each verb.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{query, script, task, utf16};
use crate::platform::exec::{CommandLine, CommandOutput, CommandRunner, ExecError};
use crate::profile::ProfilePaths;
use crate::service::before::{self, Before};
use crate::service::patience::Patience;
use crate::service::printed::last_lines;
use crate::service::said::said;
use crate::service::serving::RuntimeFile;
use crate::service::spec::output_logs;
use crate::service::{
    ByHand, Definition, Runtime, ServiceError, ServiceManager, ServiceSpec, ServiceStatus, Words,
};

/// How long one command may take: the Task Scheduler of a machine that has just started takes its time.
const LIMIT: Duration = Duration::from_secs(20);

/// One gateway as a Scheduled Task.
#[derive(Debug)]
pub(in crate::service) struct Schtasks<'a> {
    task: String,
    user: String,
    /// What the task was registered from.
    xml: PathBuf,
    /// What a task of the published program runs. It goes when ours comes, so where it is, the task is not ours.
    script: PathBuf,
    stderr_log: PathBuf,
    runtime_file: RuntimeFile,
    runner: &'a dyn CommandRunner,
    patience: Patience,
}

impl<'a> Schtasks<'a> {
    /// The task of `user` (`DOMAIN\name`), with its files in the state directory.
    pub(in crate::service) fn new(
        task: &str,
        profile: &ProfilePaths,
        user: &str,
        runner: &'a dyn CommandRunner,
    ) -> Self {
        let [_, stderr_log] = output_logs(profile);
        Self {
            task: task.to_owned(),
            stderr_log,
            runtime_file: RuntimeFile::new(&profile.runtime_file),
            user: user.to_owned(),
            xml: profile.state_dir.join("gateway-task.xml"),
            script: profile.state_dir.join("gateway.cmd"),
            runner,
            patience: Patience { limit: Duration::from_secs(10), step: Duration::from_millis(100) },
        }
    }

    /// The same, without patience.
    #[cfg(test)]
    pub(super) fn hasty(self) -> Self {
        Self { patience: Patience { limit: Duration::ZERO, step: Duration::ZERO }, ..self }
    }

    fn create(&self) -> Result<(), ServiceError> {
        let words = ["/Create", "/F", "/TN", &self.task, "/XML"].map(OsStr::new);
        let output = self.run(words.into_iter().chain([self.xml.as_os_str()]))?;
        if output.success() {
            return Ok(());
        }
        // What it says is translated, and the code is 1 whatever it was.
        let said = format!(
            "{} (if that means that access is denied: try once in a terminal that runs as administrator)",
            said(&output)
        );
        Err(ServiceError::Step { step: "schtasks create".to_owned(), said })
    }

    /// Ends what runs, and returns when it has ended.
    fn end(&self) -> Result<(), ServiceError> {
        let is_over = || Ok(self.status()?.runtime != Runtime::Running);
        if is_over()? {
            return Ok(());
        }
        let ended = self.step("end", "/End");
        if self.patience.until(is_over)? {
            // Also when it had ended by itself before.
            return Ok(());
        }
        ended?;
        let said = format!("still running after {} s", self.patience.limit.as_secs());
        Err(ServiceError::Step { step: "schtasks end".to_owned(), said })
    }

    /// Runs it, and returns when it serves, or runs for long enough. `before` is its status before.
    fn begin(&self, before: &ServiceStatus) -> Result<(), ServiceError> {
        let last = self.runtime_file.pid();
        if self.step("run", "/Run").is_err() {
            // One that somebody has disabled does not run.
            self.run(["/Change", "/TN", &self.task, "/ENABLE"].map(OsStr::new))?;
            self.step("run", "/Run")?;
        }
        let (mut is_running, mut ending) = (false, None);
        self.patience.until(|| {
            let status = self.status()?;
            let is_new = is_running || status.last_run != before.last_run;
            is_running = status.runtime == Runtime::Running;
            if is_new && status.runtime == Runtime::Failed {
                ending = status.last_exit;
            }
            let serves = self.runtime_file.pid().is_some_and(|pid| Some(pid) != last);
            Ok(ending.is_some() || is_running && serves)
        })?;
        let said = match ending {
            Some(code) => format!("the gateway ended with exit code {code}"),
            None if is_running => return Ok(()),
            None => format!("not running after {} s", self.patience.limit.as_secs()),
        };
        Err(ServiceError::Step { step: "schtasks run".to_owned(), said })
    }

    fn step(&self, name: &str, verb: &str) -> Result<(), ServiceError> {
        let output = self.run([verb, "/TN", &self.task].map(OsStr::new))?;
        if output.success() {
            return Ok(());
        }
        Err(ServiceError::Step { step: format!("schtasks {name}"), said: said(&output) })
    }

    fn run<'w>(&self, words: impl IntoIterator<Item = &'w OsStr>) -> Result<CommandOutput, ServiceError> {
        let line = CommandLine::new("schtasks").args(words).timeout(LIMIT);
        self.runner.run(&line).map_err(|error| match error {
            ExecError::NotFound(_) => ServiceError::Unavailable {
                detail: "schtasks not available; Scheduled Tasks are a part of Windows.".to_owned(),
                hints: Vec::new(),
            },
            error => ServiceError::Exec(error),
        })
    }
}

impl ServiceManager for Schtasks<'_> {
    fn words(&self) -> Words {
        Words { label: "Scheduled Task", loaded: "registered", not_loaded: "missing" }
    }

    fn by_hand(&self) -> ByHand {
        let command = |verb: &str| format!("schtasks {verb} /TN \"{}\"", self.task);
        let log = format!("type \"{}\"", self.stderr_log.display());
        ByHand { start: command("/Run"), stop: command("/End"), log }
    }

    fn definition_path(&self) -> &Path {
        &self.xml
    }

    fn render(&self, spec: &ServiceSpec) -> String {
        task::render(spec, &self.user)
    }

    fn parse(&self, text: &str) -> Definition {
        task::read(&self.xml, text)
    }

    fn definition(&self) -> Result<Option<Definition>, ServiceError> {
        if let Some(text) = before::read(&self.script)? {
            return Ok(Some(script::read(&self.script, &utf16::decode(&text))));
        }
        Ok(before::read(&self.xml)?.map(|text| self.parse(&utf16::decode(&text))))
    }

    fn status(&self) -> Result<ServiceStatus, ServiceError> {
        let output = self.run(["/Query", "/TN", &self.task, "/V", "/FO", "CSV", "/NH"].map(OsStr::new))?;
        if output.success() {
            return query::parse(&output.stdout).ok_or_else(|| ServiceError::Answer {
                command: "schtasks /Query".to_owned(),
                said: said(&output),
            });
        }
        // That there is no such task and that there is no Task Scheduler sound alike in a foreign language.
        let all = self.run(["/Query", "/FO", "CSV", "/NH"].map(OsStr::new))?;
        if all.success() {
            return Ok(ServiceStatus::absent());
        }
        let detail = format!("schtasks unavailable: {}", said(&all));
        Err(ServiceError::Unavailable { detail, hints: Vec::new() })
    }

    fn last_lines(&self, most: usize) -> Vec<String> {
        last_lines(&self.stderr_log, most)
    }

    fn install(&self, spec: &ServiceSpec) -> Result<(), ServiceError> {
        let before = Before::replacing(&self.xml, &utf16::encode(&self.render(spec)))?;
        self.create().inspect_err(|_| before.restore())?;
        before::remove(&self.script)
    }

    fn uninstall(&self) -> Result<(), ServiceError> {
        if self.status()?.loaded {
            self.end()?;
            let output = self.run(["/Delete", "/F", "/TN", &self.task].map(OsStr::new))?;
            if !output.success() {
                return Err(ServiceError::Step { step: "schtasks delete".to_owned(), said: said(&output) });
            }
        }
        before::remove(&self.script)?;
        before::remove(&self.xml)
    }

    fn start(&self) -> Result<(), ServiceError> {
        let status = self.status()?;
        if !status.loaded {
            self.create()?;
        }
        if status.runtime == Runtime::Running { Ok(()) } else { self.begin(&status) }
    }

    fn stop(&self) -> Result<(), ServiceError> {
        self.end()
    }

    fn restart(&self) -> Result<(), ServiceError> {
        let status = self.status()?;
        if status.loaded {
            self.end()?;
        } else {
            self.create()?;
        }
        self.begin(&status)
    }
}
