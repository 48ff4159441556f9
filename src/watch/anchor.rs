//! Paths that are followed wherever they lead: every directory that holds a link on their way is watched, and for
//! what is missing, the nearest directory that exists.

use std::ffi::OsStr;
use std::mem;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Instant;

use super::Cause;
use super::debounce::{ABSENCE, Touch};
use super::fingerprint::Known;
use super::resolve::{End, Resolution, resolve};
use super::rules::Rules;
use super::source::Refusal;
use super::tree::Tree;
use super::walk::{Item, Mode};
use super::watcher::{Subject, Watcher};
use crate::platform::fs::{self, Identity, Stamp};

/// How often a path is followed again because it led elsewhere meanwhile.
pub(super) const ATTEMPTS: usize = 8;

/// Links to single files that are followed, over all trees; beyond these only the links themselves count.
const LINKS: usize = 512;

/// A path that is followed.
#[derive(Debug)]
pub(super) struct Target {
    pub cause: Cause,
    /// A link that was met in a tree.
    pub is_link: bool,
    /// What it holds; `None` while it is missing, a directory, or was not looked at.
    pub known: Option<Known>,
    /// The directory, when it led to one and may.
    pub tree: Option<(Rc<Tree>, Identity)>,
    resolution: Option<Resolution>,
    hinges: Vec<PathBuf>,
}

impl Watcher {
    /// Follows a path from now on. Files that changed since `started` count as changed, unless their content is
    /// the one that was loaded.
    pub(super) fn follow(&mut self, path: &Path, cause: Cause, started: Stamp) {
        if self.targets.get(path).is_some_and(|target| target.cause <= cause) {
            return;
        }
        self.unfollow(path);
        self.add_target(path, cause, false, started);
    }

    /// Follows the links that were met in trees to what they lead to.
    pub(super) fn follow_links(&mut self) {
        let followed = self.targets.values().filter(|target| target.is_link).count();
        for link in mem::take(&mut self.links).into_iter().take(LINKS - followed.min(LINKS)) {
            if !self.targets.contains_key(&link.path) {
                self.add_target(&link.path, link.cause, true, link.since);
            }
        }
    }

    fn add_target(&mut self, path: &Path, cause: Cause, is_link: bool, started: Stamp) {
        let target = Target { cause, is_link, known: None, tree: None, resolution: None, hinges: Vec::new() };
        self.targets.insert(path.to_owned(), target);
        let end = self.anchor(path, started);
        let loaded = self.loaded.remove(path);
        let metadata = std::fs::metadata(path).ok().filter(|metadata| end == End::File && metadata.is_file());
        let (known, changed) = match (loaded, metadata) {
            (Some(content), _) => (content.map(Known::loaded), true),
            (None, Some(metadata)) if Stamp::changed(&metadata) < started => {
                (Some(Known::unread(&metadata)), false)
            }
            (None, metadata) => (None, metadata.is_some()),
        };
        if let Some(target) = self.targets.get_mut(path) {
            target.known = known;
        }
        if changed {
            self.touch(Subject::Target(path.to_owned()), Instant::now(), Touch::Closed);
        }
    }

    /// Stops to follow a path, and all below it when it is a directory.
    pub(super) fn unfollow(&mut self, path: &Path) {
        let Some(target) = self.targets.remove(path) else { return };
        self.unhinge(path, &target.hinges);
        self.loose = true;
        self.debounce.forget(&Subject::Target(path.to_owned()));
        if let Some((tree, _)) = target.tree {
            self.leave_tree(&tree);
        }
    }

    /// Follows every path again.
    pub(super) fn anchor_all(&mut self) {
        for path in self.targets.keys().cloned().collect::<Vec<_>>() {
            self.anchor(&path, Stamp::MIN);
        }
    }

    /// Watches every hinge of a path. When the path leads to another directory than before, that is walked;
    /// `since` as in [`Item`].
    pub(super) fn anchor(&mut self, path: &Path, since: Stamp) -> End {
        let is_link = self.targets.get(path).is_some_and(|target| target.is_link);
        let mut resolution = resolve(path);
        let mut hinges = Vec::new();
        for _ in 0..ATTEMPTS {
            hinges.clear();
            let mut steps = resolution.hinges.as_slice();
            if let Some(((directory, name), before)) = steps.split_last()
                && is_link
                && resolution.end == End::File
                && self.is_in_tree(directory, name)
            {
                steps = before;
            }
            for (directory, name) in steps {
                hinges.extend(self.hold(directory).map(|directory| directory.join(name)));
            }
            let again = resolve(path);
            if again == resolution {
                break;
            }
            resolution = again;
        }
        let end = resolution.end;
        let Some(target) = self.targets.get_mut(path) else { return end };
        let before = target.resolution.replace(resolution);
        let elsewhere = before.is_some() && before != target.resolution;
        let old = mem::replace(&mut target.hinges, hinges.clone());
        if elsewhere {
            let touch = if end == End::Missing { Touch::Open(ABSENCE) } else { Touch::Closed };
            self.touch(Subject::Target(path.to_owned()), Instant::now(), touch);
        }
        if old != hinges {
            self.loose = true;
            self.unhinge(path, &old);
            for hinge in hinges {
                self.hinges.entry(hinge).or_default().push(path.to_owned());
            }
        }
        self.anchor_tree(path, end, since);
        end
    }

    /// Whether a path still leads where it led, through the same directories.
    pub(super) fn is_anchored(&self, path: &Path) -> bool {
        let Some(target) = self.targets.get(path) else { return true };
        let same_directories = || {
            target.hinges.iter().filter_map(|hinge| hinge.parent()).all(|directory| {
                let watched = self.directories.get(directory).map(|it| it.identity);
                watched.is_some() && watched == fs::identity(directory).ok()
            })
        };
        let same_tree =
            || target.tree.as_ref().is_none_or(|(_, identity)| fs::identity(path).ok() == Some(*identity));
        target.resolution.as_ref() == Some(&resolve(path)) && same_directories() && same_tree()
    }

    /// Ends the watches that no path needs any more.
    pub(super) fn drop_anchors(&mut self) {
        let needed: std::collections::HashSet<PathBuf> =
            self.hinges.keys().filter_map(|hinge| hinge.parent()).map(Path::to_owned).collect();
        for path in self.directories.paths_where(|directory| directory.anchor) {
            if needed.contains(&path) {
                continue;
            }
            let Some(directory) = self.directories.get_mut(&path) else { continue };
            directory.anchor = false;
            if directory.member.is_none() {
                self.directories.remove(&path);
                self.source.unwatch(&path);
            }
        }
    }

    /// Watches a directory; returns the name under which it is watched. `None` when it is gone.
    fn hold(&mut self, path: &Path) -> Option<PathBuf> {
        let identity = fs::identity(path).ok()?;
        let name = if let Some(name) = self.name_of(identity) {
            name
        } else {
            self.bury(path, Instant::now());
            let silent = fs::silent_file_system(path);
            self.arm(path, identity, silent.is_some()).then_some(())?;
            self.upkeep.note_silent(path, silent);
            path.to_owned()
        };
        self.directories.get_mut(&name)?.anchor = true;
        Some(name)
    }

    /// The name under which a directory is watched, if that name still leads to it.
    pub(super) fn name_of(&mut self, identity: Identity) -> Option<PathBuf> {
        let name = self.directories.name_of(identity)?.to_owned();
        if fs::identity(&name).ok() == Some(identity) {
            return Some(name);
        }
        // It was moved; the signal is on its way.
        self.bury(&name, Instant::now());
        None
    }

    /// Asks the system to watch a directory and remembers it, whether the system does or not. `false` when it is
    /// gone.
    pub(super) fn arm(&mut self, path: &Path, identity: Identity, polled: bool) -> bool {
        let refusal = self.source.watch(path).err();
        if refusal == Some(Refusal::Missing) {
            return false;
        }
        let directory = self.directories.add(path, identity);
        // What may not be read cannot be looked at either; a change of its permissions is reported.
        directory.refused = refusal.as_ref().is_some_and(|refusal| *refusal != Refusal::Unreadable);
        directory.polled = polled || directory.refused;
        if directory.polled {
            self.upkeep.note_polled();
        }
        match refusal {
            Some(Refusal::Unreadable) => _ = self.unreadable.insert(path.to_owned()),
            Some(refusal) => self.upkeep.note_refusal(refusal),
            None => {}
        }
        true
    }

    fn anchor_tree(&mut self, path: &Path, end: End, since: Stamp) {
        let Some(target) = self.targets.get(path) else { return };
        if !matches!(target.cause, Cause::Workspace | Cause::Extra) || target.is_link {
            return;
        }
        let cause = target.cause;
        let identity = (end == End::Directory).then(|| fs::identity(path).ok()).flatten();
        let old = target.tree.as_ref().map(|(tree, identity)| (Rc::clone(tree), *identity));
        if old.as_ref().map(|(_, identity)| *identity) == identity {
            return;
        }
        if let Some((_, identity)) = old {
            let name = self.directories.name_of(identity).unwrap_or(path).to_owned();
            self.bury(&name, Instant::now());
        }
        let tree = identity.map(|identity| {
            (Rc::new(Tree::new(path, cause, &self.state_dir, &self.ignore, &self.extensions)), identity)
        });
        if let Some((tree, _)) = &tree {
            self.walk_tree(Item::root(tree, Rules::around(path), since, Mode::Everything));
        }
        if let Some(target) = self.targets.get_mut(path) {
            target.tree = tree;
        }
    }

    /// Whether a file is watched as part of a tree: a link to it needs no watch of its own.
    fn is_in_tree(&mut self, directory: &Path, name: &OsStr) -> bool {
        let Some(directory) = fs::identity(directory).ok().and_then(|identity| self.name_of(identity)) else {
            return false;
        };
        let member = self.directories.get(&directory).and_then(|directory| directory.member.as_ref());
        member.is_some_and(|member| member.tree.counts(&member.rules, &member.path, name, false))
    }

    fn unhinge(&mut self, path: &Path, hinges: &[PathBuf]) {
        for hinge in hinges {
            if let Some(paths) = self.hinges.get_mut(hinge) {
                paths.retain(|it| it != path);
                if paths.is_empty() {
                    self.hinges.remove(hinge);
                }
            }
        }
    }
}
