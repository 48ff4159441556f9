//! All jobs, in the order in which they were made, and which of them is due next. Pure.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde::ser::{Serialize, SerializeMap as _, SerializeSeq as _, Serializer};
use serde_json::{Map, Value};

use super::job::Job;

/// The jobs.
#[derive(Debug, Default)]
pub(crate) struct Book {
    /// Members of the file besides `jobs`.
    rest: Map<String, Value>,
    jobs: BTreeMap<u64, Job>,
    numbers: HashMap<Arc<str>, u64>,
    /// When which is due.
    due: BTreeSet<(u64, u64)>,
    next_number: u64,
    /// What stands among the jobs and is none.
    strangers: Vec<Value>,
}

/// A change of one job.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    /// There is this job now, in place of the one with its id.
    Put(Job),
    /// There is no such job any more.
    Remove(Arc<str>),
}

/// What a file holds, to be written elsewhere.
#[derive(Debug)]
pub(crate) struct Content {
    rest: Map<String, Value>,
    jobs: Vec<Arc<Map<String, Value>>>,
    strangers: Vec<Value>,
}

// === impl Book ===

impl Book {
    /// Reads the content of a file; `null` is that of none.
    pub(crate) fn from_value(mut value: Value) -> Self {
        let mut book = Self::default();
        if let Some(Value::Array(jobs)) = value.get_mut("jobs").map(Value::take) {
            for value in jobs {
                match Job::from_value(&value) {
                    Some(job) if !book.numbers.contains_key(job.id()) => book.put(job),
                    _ => book.strangers.push(value),
                }
            }
        }
        if let Value::Object(mut rest) = value {
            rest.shift_remove("jobs");
            book.rest = rest;
        }
        book
    }

    /// The content of the file.
    pub(crate) fn content(&self) -> Content {
        Content {
            rest: self.rest.clone(),
            jobs: self.jobs.values().map(|job| Arc::clone(job.document())).collect(),
            strangers: self.strangers.clone(),
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.jobs.len()
    }

    /// A job.
    pub(crate) fn get(&self, id: &str) -> Option<&Job> {
        self.jobs.get(self.numbers.get(id)?)
    }

    /// All of them, in the order in which they were made.
    pub(crate) fn jobs(&self) -> impl Iterator<Item = &Job> {
        self.jobs.values()
    }

    /// Their documents by when they are due next, those that are not at the beginning, as in the published gateway.
    pub(crate) fn listed(&self, with_disabled: bool) -> Vec<Arc<Map<String, Value>>> {
        let meant = self.jobs.values().filter(|job| with_disabled || job.is_enabled());
        let mut jobs: Vec<&Job> = meant.collect();
        jobs.sort_by_key(|job| job.next_ms().unwrap_or(0));
        jobs.into_iter().map(|job| Arc::clone(job.document())).collect()
    }

    /// Applies a change.
    pub(crate) fn apply(&mut self, change: Change) {
        match change {
            Change::Put(job) => self.put(job),
            Change::Remove(id) => self.remove(&id),
        }
    }

    fn put(&mut self, job: Job) {
        let number = *self.numbers.entry(Arc::clone(job.id())).or_insert_with(|| {
            self.next_number += 1;
            self.next_number
        });
        if let Some(old_ms) = self.jobs.get(&number).and_then(due_ms) {
            self.due.remove(&(old_ms, number));
        }
        self.due.extend(due_ms(&job).map(|due_ms| (due_ms, number)));
        self.jobs.insert(number, job);
    }

    fn remove(&mut self, id: &str) {
        if let Some(number) = self.numbers.remove(id)
            && let Some(job) = self.jobs.remove(&number)
            && let Some(due_ms) = due_ms(&job)
        {
            self.due.remove(&(due_ms, number));
        }
    }

    /// When the next one is due, Unix milliseconds.
    pub(crate) fn next_ms(&self) -> Option<u64> {
        self.due.first().map(|(due_ms, _)| *due_ms)
    }

    /// The first jobs that are due, at most `limit`.
    pub(crate) fn due(&self, now_ms: u64, limit: usize) -> Vec<Job> {
        let due = self.due.iter().take_while(|(due_ms, _)| *due_ms <= now_ms).take(limit);
        due.filter_map(|(_, number)| self.jobs.get(number).cloned()).collect()
    }

    /// Decides anew when all of them are due: the clock was set back.
    pub(crate) fn replan(&mut self, now_ms: u64) {
        self.replan_if(now_ms, |_| true);
    }

    /// The same after a time in which nobody looked. What was due meanwhile is due now, once.
    pub(crate) fn catch_up(&mut self, now_ms: u64) {
        self.replan_if(now_ms, |job| {
            !job.is_enabled() || job.next_ms().is_none_or(|next_ms| next_ms > now_ms)
        });
    }

    fn replan_if(&mut self, now_ms: u64, is_meant: impl Fn(&Job) -> bool) {
        let mut changed = Vec::new();
        for job in self.jobs.values().filter(|job| is_meant(job)) {
            let mut job = job.clone();
            if job.replan(now_ms) {
                changed.push(job);
            }
        }
        for job in changed {
            self.put(job);
        }
    }
}

/// When the timer has to look at it: a run that is under way is nobody's business.
fn due_ms(job: &Job) -> Option<u64> {
    if job.is_enabled() && job.running_ms().is_none() { job.next_ms() } else { None }
}

// === impl Content ===

impl Content {
    /// The text of the file.
    pub(crate) fn render(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }
}

impl Serialize for Content {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut file = serializer.serialize_map(None)?;
        if !self.rest.contains_key("version") {
            file.serialize_entry("version", &1)?;
        }
        for (name, value) in &self.rest {
            file.serialize_entry(name, value)?;
        }
        file.serialize_entry("jobs", &Jobs(self))?;
        file.end()
    }
}

/// What is in the list.
struct Jobs<'a>(&'a Content);

impl Serialize for Jobs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for job in &self.0.jobs {
            list.serialize_element(&**job)?;
        }
        for stranger in &self.0.strangers {
            list.serialize_element(stranger)?;
        }
        list.end()
    }
}

#[cfg(test)]
mod tests;
