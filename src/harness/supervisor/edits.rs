//! From what the watcher saw to what the supervisor has to do: reads the configuration again when it is part of
//! a batch, compares values, and makes the next plan.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use super::notice::{Notice, Trigger};
use super::plan::{Plan, Planner, Problem, Reading};
use crate::config::reload::{self, Verdict};
use crate::config::{self, Config};
use crate::listeners::Bound;
use crate::platform::fs::Stamp;
use crate::watch::{Batch, Cause, Update, WatchHandle};

/// What the current plan is, and how the next one is made.
#[derive(Debug)]
pub struct Edits {
    planner: Planner,
    bound: Bound,
    /// What edits are compared with: the newest plan that was accepted and has not failed.
    current: Option<Arc<Plan>>,
    /// A plan that was accepted and whose generation came to nothing. It is what the file says.
    withheld: Option<Arc<Plan>>,
    /// Files of a configuration that was refused: its mending is an edit of one of these.
    refused_files: Vec<PathBuf>,
    refused: bool,
    /// A moment before the configuration was read last.
    read_at: Stamp,
}

/// What follows from a batch.
#[derive(Debug, Default)]
pub struct Evaluation {
    /// What to reload for; empty when nothing effective changed.
    pub triggers: Vec<Trigger>,
    /// The plan to use from now on.
    pub plan: Option<Plan>,
    /// The plan differs in nothing that needs another generation; the keys that keep their old values.
    pub waiting: Option<Vec<String>>,
    /// What to tell before.
    pub notices: Vec<Notice>,
}

impl Edits {
    /// Nothing is accepted yet.
    pub fn new(planner: Planner) -> Self {
        Self {
            planner,
            bound: Bound::default(),
            current: None,
            withheld: None,
            refused_files: Vec::new(),
            refused: false,
            read_at: Stamp::now(),
        }
    }

    /// How plans are read.
    pub fn planner(&self) -> &Planner {
        &self.planner
    }

    /// The recording to which generations write from now on.
    pub fn record_to(&mut self, recording: Option<PathBuf>) {
        self.planner.flags.recording = recording;
    }

    /// Makes `plan` the one that edits are compared with.
    pub fn accept(&mut self, plan: Option<Arc<Plan>>) {
        if plan.is_some() {
            self.current = plan;
            self.withheld = None;
            self.refused = false;
            self.refused_files.clear();
        }
    }

    /// The supervisor went back to `plan`, because the generation of a newer one came to nothing.
    pub fn fell_back(&mut self, plan: Option<Arc<Plan>>) {
        let Some(plan) = plan else { return };
        if let Some(current) = self.current.take()
            && !Arc::ptr_eq(&current, &plan)
        {
            self.refused_files.clone_from(&current.snapshot.files);
            self.refused = true;
            self.withheld = Some(current);
        }
        self.current = Some(plan);
    }

    /// Decides what a batch means.
    pub fn evaluate(&mut self, batch: Batch) -> Evaluation {
        let mut evaluation = Evaluation::default();
        let mut configuration = Vec::new();
        for change in batch.changes {
            if matches!(change.cause, Cause::Config | Cause::Env) {
                configuration.push(change);
            } else {
                evaluation.triggers.push(Trigger::File {
                    cause: change.cause,
                    path: change.path,
                    keys: Vec::new(),
                });
            }
        }
        let rebuilt = |trigger: &Trigger| matches!(trigger, Trigger::File { cause: Cause::Executable, .. });
        let retry = self.withheld.is_some() && evaluation.triggers.iter().any(rebuilt);
        let Some(first) = configuration.first() else {
            // Another build may be able to do what the last one could not.
            if retry {
                evaluation.plan = self.reread().ok();
            }
            return evaluation;
        };
        self.read_at = Stamp::now();
        // Of several files the one that tells why.
        let trigger = |keys: Vec<String>| {
            let told = configuration.iter().find(|change| change.cause == Cause::Config).unwrap_or(first);
            Trigger::File { cause: told.cause, path: told.path.clone(), keys }
        };
        // Without a changed value it is the environment, also when word of its edit is still on the way.
        let dotenv = self.planner.paths.dotenv.clone();
        let environment = || Trigger::File { cause: Cause::Env, path: dotenv, keys: Vec::new() };
        match self.changed() {
            Ok(Some((reading, _))) if !retry && self.is_withheld(&reading) => {}
            Ok(None) if self.refused => {
                self.mended();
                evaluation.notices.push(Notice::Mended);
            }
            Ok(None) => {}
            Ok(Some((reading, keys))) if !keys.is_empty() && reloads_are_off(&reading) => {
                self.mended();
                evaluation.notices.push(Notice::Ignored { keys });
            }
            Ok(Some((reading, keys))) => {
                let is_same = keys.is_empty();
                // Other edits of the batch start another generation anyway.
                let in_place =
                    if evaluation.triggers.is_empty() { self.in_place(&reading, &keys) } else { None };
                let (keys, waiting) = match in_place {
                    Some((applied, waiting)) => (applied, Some(waiting)),
                    None => (keys, None),
                };
                let reading = match &waiting {
                    Some(waiting) if !waiting.is_empty() => self.held(reading),
                    _ => Ok(reading),
                };
                match reading.and_then(|reading| self.plan(reading)) {
                    Ok(plan) => {
                        evaluation.triggers.insert(0, if is_same { environment() } else { trigger(keys) });
                        evaluation.plan = Some(plan);
                        evaluation.waiting = waiting;
                    }
                    Err(problem) => self.refuse(trigger(keys), problem, &mut evaluation),
                }
            }
            Err(problem) => self.refuse(trigger(Vec::new()), problem, &mut evaluation),
        }
        evaluation
    }

    /// Reads the configuration as if the reload mode were not set. Empty when it counts already.
    pub fn asked(&mut self) -> Evaluation {
        let mut evaluation = Evaluation::default();
        self.read_at = Stamp::now();
        let path = self.planner.paths.config_path.clone();
        let trigger = |keys| Trigger::File { cause: Cause::Config, path: path.clone(), keys };
        match self.changed() {
            Ok(None) => {}
            Ok(Some((reading, keys))) => match self.plan(reading) {
                Ok(plan) => {
                    evaluation.triggers.push(trigger(keys));
                    evaluation.plan = Some(plan);
                }
                Err(problem) => self.refuse(trigger(keys), problem, &mut evaluation),
            },
            Err(problem) => self.refuse(trigger(Vec::new()), problem, &mut evaluation),
        }
        evaluation
    }

    /// Reads everything again, whatever changed.
    pub fn reread(&mut self) -> Result<Plan, Problem> {
        self.read_at = Stamp::now();
        let plan = self.planner.read().and_then(|reading| self.plan(reading));
        if plan.is_err() {
            self.note_refusal();
        }
        plan
    }

    /// Tells the watcher which files and which workspace count now.
    pub fn follow(&self, watch: &WatchHandle) {
        let Some(current) = &self.current else { return };
        let mut files = current.snapshot.files.clone();
        let known: BTreeSet<PathBuf> = files.iter().cloned().collect();
        files.extend(self.refused_files.iter().filter(|file| !known.contains(*file)).cloned());
        watch.update(Update {
            config_files: files,
            workspace: Some(current.settings.workspace.clone()),
            started: self.read_at,
            known: Vec::new(),
        });
    }

    fn refuse(&mut self, trigger: Trigger, problem: Problem, evaluation: &mut Evaluation) {
        self.note_refusal();
        evaluation.notices.push(Notice::Refused { triggers: vec![trigger], problem });
    }

    fn note_refusal(&mut self) {
        self.refused = true;
        if let Ok((_, snapshot)) = self.planner.snapshot() {
            self.refused_files = snapshot.files;
        }
    }

    fn mended(&mut self) {
        self.refused = false;
        self.withheld = None;
        self.refused_files.clear();
    }

    /// Whether this is the plan that came to nothing: saving it once more does not make it better.
    fn is_withheld(&self, reading: &Reading) -> bool {
        self.withheld.as_ref().is_some_and(|withheld| {
            withheld.env == reading.env
                && config::effective_changes(&withheld.snapshot, &reading.snapshot).is_empty()
        })
    }

    /// The configuration as it is now and the dotted paths that differ; `None` when nothing effective does.
    fn changed(&self) -> Result<Option<(Reading, Vec<String>)>, Problem> {
        let reading = self.planner.read()?;
        let Some(current) = &self.current else { return Ok(Some((reading, Vec::new()))) };
        let keys = config::effective_changes(&current.snapshot, &reading.snapshot);
        let same_environment = current.env == reading.env;
        Ok((!keys.is_empty() || !same_environment).then_some((reading, keys)))
    }

    /// Which keys are taken over in place and which wait, when the configuration itself asks for that and nothing
    /// needs another generation.
    fn in_place(&self, reading: &Reading, keys: &[String]) -> Option<(Vec<String>, Vec<String>)> {
        let current = self.current.as_ref()?;
        let mode = Config::from_resolved(&reading.snapshot.resolved).gateway.reload.mode?;
        let mut keys = keys.to_vec();
        if current.env != reading.env {
            keys.push(DOTENV.to_owned());
        }
        match reload::decide(mode, keys) {
            Verdict::Apply { applied, waiting } => Some((applied, waiting)),
            Verdict::Nothing | Verdict::Off { .. } | Verdict::Restart { .. } => None,
        }
    }

    /// The reading with everything that waits as it runs now.
    fn held(&self, mut reading: Reading) -> Result<Reading, Problem> {
        let Some(current) = &self.current else { return Ok(reading) };
        reading.snapshot.resolved = reload::hold(&current.snapshot.resolved, &reading.snapshot.resolved);
        self.planner.admit(current.env.clone(), reading.snapshot)
    }

    /// Binds what has to be bound anew; sockets that some plan still holds are taken over.
    fn plan(&mut self, reading: Reading) -> Result<Plan, Problem> {
        let Reading { snapshot, env, settings, bind } = reading;
        let listeners = self.bound.listen(&bind, settings.port)?;
        Ok(Plan { snapshot, env, settings, listeners })
    }
}

/// How the profile's environment file is named among the changed keys.
const DOTENV: &str = ".env";

/// Whether the configuration itself says that its edits are not acted upon.
fn reloads_are_off(reading: &Reading) -> bool {
    reading.snapshot.resolved.pointer("/gateway/reload/mode").and_then(|mode| mode.as_str()) == Some("off")
}
