//! Edits of the configuration: when they are looked at, and what each of them leads to. Reads files; changes nothing.

use std::path::PathBuf;
use std::time::Duration;

use tokio::time::Instant;

use super::reading::{Files, Reader, Reading};
use crate::cli::error::ExpectedError;
use crate::config::reload::{self, Verdict};
use crate::config::schema::ReloadMode;
use crate::config::{self, Config, Issue, Outcome};
use crate::platform::fs::Stamp;
use crate::profile::ProfilePaths;
use crate::settings::{self, GatewaySettings};
use crate::watch::Update;

/// How long reading may take. A file system that does not answer must not make the gateway deaf to signals.
const PATIENCE: Duration = Duration::from_secs(5);

/// How the profile's environment file is named among the changed keys.
const DOTENV: &str = ".env";

/// What the gateway runs with, and what the files have said since.
#[derive(Debug)]
pub(super) struct Edits {
    reader: Reader,
    /// What runs.
    reading: Reading,
    due: Option<Instant>,
    /// The files cannot be used as they are.
    refused: bool,
    /// Something of the files waits for a restart.
    waiting: bool,
    /// Every file that the last reading named.
    files: Vec<PathBuf>,
    /// A moment before the last reading.
    read_at: Stamp,
}

/// What an edit leads to.
#[derive(Debug)]
pub(super) enum Outcomes {
    /// Nothing that counts has changed.
    Nothing,
    /// A configuration that could not be used is as it was before.
    Mended,
    /// What waited for a restart is as it was before.
    TakenBack,
    /// Edits are not acted upon.
    Off(Vec<String>),
    /// It cannot be used.
    Kept(Kept),
    /// These values count from now on, those wait for a restart. `taken_back`: something waited, and nothing does now.
    Apply { reading: Box<Reading>, applied: Vec<String>, waiting: Vec<String>, taken_back: bool },
    /// Another gateway has to follow.
    Restart { reading: Box<Reading>, reasons: Vec<String> },
}

/// Why the files cannot be used.
#[derive(Debug)]
pub(super) struct Kept {
    /// What a person reads.
    pub(super) error: ExpectedError,
    /// What the log may hold, which is nothing of the file's text.
    pub(super) brief: String,
}

impl Edits {
    pub(super) fn new(reader: Reader, reading: Reading) -> Self {
        let files = reading.snapshot.files.clone();
        Self { reader, reading, due: None, refused: false, waiting: false, files, read_at: Stamp::now() }
    }

    pub(super) fn paths(&self) -> &ProfilePaths {
        self.reader.paths()
    }

    pub(super) fn settings(&self) -> &GatewaySettings {
        &self.reading.settings
    }

    pub(super) fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Whether a restart may be asked for from outside.
    pub(super) fn restart_allowed(&self) -> bool {
        self.reading.config.commands.restart == Some(true)
    }

    /// Something was edited; it is looked at when it has been quiet for a while.
    pub(super) fn note(&mut self, now: Instant) {
        self.due = Some(now + settings::reload_debounce(&self.reading.config));
    }

    /// When the files are to be looked at.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// What the watcher has to follow.
    pub(super) fn watch_update(&self) -> Update {
        let mut config_files = self.reading.snapshot.files.clone();
        config_files
            .extend(self.files.iter().filter(|file| !self.reading.snapshot.files.contains(file)).cloned());
        Update { config_files, workspace: None, started: self.read_at, known: Vec::new() }
    }

    /// Another reading runs now.
    pub(super) fn accept(&mut self, reading: Reading) {
        self.reading = reading;
    }

    /// Reads the files and decides. `mode`: what counts instead of the reload mode in the files.
    pub(super) async fn evaluate(&mut self, mode: Option<ReloadMode>) -> Outcomes {
        let files = match self.read().await {
            Ok(files) => files,
            Err(error) => return Outcomes::Kept(self.refuse(error)),
        };
        if files.snapshot.outcome == Outcome::Missing && self.reading.snapshot.outcome != Outcome::Missing {
            let path = self.paths().display(&files.snapshot.path);
            let error = ExpectedError::Refused(format!("The configuration {path} is gone."));
            return Outcomes::Kept(self.refuse(error));
        }
        if let Outcome::Invalid(issues) = &files.snapshot.outcome {
            let brief = brief(issues);
            self.refused = true;
            let shown = config::render(issues, &self.paths().home);
            let error = ExpectedError::Refused(shown.trim_end().to_owned());
            return Outcomes::Kept(Kept { error, brief });
        }
        let mut keys = config::effective_changes(&self.reading.snapshot, &files.snapshot);
        if files.env != self.reading.env {
            keys.push(DOTENV.to_owned());
        }
        match self.decide(files, keys, mode) {
            Err(error) => Outcomes::Kept(self.refuse(error)),
            Ok(outcome) => self.noted(outcome),
        }
    }

    /// Reads the files for a restart that was asked for.
    pub(super) async fn for_restart(&mut self) -> Result<Reading, ExpectedError> {
        let files = self.read().await?;
        let reading = self.reader.admit(files)?;
        (self.refused, self.waiting) = (false, false);
        Ok(reading)
    }

    /// Reads on another thread: a large file must not hold clients up.
    async fn read(&mut self) -> Result<Files, ExpectedError> {
        self.due = None;
        self.read_at = Stamp::now();
        let reader = self.reader.clone();
        let read = tokio::task::spawn_blocking(move || reader.files());
        let files = match tokio::time::timeout(PATIENCE, read).await {
            Ok(Ok(files)) => files?,
            Ok(Err(error)) => return Err(ExpectedError::Failed(format!("Error: {error}"))),
            Err(_) => {
                let path = self.paths().display(&self.paths().config_path);
                let limit = PATIENCE.as_secs();
                return Err(ExpectedError::Failed(format!("Reading {path} takes longer than {limit} s.")));
            }
        };
        self.files.clone_from(&files.snapshot.files);
        Ok(files)
    }

    /// What a person has to be told depends on what they were told before.
    fn noted(&mut self, mut outcome: Outcomes) -> Outcomes {
        let refused = std::mem::take(&mut self.refused);
        let waits = match &outcome {
            Outcomes::Off(_) => true,
            Outcomes::Apply { waiting, .. } => !waiting.is_empty(),
            _ => false,
        };
        let waited = std::mem::replace(&mut self.waiting, waits);
        match &mut outcome {
            Outcomes::Nothing if waited => return Outcomes::TakenBack,
            Outcomes::Nothing if refused => return Outcomes::Mended,
            Outcomes::Apply { taken_back, .. } => *taken_back = waited && !waits,
            _ => {}
        }
        outcome
    }

    fn decide(
        &self,
        files: Files,
        keys: Vec<String>,
        mode: Option<ReloadMode>,
    ) -> Result<Outcomes, ExpectedError> {
        let configured = settings::reload_mode(&Config::from_resolved(&files.snapshot.resolved));
        Ok(match reload::decide(mode.unwrap_or(configured), keys) {
            Verdict::Nothing => Outcomes::Nothing,
            Verdict::Off { waiting } => Outcomes::Off(waiting),
            Verdict::Apply { applied, waiting } => {
                let reading = Box::new(self.held(files, &waiting)?);
                Outcomes::Apply { reading, applied, waiting, taken_back: false }
            }
            Verdict::Restart { reasons, applied } => Outcomes::Restart {
                reading: Box::new(self.reader.admit(files)?),
                reasons: [reasons, applied].concat(),
            },
        })
    }

    /// The files with everything that waits for a restart as it runs now. They have to be usable as they stand, too:
    /// what cannot be used after the restart is said now.
    fn held(&self, mut files: Files, waiting: &[String]) -> Result<Reading, ExpectedError> {
        if !waiting.is_empty() {
            self.reader.admit(files.clone())?;
            files.snapshot.resolved = reload::hold(&self.reading.snapshot.resolved, &files.snapshot.resolved);
            files.env.clone_from(&self.reading.env);
        }
        self.reader.admit(files)
    }

    /// What was decided could not be done: the files are as good as broken, until they change again.
    pub(super) fn refuse(&mut self, error: ExpectedError) -> Kept {
        self.refused = true;
        let brief = error.to_string();
        Kept { error, brief }
    }
}

/// The problems without the lines of the file, which may hold secrets.
fn brief(issues: &[Issue]) -> String {
    let texts = issues.iter().map(|issue| match issue.path.as_str() {
        "" => issue.message.clone(),
        path => format!("{path}: {}", issue.message),
    });
    texts.collect::<Vec<_>>().join("; ")
}
