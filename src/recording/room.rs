//! The bounds of a directory of recordings: what goes when they are too much. The oldest goes first, nothing goes that
//! is being written, and only what is ours by its name and its content.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::layout::{self, LOCK, Part};
use super::start::Start;
use crate::platform::lock::{self, Attempt};
use crate::platform::tree;

/// Most bytes of a file of a journal, but for a frame that is longer by itself.
const FILE: u64 = 8 << 20;
/// Most bytes of all journals.
const JOURNALS: u64 = 64 << 20;
/// Most bytes of all copies of profiles: three of the biggest.
const COPIES: u64 = 192 << 20;

/// Bounds of the journals, bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) file: u64,
    pub(super) all: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { file: FILE, all: JOURNALS }
    }
}

/// Removes the oldest parts beside `current` until there is room for one more, and recordings of which nothing is
/// left. Blocks.
pub(super) fn for_journals(current: &Path, bounds: Bounds) -> io::Result<()> {
    let Some(recording) = current.parent() else { return Ok(()) };
    let mut recordings = layout::recordings(recording.parent().unwrap_or(recording))?;
    // Somebody may have removed what makes it one.
    if !recordings.iter().any(|known| known == recording) {
        recordings.push(recording.to_owned());
    }
    let (mut all, mut parts) = (0, Vec::new());
    for recording in &recordings {
        let mut here = listed(recording)?;
        all += here.iter().map(|(_, _, length)| length).sum::<u64>();
        // The last one may be written right now.
        if !here.is_empty() && in_use(recording) {
            here.pop();
        }
        parts.extend(here);
    }
    parts.sort();
    for (_, path, length) in parts {
        if all + bounds.file <= bounds.all {
            break;
        }
        if path != current {
            gone(fs::remove_file(&path))?;
            all -= length;
        }
    }
    for other in recordings.iter().filter(|other| *other != recording) {
        if listed(other)?.is_empty() {
            remove(other)?;
        }
    }
    Ok(())
}

/// Removes the oldest recordings beside `current` until the copies of profiles fit. Blocks.
pub(super) fn for_copies(current: &Path) -> io::Result<()> {
    let recordings = layout::recordings(current.parent().unwrap_or(current))?;
    let bytes = |recording: &PathBuf| {
        // One that nobody can read any more counts as the biggest.
        Start::read(recording).map_or(COPIES / 3, |start| start.base_bytes.unwrap_or_default())
    };
    let mut all: u64 = recordings.iter().map(bytes).sum();
    for recording in &recordings {
        if all <= COPIES {
            break;
        }
        if recording != current && remove(recording)? {
            all -= bytes(recording).min(all);
        }
    }
    Ok(())
}

/// The parts of a recording with their lengths; none when it is gone.
fn listed(recording: &Path) -> io::Result<Vec<(Part, PathBuf, u64)>> {
    let parts = match Part::all(recording) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        parts => parts?,
    };
    let mut listed = Vec::new();
    for (part, path) in parts {
        match fs::metadata(&path) {
            Ok(metadata) => listed.push((part, path, metadata.len())),
            // Another gateway was faster.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(listed)
}

/// Whether somebody records there. When that cannot be found out, somebody does.
fn in_use(recording: &Path) -> bool {
    !matches!(lock::try_lock(&recording.join(LOCK)), Ok(Attempt::Held(_)))
}

/// Removes a recording, unless somebody records there; says whether it is gone.
fn remove(recording: &Path) -> io::Result<bool> {
    let lock = match lock::try_lock(&recording.join(LOCK)) {
        Ok(Attempt::Held(lock)) => lock,
        Ok(Attempt::Busy(_)) => return Ok(false),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(error),
    };
    tree::remove(recording)?;
    drop(lock);
    Ok(true)
}

/// What another gateway has removed is removed.
fn gone(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_go_when_the_copies_are_too_much() {
        let home = tempfile::tempdir().unwrap();
        let recordings = [1, 2, 3, 4].map(|moment| home.path().join(layout::recording(moment)));
        for recording in &recordings {
            fs::create_dir(recording).unwrap();
            Start { base_bytes: Some(64 << 20), ..Start::of_nothing() }.write(recording).unwrap();
        }
        let held = lock::share(&recordings[0].join(LOCK)).unwrap();
        for_copies(&recordings[3]).unwrap();
        let left = || recordings.iter().map(|recording| recording.exists()).collect::<Vec<_>>();
        assert_eq!(left(), [true, false, true, true], "somebody records to the oldest");
        Start { base_bytes: Some(200 << 20), ..Start::of_nothing() }.write(&recordings[3]).unwrap();
        drop(held);
        for_copies(&recordings[3]).unwrap();
        assert_eq!(left(), [false, false, false, true], "that which begins stays, however big");
    }
}
