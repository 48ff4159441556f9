//! Walking trees, one directory at a time: each is watched first and read afterwards, so that nothing falls between
//! the two. At the start, reading is split: first everything is watched, then files are compared with the mark.

use std::ffi::OsStr;
use std::fs::{DirEntry, FileType, Metadata};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Instant;

use super::Cause;
use super::debounce::{ABSENCE, Touch};
use super::directories::{Directory, Files, Member, key};
use super::fingerprint::Known;
use super::judge::Grave;
use super::rules::Rules;
use super::tree::Tree;
use super::watcher::{SLICE, Subject, Watcher};
use crate::platform::fs::{self, Stamp};

/// A directory to be walked.
#[derive(Debug)]
pub(super) struct Item {
    /// The name by which it is to be watched.
    pub path: PathBuf,
    /// Its name within the tree.
    pub logical: PathBuf,
    pub tree: Rc<Tree>,
    /// The rules around it.
    pub around: Rc<Rules>,
    /// A file that nothing is known of counts as changed when it changed since.
    pub since: Stamp,
    pub mode: Mode,
    /// Whether the directory around it is looked at regularly.
    pub polled: bool,
}

/// How a directory that was walked before is walked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// With all below it; what is gone counts as removed.
    Everything,
    /// With all below it; what is gone is ignored by new rules.
    NewRules,
    /// Alone, unless an entry is new; what is gone counts as removed.
    Glance,
}

/// A link to a file, or to nothing.
#[derive(Debug)]
pub(super) struct Link {
    /// Its name within the tree.
    pub path: PathBuf,
    pub cause: Cause,
    /// As in [`Item`].
    pub since: Stamp,
}

/// What reading one directory needs to know of it.
pub(super) struct Place<'a> {
    pub item: &'a Item,
    rules: Rc<Rules>,
    /// As in [`Item`].
    since: Stamp,
    polled: bool,
    anchor: bool,
    /// Whether any link is followed.
    has_links: bool,
}

impl Item {
    pub(super) fn root(tree: &Rc<Tree>, around: Rc<Rules>, since: Stamp, mode: Mode) -> Self {
        let (path, logical) = (tree.root.clone(), tree.root.clone());
        Self { path, logical, tree: Rc::clone(tree), around, since, mode, polled: false }
    }

    /// The same directory once more.
    pub(super) fn again(path: &Path, directory: &Directory, since: Stamp, mode: Mode) -> Option<Self> {
        let member = directory.member.as_ref()?;
        Some(Self {
            path: path.to_owned(),
            logical: member.path.clone(),
            tree: Rc::clone(&member.tree),
            around: Rc::clone(&member.around),
            since,
            mode,
            polled: directory.polled,
        })
    }
}

impl Watcher {
    /// Walks all trees again.
    pub(super) fn walk_trees(&mut self, since: Stamp) {
        let roots: Vec<Item> = self
            .targets
            .iter()
            .filter_map(|(path, target)| Some((path, &target.tree.as_ref()?.0)))
            .map(|(path, tree)| Item::root(tree, Rules::around(path), since, Mode::Everything))
            .collect();
        for root in roots {
            self.walk_tree(root);
        }
    }

    /// Walks a tree. Where two overlap, a directory belongs to the one with the first cause.
    pub(super) fn walk_tree(&mut self, root: Item) {
        self.walk.push(root);
        self.walk.sort_by_key(|item| std::cmp::Reverse(item.tree.cause));
    }

    /// Watches one directory, reads it, and leaves its directories to be walked.
    pub(super) fn walk_one(&mut self, mut item: Item) {
        let Ok(identity) = fs::identity(&item.path) else {
            return self.bury(&item.path, Instant::now());
        };
        if Some(identity) == self.state_identity && item.logical != item.tree.root {
            return;
        }
        match self.name_of(identity) {
            // It may have been reached under another name: by a link, or as the place of a configuration file.
            Some(name) => item.path = name,
            None => self.bury(&item.path, Instant::now()),
        }
        let visited = self.directories.get(&item.path).and_then(|directory| directory.member.as_ref());
        let belongs_elsewhere = visited.is_some_and(|member| {
            let same_tree = Rc::ptr_eq(&member.tree, &item.tree);
            if same_tree { member.path != item.logical } else { member.tree.cause <= item.tree.cause }
        });
        if belongs_elsewhere {
            return;
        }
        let silent = self.silence(&item, identity.0);
        if !self.arm(&item.path, identity, item.polled || silent) {
            return;
        }
        self.read_directory(&item);
    }

    /// Reads a directory that is watched, and compares it with what is known.
    pub(super) fn read_directory(&mut self, item: &Item) {
        let rules = Rules::below(&item.around, &item.logical);
        let Some(directory) = self.directories.get_mut(&item.path) else { return };
        let (polled, anchor) = (directory.polled, directory.anchor);
        let (old, since) = match (directory.member.take(), self.graves.remove(&item.path)) {
            (Some(member), _) => (Some(member.files), member.survey.unwrap_or(item.since)),
            (None, Some(grave)) => (Some(grave.files), item.since),
            (None, None) => (None, item.since),
        };
        let survey = (old.is_none() && since > Stamp::MIN).then_some(since);
        let has_links = self.targets.values().any(|target| target.is_link);
        let place = Place { item, rules: Rc::clone(&rules), since, polled, anchor, has_links };
        let old = old.unwrap_or_default();
        let (files, gone) = match std::fs::read_dir(&item.path) {
            Ok(entries) if survey.is_some() => {
                self.sift(&place, entries.filter_map(Result::ok));
                (old, Files::new())
            }
            Ok(entries) => self.compare(&place, entries.filter_map(Result::ok), old),
            Err(error) => {
                if error.kind() == std::io::ErrorKind::PermissionDenied {
                    self.unreadable.insert(item.path.clone());
                }
                (old, Files::new())
            }
        };
        if !gone.is_empty() && item.mode != Mode::NewRules {
            let grave = Grave { logical: item.logical.clone(), cause: item.tree.cause, files: gone };
            self.graves.insert(item.path.clone(), grave);
            self.touch(Subject::Gone(item.path.clone()), Instant::now(), Touch::Open(ABSENCE));
        }
        let Some(directory) = self.directories.get_mut(&item.path) else { return };
        directory.member = Some(Member {
            tree: Rc::clone(&item.tree),
            path: item.logical.clone(),
            around: Rc::clone(&item.around),
            rules,
            files,
            survey,
        });
        if survey.is_some() {
            self.survey.push(item.path.clone());
        } else {
            self.prehash.add(&item.path);
        }
    }

    /// Reads the directories whose files were not looked at yet, for a while.
    pub(super) fn survey_slice(&mut self, started: Instant) {
        while let Some(path) = self.survey.pop() {
            let directory = self.directories.get(&path);
            let unread =
                directory.filter(|it| it.member.as_ref().is_some_and(|member| member.survey.is_some()));
            if let Some(item) = unread.and_then(|it| Item::again(&path, it, Stamp::MIN, Mode::Glance)) {
                self.read_directory(&item);
            }
            if started.elapsed() > SLICE || self.mailbox.has_mail() {
                return;
            }
        }
    }

    /// Passes over the files of a directory that was met for the first time, which would take most of the time:
    /// they are looked at when every directory is watched.
    fn sift(&mut self, place: &Place<'_>, entries: impl Iterator<Item = DirEntry>) {
        for entry in entries {
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_file() {
                self.files += 1;
                continue;
            }
            let name = entry.file_name();
            let is_met = kind.is_dir() || kind.is_symlink();
            if is_met && place.item.tree.counts(&place.rules, &place.item.logical, &name, kind.is_dir()) {
                self.meet(place, &name, kind);
            }
        }
    }

    /// Compares entries with what was known; returns what is known now, and what is gone.
    fn compare(
        &mut self,
        place: &Place<'_>,
        entries: impl Iterator<Item = DirEntry>,
        mut old: Files,
    ) -> (Files, Files) {
        let mut files = Files::with_capacity(old.len());
        for entry in entries {
            let Ok(kind) = entry.file_type() else { continue };
            let name = entry.file_name();
            if !place.item.tree.counts(&place.rules, &place.item.logical, &name, kind.is_dir()) {
                self.leave_entry(place, &name, kind);
            } else if kind.is_dir() || kind.is_symlink() {
                self.meet(place, &name, kind);
            } else if kind.is_file() && !(place.anchor && self.is_followed(&place.item.path.join(&name))) {
                let Ok(metadata) = entry.metadata() else { continue };
                let key = key(&name);
                if let Some(known) = self.meet_file(place, &name, &metadata, old.remove(&key)) {
                    files.insert(key, known);
                }
            }
        }
        (files, old)
    }

    /// A directory, or a link to whatever.
    fn meet(&mut self, place: &Place<'_>, name: &OsStr, kind: FileType) {
        let item = place.item;
        let (path, logical) = (item.path.join(name), item.logical.join(name));
        let is_directory = kind.is_dir() || std::fs::metadata(&path).is_ok_and(|metadata| metadata.is_dir());
        if !is_directory {
            let cause = item.tree.cause;
            return self.links.push(Link { path: logical, cause, since: item.since });
        }
        let known = item.mode == Mode::Glance && self.directories.contains(&path);
        if known || (kind.is_symlink() && !may_enter(&item.tree, &path)) {
            return;
        }
        let since = if item.mode == Mode::Glance { Stamp::MIN } else { item.since };
        let mode = if item.mode == Mode::Glance { Mode::Everything } else { item.mode };
        let (tree, around) = (Rc::clone(&item.tree), Rc::clone(&place.rules));
        self.walk.push(Item { path, logical, tree, around, since, mode, polled: place.polled });
    }

    /// A regular file; returns what is known of it now.
    fn meet_file(
        &mut self,
        place: &Place<'_>,
        name: &OsStr,
        metadata: &Metadata,
        known: Option<Known>,
    ) -> Option<Known> {
        let now = Known::unread(metadata);
        if place.has_links {
            self.no_longer_a_link(&place.item.logical.join(name));
        }
        let known = match known {
            Some(known) if known.signature == now.signature => return Some(known),
            Some(known) => Some(known),
            None if Stamp::changed(metadata) < place.since => return Some(now),
            None => self.loaded.remove(&place.item.logical.join(name)).flatten().map(Known::loaded),
        };
        self.touch(Subject::File(place.item.path.join(name)), Instant::now(), Touch::Closed);
        known
    }

    /// Whether an entry is a path of its own, or the backup of one.
    pub(super) fn is_followed(&self, path: &Path) -> bool {
        let is_hinge = |path: &Path| {
            let targets = self.hinges.get(path).into_iter().flatten();
            targets.filter_map(|path| self.targets.get(path)).any(|target| !target.is_link)
        };
        let is_backup = path.extension().is_some_and(|extension| extension == "bak");
        is_hinge(path) || (is_backup && is_hinge(&path.with_extension("")))
    }

    /// Whether a directory is the first on a file system that keeps silent about some changes.
    fn silence(&mut self, item: &Item, device: u64) -> bool {
        let around = item.path.parent().and_then(|parent| self.directories.get(parent));
        if item.polled
            || around.is_some_and(|around| around.identity.0 == device && !item.logical.eq(&item.tree.root))
        {
            return false;
        }
        let silent = fs::silent_file_system(&item.path);
        self.upkeep.note_silent(&item.path, silent);
        silent.is_some()
    }
}

/// A link that leads to where the tree itself lies would make everything around it part of the tree.
pub(super) fn may_enter(tree: &Tree, link: &Path) -> bool {
    match (std::fs::canonicalize(link), std::fs::canonicalize(&tree.root)) {
        (Ok(link), Ok(root)) => !root.starts_with(link),
        _ => false,
    }
}
