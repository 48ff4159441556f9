//! Dirty paths → effective changes: what a path holds now against what was known of it.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::directories::{Files, key};
use super::fingerprint::Known;
use super::own_writes::Verdict;
use super::watcher::{Subject, Watcher};
use super::{Cause, Change, WatchEvent};

/// Files of a tree that are larger are compared from outside. Reading this much takes about 20 ms.
const LARGEST: u64 = 32 * 1024 * 1024;

/// Files of a directory that has gone, until it is certain that they have gone too.
#[derive(Debug)]
pub(super) struct Grave {
    /// The directory's name within its tree.
    pub logical: PathBuf,
    pub cause: Cause,
    pub files: Files,
}

impl Watcher {
    /// Compares a dirty path with what is known, remembers what it holds, and returns the change to report.
    /// `at`: its first event.
    pub(super) fn judge(&mut self, subject: Subject, at: Instant) -> Option<Change> {
        let change = match subject {
            Subject::Target(path) => self.judge_target(path),
            Subject::File(path) => self.judge_file(&path),
            Subject::Gone(path) => self.judge_gone(&path),
        }?;
        if !matches!(change.cause, Cause::Workspace | Cause::Extra) {
            return Some(change);
        }
        match self.own.judge(&change.path, at) {
            Verdict::Report => return Some(change),
            Verdict::Hold(wait) => self.own.hold(change, at, wait),
            Verdict::Quarantine(wait) => {
                self.outbox.add(WatchEvent::Quarantined { path: change.path.clone() });
                self.own.hold(change, at, wait);
            }
            Verdict::Drop => {}
        }
        None
    }

    fn judge_target(&mut self, path: PathBuf) -> Option<Change> {
        let target = self.targets.get_mut(&path)?;
        let cause = target.cause;
        let limit = if matches!(cause, Cause::Workspace | Cause::Extra) { LARGEST } else { u64::MAX };
        let now = read(&path, limit, || _ = self.unreadable.insert(path.clone()));
        // A program that is being replaced is gone for a moment, and a new one is not there yet.
        if now.is_none() && cause == Cause::Executable {
            return None;
        }
        let old = std::mem::replace(&mut target.known, now);
        let is_dead_link = target.is_link && now.is_none() && path.symlink_metadata().is_err();
        if is_dead_link {
            self.unfollow(&path);
        }
        change(path, cause, old, now)
    }

    fn judge_file(&mut self, path: &Path) -> Option<Change> {
        let (directory, name) = (path.parent()?, path.file_name()?);
        let now = read(path, LARGEST, || _ = self.unreadable.insert(path.to_owned()));
        let member = self.directories.get_mut(directory).and_then(|directory| directory.member.as_mut());
        let (files, logical, cause) = if let Some(member) = member {
            (&mut member.files, member.path.join(name), member.tree.cause)
        } else {
            let grave = self.graves.get_mut(directory)?;
            // The directory is back: it is being walked, and the file with it.
            if now.is_some() {
                return None;
            }
            (&mut grave.files, grave.logical.join(name), grave.cause)
        };
        let old = match now {
            Some(now) => files.insert(key(name), now),
            None => files.remove(&key(name)),
        };
        let old = old.or_else(|| self.loaded.remove(&logical).flatten().map(Known::loaded));
        change(logical, cause, old, now)
    }

    /// A directory that has gone with files of which nobody said so one by one.
    fn judge_gone(&mut self, path: &Path) -> Option<Change> {
        let logical = self.graves.get(path).map(|grave| (grave.logical.clone(), grave.cause));
        let below: Vec<PathBuf> = self
            .graves
            .range(path.to_owned()..)
            .map(|(below, _)| below)
            .take_while(|below| below.starts_with(path))
            .cloned()
            .collect();
        let graves: Vec<Grave> = below.iter().filter_map(|below| self.graves.remove(below)).collect();
        let (path, cause) = logical.or_else(|| graves.first().map(|it| (it.logical.clone(), it.cause)))?;
        let lost_files = graves.iter().any(|grave| !grave.files.is_empty());
        lost_files.then_some(Change { path, cause, removed: true })
    }
}

/// Reads a path; what cannot be read is known from outside at least.
fn read(path: &Path, limit: u64, note_unreadable: impl FnOnce()) -> Option<Known> {
    match Known::read(path, limit) {
        Ok(known) => known,
        Err(error) => {
            if error.kind() == io::ErrorKind::PermissionDenied {
                note_unreadable();
            }
            path.metadata().ok().map(|metadata| Known::unread(&metadata))
        }
    }
}

fn change(path: PathBuf, cause: Cause, old: Option<Known>, now: Option<Known>) -> Option<Change> {
    let differs = match (&old, &now) {
        (Some(old), Some(now)) => old.differs(now),
        (None, None) => false,
        _ => true,
    };
    differs.then_some(Change { path, cause, removed: now.is_none() })
}
