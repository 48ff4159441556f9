//! From what the watcher saw to what the supervisor has to do: reads the configuration again when it is part of
//! a batch, compares values, and makes the next plan.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use super::listeners::Listeners;
use super::notice::{Notice, Trigger};
use super::plan::{Plan, Planner, Problem, Reading};
use crate::config;
use crate::harness::watch::{Batch, Cause, Update, WatchHandle};
use crate::platform::fs::Stamp;

/// What the current plan is, and how the next one is made.
#[derive(Debug)]
pub struct Edits {
    planner: Planner,
    current: Option<Arc<Plan>>,
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
    /// What to tell before.
    pub notices: Vec<Notice>,
}

impl Edits {
    /// Nothing is accepted yet.
    pub fn new(planner: Planner) -> Self {
        Self { planner, current: None, refused_files: Vec::new(), refused: false, read_at: Stamp::now() }
    }

    /// How plans are read.
    pub fn planner(&self) -> &Planner {
        &self.planner
    }

    /// Makes `plan` the one that edits are compared with.
    pub fn accept(&mut self, plan: Option<Arc<Plan>>) {
        if plan.is_some() {
            self.current = plan;
            self.refused = false;
            self.refused_files.clear();
        }
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
        let Some(first) = configuration.into_iter().next() else { return evaluation };
        self.read_at = Stamp::now();
        let trigger = |keys| Trigger::File { cause: first.cause, path: first.path.clone(), keys };
        match self.changed() {
            Ok(None) if self.refused => {
                self.refused = false;
                self.refused_files.clear();
                evaluation.notices.push(Notice::Mended);
            }
            Ok(None) => {}
            Ok(Some((reading, keys))) if reloads_are_off(&reading) => {
                evaluation.notices.push(Notice::Ignored { keys });
            }
            Ok(Some((reading, keys))) => match self.plan(reading) {
                Ok(plan) => {
                    evaluation.triggers.insert(0, trigger(keys));
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
        let reading = self.planner.read()?;
        self.plan(reading)
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
        self.refused = true;
        if let Ok((_, snapshot)) = self.planner.snapshot() {
            self.refused_files = snapshot.files;
        }
        evaluation.notices.push(Notice::Refused { triggers: vec![trigger], problem });
    }

    /// The configuration as it is now and the dotted paths that differ; `None` when nothing effective does.
    fn changed(&self) -> Result<Option<(Reading, Vec<String>)>, Problem> {
        let reading = self.planner.read()?;
        let Some(current) = &self.current else { return Ok(Some((reading, Vec::new()))) };
        let keys = config::effective_changes(&current.snapshot, &reading.snapshot);
        let same_environment = current.env == reading.env;
        Ok((!keys.is_empty() || !same_environment).then_some((reading, keys)))
    }

    /// Binds what has to be bound anew; sockets of an unchanged address are taken over.
    fn plan(&self, reading: Reading) -> Result<Plan, Problem> {
        let Reading { snapshot, env, settings, bind } = reading;
        let listeners = match &self.current {
            Some(current) if current.listeners.serve(&bind, settings.port) => Arc::clone(&current.listeners),
            _ => Arc::new(Listeners::bind(&bind, settings.port)?),
        };
        Ok(Plan { snapshot, env, settings, listeners })
    }
}

/// The first plan of a harness.
pub fn first_plan(planner: &Planner) -> Result<Plan, Problem> {
    let Reading { snapshot, env, settings, bind } = planner.read()?;
    let listeners = Listeners::bind(&bind, settings.port)?;
    Ok(Plan { snapshot, env, settings, listeners: Arc::new(listeners) })
}

/// Whether the configuration itself says that its edits are not acted upon.
fn reloads_are_off(reading: &Reading) -> bool {
    reading.snapshot.resolved.pointer("/gateway/reload/mode").and_then(|mode| mode.as_str()) == Some("off")
}
