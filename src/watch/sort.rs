//! Signals → dirty paths: what an event means for what is watched.

use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::Cause;
use super::debounce::{ABSENCE, PATIENCE, Touch};
use super::directories::key;
use super::rules;
use super::signal::{Hint, Signal};
use super::walk::{Item, Link, Mode, may_enter};
use super::watcher::{Subject, Watcher};
use crate::platform::fs::{self, Stamp};

/// A linker may write to a program for long; half of it is never taken for the whole.
const PROGRAM: Duration = Duration::from_secs(30);
/// Files that came to count by new rules are no changes, unless they changed together with the rules.
pub(super) const TOGETHER: Duration = Duration::from_secs(1);

impl Watcher {
    /// Takes note of an event.
    pub(super) fn sort(&mut self, signal: Signal) {
        let Signal { path, mut hint, at } = signal;
        // Not every system says which way a rename went.
        if hint == Hint::Arrived && path.symlink_metadata().is_err() {
            hint = Hint::Vanished;
        }
        if self.hinges.contains_key(&path) {
            self.sort_hinge(&path, hint, at);
            if self.is_followed(&path) && !self.directories.contains(&path) && !path.is_dir() {
                return;
            }
        }
        if hint == Hint::Vanished && self.directories.contains(&path) {
            return self.directory_vanished(&path, at);
        }
        let Some(member) =
            path.parent().and_then(|it| self.directories.get(it)).and_then(|it| it.member.as_ref())
        else {
            return;
        };
        let Some(name) = path.file_name() else { return };
        if name == rules::FILE {
            if !matches!(hint, Hint::Created | Hint::Written | Hint::Attributes) {
                self.rules_changed(&path);
            }
            return;
        }
        let counts_as_file = || member.tree.counts(&member.rules, &member.path, name, false);
        match hint {
            Hint::Created | Hint::Arrived => self.appeared(&path, hint, at),
            Hint::Vanished if member.files.contains_key(&key(name)) => {
                self.touch(Subject::File(path), at, Touch::Open(ABSENCE));
            }
            // A temporary file that came and went.
            Hint::Vanished => self.debounce.forget(&Subject::File(path)),
            Hint::Closed | Hint::Written if counts_as_file() && !self.is_followed(&path) => {
                let touch = if hint == Hint::Closed { Touch::Closed } else { Touch::Open(PATIENCE) };
                self.touch(Subject::File(path), at, touch);
            }
            Hint::Attributes if self.unreadable.remove(&path) => self.appeared(&path, Hint::Arrived, at),
            Hint::Closed | Hint::Written | Hint::Attributes => {}
        }
    }

    /// An event at a name that decides where paths lead, or at what they lead to.
    fn sort_hinge(&mut self, hinge: &Path, hint: Hint, at: Instant) {
        for path in self.hinges.get(hinge).cloned().unwrap_or_default() {
            if !matches!(hint, Hint::Written | Hint::Closed) {
                self.anchor(&path, Stamp::MIN);
            }
            let Some(target) = self.targets.get(&path) else { continue };
            let patience = if target.cause == Cause::Executable { PROGRAM } else { PATIENCE };
            let complete = || {
                std::fs::symlink_metadata(hinge)
                    .is_ok_and(|metadata| metadata.is_symlink() || fs::has_other_names(&metadata))
            };
            let touch = match hint {
                Hint::Vanished => Touch::Open(ABSENCE),
                Hint::Written => Touch::Open(patience),
                Hint::Created if !complete() => Touch::Open(patience),
                Hint::Created | Hint::Arrived | Hint::Closed | Hint::Attributes => Touch::Closed,
            };
            self.touch(Subject::Target(path), at, touch);
        }
    }

    /// A new name in a tree.
    fn appeared(&mut self, path: &Path, hint: Hint, at: Instant) {
        let Ok(metadata) = std::fs::symlink_metadata(path) else { return };
        let leads_to_directory = || std::fs::metadata(path).is_ok_and(|metadata| metadata.is_dir());
        let is_directory = metadata.is_dir() || (metadata.is_symlink() && leads_to_directory());
        if !is_directory {
            self.bury(path, at);
        }
        let Some(parent) = path.parent().and_then(|parent| self.directories.get(parent)) else { return };
        let (Some(member), Some(name)) = (&parent.member, path.file_name()) else { return };
        if !member.tree.counts(&member.rules, &member.path, name, metadata.is_dir()) {
            return;
        }
        let logical = member.path.join(name);
        let (tree, around, polled) = (Rc::clone(&member.tree), Rc::clone(&member.rules), parent.polled);
        if is_directory {
            if metadata.is_symlink() && !may_enter(&tree, path) {
                return;
            }
            let (path, since, mode) = (path.to_owned(), Stamp::MIN, Mode::Everything);
            self.walk.push(Item { path, logical, tree, around, since, mode, polled });
        } else if metadata.is_symlink() {
            self.links.push(Link { path: logical, cause: tree.cause, since: Stamp::MIN });
        } else if metadata.is_file() && !self.is_followed(path) {
            self.no_longer_a_link(&logical);
            let complete = hint == Hint::Arrived || fs::has_other_names(&metadata);
            let touch = if complete { Touch::Closed } else { Touch::Open(PATIENCE) };
            self.touch(Subject::File(path.to_owned()), at, touch);
        }
    }

    /// A watched directory is said to be gone. It may be back already, or only its old self has gone at last.
    fn directory_vanished(&mut self, path: &Path, at: Instant) {
        let Some(directory) = self.directories.get(path) else { return };
        if fs::identity(path).ok() != Some(directory.identity) {
            return self.bury(path, at);
        }
        // The system's watcher has dropped its watch all the same.
        match Item::again(path, directory, Stamp::MIN, Mode::Everything) {
            Some(item) => self.walk.push(item),
            None => _ = self.source.watch(path),
        }
    }

    /// The rules of a directory changed: what counts now is watched, what counts no longer is left.
    fn rules_changed(&mut self, file: &Path) {
        let Some(directory) = file.parent() else { return };
        let since = Stamp::now().minus(TOGETHER);
        let again =
            self.directories.get(directory).and_then(|it| Item::again(directory, it, since, Mode::NewRules));
        self.walk.extend(again);
    }
}
