//! Reads everything that goes in, and for its secrets what stays behind. On as many threads as help.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use super::collect::Collected;
use super::error::CaptureError;
use super::read::{Outcome, read};
use super::spool::Spool;
use super::subject::Subject;
use super::survey::Candidate;
use crate::config::{load_with_references, references};
use crate::platform::regular;
use crate::profile::{EnvMap, vars};
use crate::redaction::{Evidence, Kind, is_known_secret};

/// Threads that read.
const THREADS: usize = 2;

/// Most bytes of a file that is read for its secrets alone.
const LONGEST: u64 = 1 << 20;

/// Most such files.
const MOST: usize = 20_000;

/// State that holds secrets, below the state directory.
const SECRET_STATE: [&str; 6] = [
    ".env",
    "devices/paired.json",
    "devices/pending.json",
    "nodes/paired.json",
    "nodes/pending.json",
    "exec-approvals.json",
];

/// Reads every candidate; what becomes of each, in their order.
pub(super) fn read_all(candidates: &[Candidate], spool: &Spool) -> Result<Vec<Outcome>, CaptureError> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Result<Outcome, CaptureError>)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..THREADS.min(candidates.len()) {
            scope.spawn(|| {
                while let Some((index, candidate)) = next_of(candidates, &next) {
                    let outcome = read(candidate, spool, false);
                    // Nothing is read for nothing.
                    if outcome.is_err() {
                        next.store(candidates.len(), Ordering::Relaxed);
                    }
                    done.lock().unwrap_or_else(PoisonError::into_inner).push((index, outcome));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, outcome)| outcome).collect()
}

fn next_of<'c>(candidates: &'c [Candidate], next: &AtomicUsize) -> Option<(usize, &'c Candidate)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    Some((index, candidates.get(index)?))
}

/// What a configuration says beyond what stands in its text: the values of its variables.
pub(super) fn of_configuration(config: &Path, env: &EnvMap, collected: &mut Collected) -> Vec<String> {
    let (snapshot, written) = load_with_references(config, env);
    for document in [&snapshot.resolved, &snapshot.parsed] {
        collected.text(&document.to_string(), Kind::Document);
    }
    let mut names = Vec::new();
    named(&written, &mut names);
    names.sort_unstable();
    names.dedup();
    for name in &names {
        if let Some((value, evidence)) =
            env.raw(name).and_then(|value| Some((value, is_known_secret(name, value)?)))
        {
            collected.secret(value, evidence);
        }
    }
    names
}

/// The variables that a document names.
fn named(node: &Value, names: &mut Vec<String>) {
    match node {
        Value::String(text) => names.extend(references(text).map(str::to_owned)),
        Value::Array(items) => items.iter().for_each(|item| named(item, names)),
        Value::Object(members) => members.values().for_each(|value| named(value, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Secrets of a profile that may be in what goes in, though the files that hold them do not.
pub(super) fn of_elsewhere(subject: &Subject, keys: &[PathBuf], collected: &mut Collected) {
    let of = |path: &Path, kind: Kind, collected: &mut Collected| {
        // What cannot be read here is not handed out either.
        if let Ok(text) = regular::read_text(path, LONGEST) {
            collected.text(&text, kind);
        }
    };
    of(&subject.config, Kind::Document, collected);
    for name in SECRET_STATE {
        of(&subject.state.join(name), Kind::of(name), collected);
    }
    for path in keys.iter().take(MOST) {
        of(path, Kind::Keys, collected);
    }
    for name in [vars::GATEWAY_TOKEN, vars::GATEWAY_PASSWORD] {
        if let Some(value) = subject.env.get(name) {
            collected.secret(value, Evidence::Place);
        }
    }
}
