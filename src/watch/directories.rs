//! The directories that are watched and what is known of the files in them. Knows neither watcher nor clock.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::fingerprint::Known;
use super::rules::Rules;
use super::tree::Tree;
use crate::platform::fs::{Identity, Stamp};

/// What is known of the files of one directory, by [`key`]. Names are not kept: they would take more room than
/// everything else.
pub(super) type Files = HashMap<u64, Known>;

/// All watched directories. Each is there once, under the name by which it was met first, however many names
/// lead to it: the system's watcher knows only one name for each.
#[derive(Debug, Default)]
pub(super) struct Directories {
    by_path: BTreeMap<PathBuf, Directory>,
    by_identity: HashMap<Identity, PathBuf>,
}

/// One watched directory.
#[derive(Debug)]
pub(super) struct Directory {
    pub identity: Identity,
    /// Whether the system refused to watch it.
    pub refused: bool,
    /// Whether it is looked at regularly.
    pub polled: bool,
    /// Whether names in it decide where a watched path leads.
    pub anchor: bool,
    /// Its place in a tree; `None` when only single names in it matter.
    pub member: Option<Member>,
}

/// A directory's place in a tree.
#[derive(Debug)]
pub(super) struct Member {
    pub tree: Rc<Tree>,
    /// Its name within the tree.
    pub path: PathBuf,
    /// The rules around it, without its own.
    pub around: Rc<Rules>,
    /// The rules for its entries.
    pub rules: Rc<Rules>,
    pub files: Files,
    /// Its files are still to be looked at: those that changed since count as changed.
    pub survey: Option<Stamp>,
}

/// The name of a file in [`Files`].
pub(super) fn key(name: &OsStr) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

impl Directories {
    pub(super) fn get(&self, path: &Path) -> Option<&Directory> {
        self.by_path.get(path)
    }

    pub(super) fn get_mut(&mut self, path: &Path) -> Option<&mut Directory> {
        self.by_path.get_mut(path)
    }

    pub(super) fn contains(&self, path: &Path) -> bool {
        self.by_path.contains_key(path)
    }

    /// The name under which a directory is watched.
    pub(super) fn name_of(&self, identity: Identity) -> Option<&Path> {
        self.by_identity.get(&identity).map(PathBuf::as_path)
    }

    /// Adds a directory. The caller has removed what was there under this name or with this identity.
    pub(super) fn add(&mut self, path: &Path, identity: Identity) -> &mut Directory {
        self.by_identity.insert(identity, path.to_owned());
        self.by_path.entry(path.to_owned()).or_insert(Directory {
            identity,
            refused: false,
            polled: false,
            anchor: false,
            member: None,
        })
    }

    pub(super) fn remove(&mut self, path: &Path) -> Option<Directory> {
        let directory = self.by_path.remove(path)?;
        if self.by_identity.get(&directory.identity).is_some_and(|named| named == path) {
            self.by_identity.remove(&directory.identity);
        }
        Some(directory)
    }

    /// The directory and all that are watched below it.
    pub(super) fn below(&self, path: &Path) -> Vec<PathBuf> {
        self.by_path
            .range(path.to_owned()..)
            .map(|(below, _)| below)
            .take_while(|below| below.starts_with(path))
            .cloned()
            .collect()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&Path, &Directory)> {
        self.by_path.iter().map(|(path, directory)| (path.as_path(), directory))
    }

    pub(super) fn paths_where(&self, wanted: impl Fn(&Directory) -> bool) -> Vec<PathBuf> {
        self.iter().filter(|(_, directory)| wanted(directory)).map(|(path, _)| path.to_owned()).collect()
    }

    pub(super) fn len(&self) -> usize {
        self.by_path.len()
    }
}
