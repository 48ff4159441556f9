//! The operations on a user unit.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::control::Control;
use super::{read, render};
use crate::platform::exec::CommandRunner;
use crate::platform::surroundings::Surroundings;
use crate::service::before::{self, Before};
use crate::service::{ByHand, Definition, ServiceError, ServiceManager, ServiceSpec, ServiceStatus, Words};

/// No unit file is longer that has anything to do with a gateway.
const LONGEST: u64 = 64 << 10;

/// One user unit.
#[derive(Debug)]
pub(in crate::service) struct Systemd<'a> {
    control: Control<'a>,
    home: String,
    path: PathBuf,
}

impl<'a> Systemd<'a> {
    /// The unit `unit` of the user whose home is `home`.
    pub(in crate::service) fn new(
        home: &Path,
        unit: &str,
        runner: &'a dyn CommandRunner,
        around: fn() -> Surroundings,
    ) -> Self {
        Self {
            path: home.join(".config/systemd/user").join(unit),
            home: home.to_string_lossy().into_owned(),
            control: Control { unit: unit.to_owned(), runner, around },
        }
    }

    /// Whether somebody has forbidden the unit (`systemctl mask`).
    fn is_masked(&self) -> bool {
        fs::read_link(&self.path).is_ok_and(|target| target == Path::new("/dev/null"))
    }

    fn read(&self, path: &Path) -> Result<Option<Definition>, ServiceError> {
        let bytes = before::read(path)?;
        Ok(bytes.map(|bytes| {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            read::definition(path.to_owned(), text, &self.home)
        }))
    }

    /// Has the manager read the file that stands there, and checks that it can use it.
    fn load(&self) -> Result<(), ServiceError> {
        self.control.reload()?;
        let shown = self.control.show()?;
        let said = match shown.load.as_str() {
            "loaded" if shown.fragment.as_deref().map(Path::new) == Some(&self.path) => return Ok(()),
            "loaded" => format!(
                "the manager uses {} instead of {}",
                shown.fragment.as_deref().unwrap_or("another unit"),
                self.path.display()
            ),
            "not-found" => format!(
                "the manager does not look at {}; its HOME or XDG_CONFIG_HOME is another one",
                self.path.display()
            ),
            _ => self.unusable(&shown),
        };
        Err(ServiceError::Step { step: "systemctl daemon-reload".to_owned(), said })
    }

    fn unusable(&self, shown: &super::show::Shown) -> String {
        match shown.load.as_str() {
            "masked" => self.masked(),
            _ => format!(
                "{}. Run: systemd-analyze --user verify {}",
                shown
                    .load_error
                    .as_deref()
                    .unwrap_or("the manager cannot use the unit file")
                    .trim_end_matches('.'),
                self.path.display()
            ),
        }
    }

    fn masked(&self) -> String {
        let unit = &self.control.unit;
        format!("{unit} is masked. Run: systemctl --user unmask {unit}")
    }

    /// `start` or `restart`, of whatever stands in the file now.
    fn run(&self, verb: &'static str) -> Result<(), ServiceError> {
        let shown = self.control.show()?;
        match shown.load.as_str() {
            "not-found" => self.load()?,
            "loaded" if shown.outdated => self.load()?,
            "loaded" => {}
            _ => {
                return Err(ServiceError::Step {
                    step: format!("systemctl {verb}"),
                    said: self.unusable(&shown),
                });
            }
        }
        // Whoever asks by hand is not counted among the attempts that a crash makes.
        let _ = self.control.unit(&["reset-failed"]);
        self.control.unit(&[verb])
    }
}

impl ServiceManager for Systemd<'_> {
    fn words(&self) -> Words {
        Words { label: "systemd", loaded: "enabled", not_loaded: "disabled" }
    }

    fn by_hand(&self) -> ByHand {
        let unit = &self.control.unit;
        ByHand {
            start: format!("systemctl --user start {unit}"),
            stop: format!("systemctl --user stop {unit}"),
            log: format!("journalctl --user-unit {unit} -n 50"),
        }
    }

    fn definition_path(&self) -> &Path {
        &self.path
    }

    fn render(&self, spec: &ServiceSpec) -> String {
        render::unit(spec)
    }

    fn parse(&self, text: &str) -> Definition {
        read::definition(self.path.clone(), text.to_owned(), &self.home)
    }

    fn definition(&self) -> Result<Option<Definition>, ServiceError> {
        if self.is_masked() { Ok(None) } else { self.read(&self.path) }
    }

    fn others(&self) -> Vec<Definition> {
        let Some(Ok(entries)) = self.path.parent().map(fs::read_dir) else { return Vec::new() };
        let mut paths: Vec<PathBuf> = entries
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| *path != self.path && path.extension().is_some_and(|ending| ending == "service"))
            .filter(|path| path.metadata().is_ok_and(|facts| facts.is_file() && facts.len() <= LONGEST))
            .collect();
        paths.sort();
        let found = paths.iter().filter_map(|path| self.read(path).ok().flatten());
        found.filter(|definition| definition.text.contains("clawdbot")).collect()
    }

    fn status(&self) -> Result<ServiceStatus, ServiceError> {
        self.control.show().map(|shown| shown.status)
    }

    fn last_lines(&self, most: usize) -> Vec<String> {
        let invocation = self.control.show().ok().and_then(|shown| shown.invocation);
        invocation.map(|invocation| self.control.printed(&invocation, most)).unwrap_or_default()
    }

    fn environment(&self) -> Result<BTreeMap<String, String>, ServiceError> {
        self.control.environment()
    }

    fn lingers(&self) -> Option<bool> {
        self.control.lingers()
    }

    fn linger(&self) -> Result<(), ServiceError> {
        self.control.linger()
    }

    fn install(&self, spec: &ServiceSpec) -> Result<(), ServiceError> {
        if self.is_masked() {
            return Err(ServiceError::Step { step: "systemctl enable".to_owned(), said: self.masked() });
        }
        let before = Before::replacing(&self.path, render::unit(spec).as_bytes())?;
        self.load().and_then(|()| self.control.unit(&["enable"])).inspect_err(|_| {
            before.restore();
            let _ = self.control.reload();
        })
    }

    fn uninstall(&self) -> Result<(), ServiceError> {
        self.control.unit(&["disable", "--now"])?;
        before::remove(&self.path)?;
        // Forgotten with its failures, so that the manager does not list a unit that is gone.
        let _ = self.control.unit(&["reset-failed"]);
        self.control.reload()
    }

    fn start(&self) -> Result<(), ServiceError> {
        self.run("start")
    }

    fn stop(&self) -> Result<(), ServiceError> {
        self.control.unit(&["stop"])
    }

    fn restart(&self) -> Result<(), ServiceError> {
        self.run("restart")
    }
}

#[cfg(test)]
mod tests;
