//! Ending watches: of what is gone, and of what counts no longer.

use std::ffi::OsStr;
use std::fs::FileType;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Instant;

use super::debounce::{ABSENCE, Touch};
use super::directories::{Files, Member};
use super::judge::Grave;
use super::tree::Tree;
use super::walk::Place;
use super::watcher::{Subject, Watcher};

impl Watcher {
    /// Forgets a directory and all below it, which are gone. Their files are kept in mind until it is certain that
    /// they do not come back at once.
    pub(super) fn bury(&mut self, path: &Path, at: Instant) {
        // It may be above something that is watched and have come to notice only now.
        if !self.directories.contains(path) {
            return;
        }
        let mut top: Option<Grave> = None;
        for below in self.directories.below(path) {
            self.source.unwatch(&below);
            let Some(directory) = self.directories.remove(&below) else { continue };
            self.unhinged |= directory.anchor;
            let Some(member) = directory.member else { continue };
            self.unhinged |= member.path == member.tree.root;
            let cause = member.tree.cause;
            top.get_or_insert_with(|| Grave { logical: member.path.clone(), cause, files: Files::new() });
            if !member.files.is_empty() {
                self.graves.insert(below, Grave { logical: member.path, cause, files: member.files });
            }
        }
        if let Some(top) = top {
            self.graves.entry(path.to_owned()).or_insert(top);
            self.touch(Subject::Gone(path.to_owned()), at, Touch::Open(ABSENCE));
        }
    }

    /// Ends the watch of an entry that counts no longer, and of all below it.
    pub(super) fn leave_entry(&mut self, place: &Place<'_>, name: &OsStr, kind: FileType) {
        if kind.is_file() {
            return;
        }
        for below in self.directories.below(&place.item.path.join(name)) {
            self.leave(&below);
        }
        self.no_longer_a_link(&place.item.logical.join(name));
    }

    /// Ends the watch of a tree.
    pub(super) fn leave_tree(&mut self, tree: &Rc<Tree>) {
        let of_tree = |member: &Member| Rc::ptr_eq(&member.tree, tree);
        for path in self.directories.paths_where(|directory| directory.member.as_ref().is_some_and(of_tree)) {
            let member = self.leave(&path);
            // Whichever tree it belongs to from now on need not learn its files again.
            if let Some(member) = member.filter(|member| self.is_in_any_tree(&member.path)) {
                let grave = Grave { logical: member.path, cause: tree.cause, files: member.files };
                self.graves.insert(path, grave);
            }
        }
        self.walk.retain(|item| !Rc::ptr_eq(&item.tree, tree));
        let links: Vec<PathBuf> = self
            .targets
            .iter()
            .filter(|(path, target)| target.is_link && path.starts_with(&tree.root))
            .map(|(path, _)| path.clone())
            .collect();
        for link in links {
            self.unfollow(&link);
        }
    }

    /// Returns what was known of it.
    fn leave(&mut self, path: &Path) -> Option<Member> {
        let directory = self.directories.get_mut(path)?;
        let member = directory.member.take();
        if !directory.anchor {
            self.directories.remove(path);
            self.source.unwatch(path);
        }
        member
    }

    fn is_in_any_tree(&self, path: &Path) -> bool {
        let mut trees = self.targets.values().filter_map(|target| target.tree.as_ref());
        trees.any(|(tree, _)| path.starts_with(&tree.root))
    }

    /// A file has taken the place of a link.
    pub(super) fn no_longer_a_link(&mut self, logical: &Path) {
        if self.targets.get(logical).is_some_and(|target| target.is_link) {
            self.unfollow(logical);
        }
    }
}
