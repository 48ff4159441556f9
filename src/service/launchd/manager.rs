//! The sequence of commands for each verb.

use std::fs;
use std::path::{Path, PathBuf};

use super::launchctl::Launchctl;
use super::plist;
use super::print::Printed;
use crate::platform::atomic;
use crate::platform::exec::CommandRunner;
use crate::profile::ProfilePaths;
use crate::service::before::{self, Before};
use crate::service::printed::last_lines;
use crate::service::serving::RuntimeFile;
use crate::service::spec::output_logs;
use crate::service::{
    ByHand, Definition, Runtime, ServiceError, ServiceManager, ServiceSpec, ServiceStatus, Words,
};

/// The label of the default profile.
const DEFAULT_LABEL: &str = "com.clawdbot.gateway";
/// The label that the published program once gave it. A gateway that is loaded by it would keep the port.
const LEGACY_LABEL: &str = "com.steipete.clawdbot.gateway";

/// One gateway as a LaunchAgent.
#[derive(Debug)]
pub(in crate::service) struct Launchd<'a> {
    label: String,
    agents: PathBuf,
    plist: PathBuf,
    trash: PathBuf,
    runtime_file: RuntimeFile,
    stderr_log: PathBuf,
    launchctl: Launchctl<'a>,
}

impl<'a> Launchd<'a> {
    /// The LaunchAgent of the user with this number.
    pub(in crate::service) fn new(
        label: &str,
        profile: &ProfilePaths,
        uid: u32,
        runner: &'a dyn CommandRunner,
    ) -> Self {
        let agents = profile.home.join("Library").join("LaunchAgents");
        let [_, stderr_log] = output_logs(profile);
        Self {
            label: label.to_owned(),
            plist: agents.join(format!("{label}.plist")),
            stderr_log,
            agents,
            trash: profile.home.join(".Trash"),
            runtime_file: RuntimeFile::new(&profile.runtime_file),
            launchctl: Launchctl::new(uid, runner),
        }
    }

    /// The same, without patience.
    #[cfg(test)]
    pub(super) fn hasty(self) -> Self {
        Self { launchctl: self.launchctl.hasty(), ..self }
    }

    fn tell(&self) -> Result<(), ServiceError> {
        self.launchctl.enable(&self.label)?;
        if self.label == DEFAULT_LABEL { self.retire_legacy() } else { Ok(()) }
    }

    /// Whether launchd still holds a definition that has been replaced.
    fn is_outdated(&self, printed: &Printed) -> Result<bool, ServiceError> {
        Ok(self.definition()?.is_some_and(|definition| !printed.was_loaded_from(&definition)))
    }

    /// Loads what launchd has forgotten, which starts it.
    fn load(&self) -> Result<(), ServiceError> {
        self.launchctl.load(&self.label, &self.plist)?;
        self.settle(None)
    }

    fn settle(&self, runs: Option<u32>) -> Result<(), ServiceError> {
        self.launchctl.settle(&self.label, runs.unwrap_or(0), |pid| self.runtime_file.pid() == Some(pid))
    }

    fn retire_legacy(&self) -> Result<(), ServiceError> {
        let legacy = self.agents.join(format!("{LEGACY_LABEL}.plist"));
        if before::read(&legacy)?.is_some() {
            self.launchctl.unload(LEGACY_LABEL)?;
            return self.throw_away(&legacy).inspect_err(|_| {
                let _ = self.launchctl.load(LEGACY_LABEL, &legacy);
            });
        }
        Ok(())
    }

    /// To the trash, as the published program does; without one, or when it takes nothing, for good.
    fn throw_away(&self, file: &Path) -> Result<(), ServiceError> {
        let is_moved = self.trash.is_dir()
            && file.file_name().is_some_and(|name| fs::rename(file, self.trash.join(name)).is_ok());
        if is_moved { Ok(()) } else { before::remove(file) }
    }
}

impl ServiceManager for Launchd<'_> {
    fn words(&self) -> Words {
        Words { label: "LaunchAgent", loaded: "loaded", not_loaded: "not loaded" }
    }

    fn by_hand(&self) -> ByHand {
        // The domain as a shell spells it, so that the line serves every user.
        let (label, plist) = (&self.label, self.plist.display());
        ByHand {
            start: format!("launchctl bootstrap gui/$UID \"{plist}\""),
            stop: format!("launchctl bootout gui/$UID/{label}"),
            log: format!("tail -n 50 \"{}\"", self.stderr_log.display()),
        }
    }

    fn definition_path(&self) -> &Path {
        &self.plist
    }

    fn render(&self, spec: &ServiceSpec) -> String {
        plist::render(spec)
    }

    fn parse(&self, text: &str) -> Definition {
        plist::read(&self.plist, text.as_bytes())
    }

    fn definition(&self) -> Result<Option<Definition>, ServiceError> {
        Ok(before::read(&self.plist)?.map(|content| plist::read(&self.plist, &content)))
    }

    fn status(&self) -> Result<ServiceStatus, ServiceError> {
        let Some(printed) = self.launchctl.print(&self.label)? else {
            return Ok(ServiceStatus::absent());
        };
        let path = printed.path.clone().filter(|path| Path::new(path) != self.plist);
        let mut status = printed.status();
        if !self.plist.exists() {
            status.detail = Some(format!("launchd still has it loaded; {} is gone", self.plist.display()));
        } else if let Some(path) = path {
            status.detail = Some(format!("loaded from {path}"));
        }
        Ok(status)
    }

    fn last_lines(&self, most: usize) -> Vec<String> {
        last_lines(&self.stderr_log, most)
    }

    fn install(&self, spec: &ServiceSpec) -> Result<(), ServiceError> {
        for log in [&spec.stdout_log, &spec.stderr_log] {
            // launchd makes the files, and nothing above them.
            log.parent()
                .map_or(Ok(()), atomic::private_directory)
                .map_err(|source| ServiceError::Write { path: log.clone(), source })?;
        }
        let before = Before::replacing(&self.plist, plist::render(spec).as_bytes())?;
        self.tell().inspect_err(|_| before.restore())
    }

    fn uninstall(&self) -> Result<(), ServiceError> {
        if self.launchctl.print(&self.label)?.is_some() {
            self.launchctl.unload(&self.label)?;
        }
        self.throw_away(&self.plist)
    }

    fn start(&self) -> Result<(), ServiceError> {
        match self.launchctl.print(&self.label)? {
            Some(printed) if printed.runtime() == Runtime::Running => Ok(()),
            Some(printed) if !self.is_outdated(&printed)? => {
                self.launchctl.start(&self.label)?;
                self.settle(printed.runs)
            }
            Some(_) => self.launchctl.unload(&self.label).and_then(|()| self.load()),
            None => self.load(),
        }
    }

    fn stop(&self) -> Result<(), ServiceError> {
        self.launchctl.unload(&self.label)
    }

    fn restart(&self) -> Result<(), ServiceError> {
        match self.launchctl.print(&self.label)? {
            Some(printed) if !self.is_outdated(&printed)? => {
                self.launchctl.restart(&self.label)?;
                self.settle(printed.runs)
            }
            // `kickstart` would run what was loaded once.
            Some(_) => self.launchctl.unload(&self.label).and_then(|()| self.load()),
            None => self.load(),
        }
    }
}
