//! Everything below a directory, to prove that it was not touched: kind, permissions, time of change, content.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What stands at one path.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Entry {
    Folder { mode: u32 },
    File { mode: u32, modified: Option<SystemTime>, content: Vec<u8> },
    Link { target: PathBuf },
    Other,
}

/// A directory tree at one moment. A path that does not exist is an empty tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Snapshot {
    entries: BTreeMap<PathBuf, Entry>,
}

impl Snapshot {
    /// Reads the trees below `roots`.
    pub(crate) fn of<P: AsRef<Path>>(roots: &[P]) -> Self {
        let mut entries = BTreeMap::new();
        for root in roots {
            read(root.as_ref(), &mut entries);
        }
        Self { entries }
    }

    /// Panics with every difference from `self` to the trees as they are now.
    #[track_caller]
    pub(crate) fn assert_same<P: AsRef<Path>>(&self, roots: &[P], after: &str) {
        let differences = self.differences(&Self::of(roots));
        assert!(differences.is_empty(), "changed by {after}:\n{}", differences.join("\n"));
    }

    /// The differences, one line each.
    pub(crate) fn differences(&self, now: &Self) -> Vec<String> {
        let gone = self.entries.keys().filter(|path| !now.entries.contains_key(*path));
        let new = now.entries.keys().filter(|path| !self.entries.contains_key(*path));
        let changed = self.entries.iter().filter_map(|(path, before)| {
            let after = now.entries.get(path)?;
            (before != after).then(|| format!("changed: {}: {before:?} → {after:?}", path.display()))
        });
        gone.map(|path| format!("gone: {}", path.display()))
            .chain(new.map(|path| format!("new: {}", path.display())))
            .chain(changed)
            .collect()
    }
}

fn read(path: &Path, entries: &mut BTreeMap<PathBuf, Entry>) {
    let Ok(data) = fs::symlink_metadata(path) else { return };
    let entry = if data.is_symlink() {
        Entry::Link { target: fs::read_link(path).expect("link") }
    } else if data.is_dir() {
        for child in fs::read_dir(path).expect("directory") {
            read(&child.expect("directory entry").path(), entries);
        }
        Entry::Folder { mode: mode(&data) }
    } else if data.is_file() {
        Entry::File {
            mode: mode(&data),
            modified: data.modified().ok(),
            content: fs::read(path).expect("file"),
        }
    } else {
        Entry::Other
    };
    entries.insert(path.to_owned(), entry);
}

#[cfg(unix)]
pub(crate) fn mode(data: &fs::Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    data.permissions().mode() & 0o7777
}

#[cfg(not(unix))]
pub(crate) fn mode(data: &fs::Metadata) -> u32 {
    u32::from(data.permissions().readonly())
}
