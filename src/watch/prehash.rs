//! Reading ahead: files are read once in the background, so that a later save can be compared by content. Within a
//! budget; the rest is compared from outside until its first change.

use std::fs::ReadDir;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::directories::key;
use super::fingerprint::{Fingerprint, Known, Signature};
use super::watcher::{SLICE, Watcher};
use crate::platform::fs;

/// Larger files are not read ahead.
const LARGEST: u64 = 1024 * 1024;
/// Nor is more than this in total.
const BUDGET: u64 = 64 * 1024 * 1024;
/// Where there is much to read: the first generation starts meanwhile and shall have the machine for itself.
const DELAY: Duration = Duration::from_millis(500);
/// As many files are read within a few milliseconds, so that need not wait.
const FEW: usize = 200;
/// Between two slices, so that reading ahead takes half of one processor at most.
const REST: Duration = SLICE;

/// What is left to read.
#[derive(Debug, Default)]
pub(super) struct Prehash {
    directories: Vec<PathBuf>,
    current: Option<(PathBuf, ReadDir)>,
    targets_done: bool,
    spent: u64,
    next: Option<Instant>,
}

impl Prehash {
    /// Everything is armed; there will be time soon.
    pub(super) fn begin(&mut self, now: Instant, files: usize) {
        self.next = Some(if files <= FEW { now } else { now + DELAY });
    }

    /// A directory was walked.
    pub(super) fn add(&mut self, directory: &Path) {
        if self.spent < BUDGET {
            self.directories.push(directory.to_owned());
        }
    }

    /// When the next slice comes; `None` when there is nothing left.
    pub(super) fn due(&self) -> Option<Instant> {
        let done = self.targets_done && self.current.is_none() && self.directories.is_empty();
        self.next.filter(|_| !done)
    }
}

impl Watcher {
    /// Reads ahead for a while when it is time.
    pub(super) fn prehash_slice(&mut self, now: Instant) {
        if self.prehash.due().is_none_or(|due| due > now) {
            return;
        }
        if !self.prehash.targets_done {
            self.prehash.targets_done = true;
            self.prehash_targets();
        }
        while let Some((directory, path)) = self.next_file() {
            self.prehash_file(&directory, &path);
            if now.elapsed() > SLICE || self.mailbox.has_mail() {
                break;
            }
        }
        self.prehash.next = Some(Instant::now() + REST);
    }

    fn prehash_targets(&mut self) {
        for (path, target) in &mut self.targets {
            if let Some(known) = target.known.filter(|known| known.content.is_none()) {
                target.known = read(path, known, u64::MAX).or(target.known);
            }
        }
    }

    /// The next entry that may be a file, with its directory.
    fn next_file(&mut self) -> Option<(PathBuf, PathBuf)> {
        loop {
            if let Some((directory, entries)) = &mut self.prehash.current {
                match entries.next() {
                    Some(Ok(entry)) => return Some((directory.clone(), entry.path())),
                    Some(Err(_)) => continue,
                    None => self.prehash.current = None,
                }
            }
            if self.prehash.spent >= BUDGET {
                self.prehash.directories = Vec::new();
            }
            let directory = self.prehash.directories.pop()?;
            let unread = self.directories.get(&directory).and_then(|it| it.member.as_ref());
            if unread.is_some_and(|member| member.files.values().any(|known| known.content.is_none())) {
                self.prehash.current = std::fs::read_dir(&directory).ok().map(|entries| (directory, entries));
            }
        }
    }

    fn prehash_file(&mut self, directory: &Path, path: &Path) {
        let Some(name) = path.file_name() else { return };
        let member = self.directories.get_mut(directory).and_then(|directory| directory.member.as_mut());
        let Some(known) = member.and_then(|member| member.files.get_mut(&key(name))) else { return };
        if known.content.is_some() {
            return;
        }
        if let Some(read) = read(path, *known, LARGEST) {
            *known = read;
            self.prehash.spent += path.metadata().map_or(0, |metadata| metadata.len());
        }
    }
}

/// Reads a file that nobody has touched since it was met, else nothing: an event is on its way, and it must find
/// the old content.
fn read(path: &Path, known: Known, largest: u64) -> Option<Known> {
    let (file, metadata) = fs::open_regular(path).ok()??;
    if metadata.len() > largest || Signature::of(&metadata) != known.signature {
        return None;
    }
    let content = Fingerprint::stream(&file).ok()?;
    let untouched = file.metadata().is_ok_and(|metadata| Signature::of(&metadata) == known.signature);
    untouched.then_some(Known { content: Some(content), ..known })
}
