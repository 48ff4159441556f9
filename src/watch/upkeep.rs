//! What keeps the watch whole: limits of the system, silent file systems, lost events, a failing watcher, and
//! directories that were exchanged unnoticed.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::debounce::Touch;
use super::fingerprint::Known;
use super::source::{Refusal, Source};
use super::walk::{Item, Mode};
use super::watcher::{Subject, Watcher};
use super::{WatchEvent, limits};
use crate::platform::fs::{self, Stamp};

/// How often the ways of the followed paths are checked. An ancestor that is renamed, or mounted over, makes no
/// event.
const CHECK: Duration = Duration::from_mins(1);
/// Bounds of the time between two looks at what is not watched.
const SHORTEST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(2);
/// Share of the time that looking may take: one part in so many.
const SHARE: u32 = 50;
/// A watcher that fails so often in a row, each time within [`CHECK`], is given up.
const FAILURES: u32 = 5;

/// What has to be done and said.
#[derive(Debug, Default)]
pub(super) struct Upkeep {
    next_look: Option<Instant>,
    next_check: Option<Instant>,
    refusal: Option<Refusal>,
    silent: Vec<(PathBuf, &'static str)>,
    /// Some directories are looked at regularly.
    polling: bool,
    told_limit: bool,
    told_silent: bool,
    failures: u32,
    last_failure: Option<Instant>,
}

impl Upkeep {
    pub(super) fn due(&self) -> Option<Instant> {
        [self.next_look, self.next_check].into_iter().flatten().min()
    }

    /// The system refused to watch a directory.
    pub(super) fn note_refusal(&mut self, refusal: Refusal) {
        self.refusal.get_or_insert(refusal);
    }

    /// A directory is to be looked at regularly.
    pub(super) fn note_polled(&mut self) {
        self.polling = true;
    }

    /// A directory was found on a file system of this kind, when it is a silent one.
    pub(super) fn note_silent(&mut self, path: &Path, kind: Option<&'static str>) {
        if let (Some(kind), false) = (kind, self.told_silent) {
            self.silent.push((path.to_owned(), kind));
        }
    }
}

impl Watcher {
    /// Opens the system's watcher; without one everything is looked at regularly.
    pub(super) fn open_source(&mut self) {
        match Source::open(&self.mailbox) {
            Ok(source) => self.source = source,
            Err(refusal) => {
                self.source = Source::none();
                self.upkeep.note_refusal(refusal);
            }
        }
    }

    /// The system's watcher does not work any more: another one, and everything is compared.
    pub(super) fn source_failed(&mut self, reason: &str) {
        let now = Instant::now();
        let in_a_row = self.upkeep.last_failure.replace(now).is_some_and(|last| now < last + CHECK);
        self.upkeep.failures = if in_a_row { self.upkeep.failures + 1 } else { 1 };
        if self.upkeep.failures > FAILURES {
            self.source = Source::none();
            self.upkeep.note_refusal(Refusal::Other(reason.to_owned()));
        } else {
            self.open_source();
        }
        for path in self.directories.paths_where(|_| true) {
            self.watch_again(&path);
        }
        self.compare_everything();
    }

    /// Compares everything with what is known, after events may have been lost.
    pub(super) fn compare_everything(&mut self) {
        self.anchor_all();
        let now = Instant::now();
        for path in self.targets.keys().cloned().collect::<Vec<_>>() {
            self.touch(Subject::Target(path), now, Touch::Closed);
        }
        self.walk_again();
    }

    /// Walks all trees once more. What is not known by now is new, whenever it was written: word of it may be on the
    /// way.
    pub(super) fn walk_again(&mut self) {
        // Before everything was met once, most files are unknown without being new.
        self.walk_trees(if self.armed { Stamp::MIN } else { self.mark });
    }

    /// Says once what the system refuses.
    pub(super) fn report_refusals(&mut self) {
        if !self.upkeep.silent.is_empty() {
            self.upkeep.told_silent = true;
            for (path, kind) in std::mem::take(&mut self.upkeep.silent) {
                let message = limits::silent_file_system(&path, kind);
                self.outbox.add(WatchEvent::Degraded { message, polling: true });
            }
        }
        let Some(refusal) = self.upkeep.refusal.take() else { return };
        if self.upkeep.told_limit {
            return;
        }
        self.upkeep.told_limit = true;
        let refused = self.directories.iter().filter(|(_, directory)| directory.refused).count();
        let message = match refusal {
            Refusal::WatchLimit => {
                let current = fs::kernel_parameter(limits::WATCHES);
                limits::no_watch_left(current, refused, self.directories.len() - refused)
            }
            Refusal::InstanceLimit => limits::no_instance_left(fs::kernel_parameter(limits::INSTANCES)),
            Refusal::Other(reason) => limits::no_watcher(&reason),
            Refusal::Missing | Refusal::Unreadable => return,
        };
        self.outbox.add(WatchEvent::Degraded { message, polling: true });
    }

    /// Looks at what is not watched, and checks what is, when it is time.
    pub(super) fn look_after(&mut self, now: Instant) {
        let next_check = *self.upkeep.next_check.get_or_insert(now + CHECK);
        if next_check <= now {
            self.check_anchors();
            self.retry_refused();
            self.upkeep.next_check = Some(now + CHECK);
        }
        match self.upkeep.next_look {
            _ if !self.upkeep.polling => self.upkeep.next_look = None,
            None => self.upkeep.next_look = Some(now + SHORTEST),
            Some(next) if next <= now => {
                self.look();
                let took = now.elapsed();
                self.upkeep.next_look = Some(Instant::now() + (took * SHARE).clamp(SHORTEST, LONGEST));
            }
            Some(_) => {}
        }
    }

    /// Compares everything that is not watched, and every single path, with what is known.
    fn look(&mut self) {
        let polled = self.directories.paths_where(|directory| directory.polled);
        self.upkeep.polling = !polled.is_empty();
        for path in polled {
            let Some(directory) = self.directories.get(&path) else { continue };
            if fs::identity(&path).ok() != Some(directory.identity) {
                self.bury(&path, Instant::now());
                self.unhinged = true;
            } else if let Some(item) = Item::again(&path, directory, Stamp::MIN, Mode::Glance) {
                self.read_directory(&item);
            }
        }
        for path in self.targets.keys().cloned().collect::<Vec<_>>() {
            if !self.is_anchored(&path) {
                self.anchor(&path, Stamp::MIN);
            }
            let now = std::fs::metadata(&path).ok().filter(std::fs::Metadata::is_file);
            let now = now.map(|metadata| Known::unread(&metadata).signature);
            let known = self.targets.get(&path).and_then(|target| target.known).map(|known| known.signature);
            if now != known {
                self.touch(Subject::Target(path), Instant::now(), Touch::Closed);
            }
        }
    }

    /// Finds paths that lead elsewhere although nothing was reported.
    fn check_anchors(&mut self) {
        let paths = self.targets.iter().filter(|(_, target)| !target.is_link).map(|(path, _)| path.clone());
        for path in paths.collect::<Vec<_>>() {
            if !self.is_anchored(&path) {
                self.anchor(&path, Stamp::MIN);
                self.touch(Subject::Target(path), Instant::now(), Touch::Closed);
            }
        }
    }

    /// Somebody may have raised the limit.
    fn retry_refused(&mut self) {
        for path in self.directories.paths_where(|directory| directory.refused) {
            if self.source.is_open() && !self.watch_again(&path) {
                return;
            }
        }
    }

    fn watch_again(&mut self, path: &Path) -> bool {
        let refusal = self.source.watch(path).err();
        let watched = refusal.is_none();
        if let Some(directory) = self.directories.get_mut(path) {
            directory.refused = !watched;
            directory.polled = !watched || fs::silent_file_system(path).is_some();
            self.upkeep.polling |= directory.polled;
        }
        if let Some(refusal) = refusal.filter(|it| !matches!(it, Refusal::Missing | Refusal::Unreadable)) {
            self.upkeep.note_refusal(refusal);
        }
        watched
    }
}
