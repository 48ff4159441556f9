//! What lies around in the state directory. Bounded: a profile may hold anything. Links are not followed.

use std::fs::{self, DirEntry, Metadata};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::platform::{permissions, surroundings};

/// Entries that are looked at, at most.
const MOST: usize = 20_000;
/// Levels of directories.
const DEEPEST: usize = 6;
/// A write takes milliseconds, and leaves its temporary file for no longer.
const INTERRUPTED: Duration = Duration::from_mins(1);

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) foreign: Vec<PathBuf>,
    pub(super) leftovers: Vec<PathBuf>,
    pub(super) set_aside: Vec<PathBuf>,
    pub(super) newest_ms: Option<u64>,
}

/// Looks through the tree below `root`.
pub(super) fn look(root: &Path) -> Found {
    let (mut found, mut seen) = (Found::default(), 0);
    let own = surroundings::user_id();
    let mut waiting = vec![(root.to_owned(), 0)];
    while let Some((directory, depth)) = waiting.pop() {
        for entry in fs::read_dir(&directory).into_iter().flatten().flatten() {
            seen += 1;
            if seen > MOST {
                found.sort();
                return found;
            }
            if depth < DEEPEST && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                waiting.push((entry.path(), depth + 1));
            }
            note(&entry, depth, own, &mut found);
        }
    }
    found.sort();
    found
}

/// Of the many files further down, such as transcripts, only the names are looked at.
fn note(entry: &DirEntry, depth: usize, own: Option<u32>, found: &mut Found) {
    let name = entry.file_name();
    let name = name.to_string_lossy();
    if is_set_aside(&name) {
        found.set_aside.push(entry.path());
    }
    let is_temporary = is_temporary(&name);
    if depth > 1 && !is_temporary {
        return;
    }
    let Ok(metadata) = entry.metadata() else { return };
    if is_temporary && metadata.is_file() && is_old(&metadata) {
        found.leftovers.push(entry.path());
    }
    let owner = permissions::owner(&metadata);
    if owner.is_some() && owner != own {
        found.foreign.push(entry.path());
    }
    if metadata.is_file() {
        found.newest_ms = found.newest_ms.max(modified_ms(&metadata));
    }
}

impl Found {
    /// The same order on every file system.
    fn sort(&mut self) {
        self.foreign.sort();
        self.leftovers.sort();
        self.set_aside.sort();
    }
}

/// The names of files on their way into place: ours, and the published program's.
fn is_temporary(name: &str) -> bool {
    let Some(stem) = name.strip_suffix(".tmp") else { return false };
    let parts: Vec<&str> = stem.rsplitn(3, '.').collect();
    let is_random = |part: &str, length: usize| {
        part.len() == length && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    match parts[..] {
        [random, _, ..] if stem.starts_with('.') && is_random(random, 6) => true,
        [uuid, pid, _] => is_random(uuid, 36) && !pid.is_empty() && pid.bytes().all(|b| b.is_ascii_digit()),
        _ => false,
    }
}

fn is_set_aside(name: &str) -> bool {
    let time = name.rsplit_once(".corrupt-").map(|(_, time)| time);
    time.is_some_and(|time| !time.is_empty() && time.bytes().all(|b| b.is_ascii_digit()))
}

/// Files that claim to come from the future are left to the clock's check.
fn is_old(metadata: &Metadata) -> bool {
    let age = metadata.modified().ok().and_then(|time| SystemTime::now().duration_since(time).ok());
    age.is_some_and(|age| age > INTERRUPTED)
}

fn modified_ms(metadata: &Metadata) -> Option<u64> {
    let since = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    u64::try_from(since.as_millis()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_interrupted_writes_leave() {
        for name in
            [".sessions.json.aB3dE9.tmp", "clawdbot.json.4711.0b6e1c1e-8f43-4c3c-9a41-3f1d2b7c9e00.tmp"]
        {
            assert!(is_temporary(name), "{name}");
        }
        for name in [
            "notes.tmp",
            ".tmp",
            "a.b.tmp",
            ".sessions.json.lock",
            "x.0b6e1c1e-8f43-4c3c-9a41-3f1d2b7c9e00.tmp",
        ] {
            assert!(!is_temporary(name), "{name}");
        }
    }

    #[test]
    fn what_was_moved_aside() {
        assert!(is_set_aside("paired.json.corrupt-1769248800000"));
        assert!(!is_set_aside("paired.json.corrupt-") && !is_set_aside("corrupt-1"));
    }

    #[test]
    fn a_young_temporary_file_is_a_write_under_way() {
        let state = tempfile::tempdir().unwrap();
        let (young, old) = (state.path().join(".a.json.aaaaaa.tmp"), state.path().join(".a.json.bbbbbb.tmp"));
        fs::write(&young, "").unwrap();
        let before = SystemTime::now() - Duration::from_mins(2);
        fs::File::create(&old).unwrap().set_modified(before).unwrap();
        assert_eq!(look(state.path()).leftovers, [old]);
    }
}
