//! Files of a directory, with what has to be known before one is sent: its hash, which is its `ETag`. All of it blocks.

use std::collections::HashMap;
use std::fs::{File, Metadata};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::document::inline_sources;
use crate::platform::{beneath, fs};

/// A file of at most as many bytes is read at once; a longer one is sent in pieces.
const WHOLE: u64 = 256 * 1024;

/// Hashes that are remembered at most. A directory with more files than that is hashed again now and then.
const REMEMBERED: usize = 4096;

/// Hashes of files as they were last seen.
#[derive(Debug, Default)]
pub(in crate::gateway::http) struct Files {
    known: Mutex<HashMap<PathBuf, (Facts, Arc<Digest>)>>,
}

/// What changes when a file is written or replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Facts {
    changed: fs::Stamp,
    modified: fs::Stamp,
    length: u64,
    number: u64,
}

/// What is known about the content of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::gateway::http) struct Digest {
    /// Of everything in it.
    pub(in crate::gateway::http) hash: blake3::Hash,
    /// Of a page: the sources of the scripts that stand in it.
    pub(in crate::gateway::http) scripts: String,
}

/// A file that was opened.
#[derive(Debug)]
pub(in crate::gateway::http) struct Opened {
    path: PathBuf,
    file: File,
    facts: Facts,
}

/// What there is under a name.
#[derive(Debug)]
pub(in crate::gateway::http) enum Lookup {
    /// A file.
    Found(Opened),
    /// Nothing that can be sent.
    Missing,
    /// What must not be: a link that leads out of the directory, a file that we may not read.
    Refused,
}

/// What is to be sent of a file.
#[derive(Debug)]
pub(in crate::gateway::http) enum Content {
    /// All of it, which was read.
    Whole(Vec<u8>),
    /// A file, at its beginning, and its length.
    Long(File, u64),
}

// === impl Facts ===

impl Facts {
    fn of(metadata: &Metadata) -> Self {
        Self {
            changed: fs::Stamp::changed(metadata),
            modified: fs::Stamp::modified(metadata),
            length: metadata.len(),
            number: fs::number(metadata),
        }
    }
}

// === impl Files ===

impl Files {
    /// Opens a file below `root`.
    pub(in crate::gateway::http) fn open(root: &Path, name: &str) -> io::Result<Lookup> {
        let path = root.join(name);
        match beneath::open(root, Path::new(name)) {
            Ok(Some((file, metadata))) => {
                Ok(Lookup::Found(Opened { path, file, facts: Facts::of(&metadata) }))
            }
            Ok(None) => Ok(Lookup::Missing),
            Err(error) => match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidFilename => {
                    Ok(Lookup::Missing)
                }
                io::ErrorKind::PermissionDenied => Ok(Lookup::Refused),
                _ => Err(error),
            },
        }
    }

    /// What is known about it, without reading it unless it has changed since.
    pub(in crate::gateway::http) fn digest(&self, opened: &mut Opened) -> io::Result<Arc<Digest>> {
        if let Some(digest) = self.remembered(opened) {
            return Ok(digest);
        }
        let begin = fs::Stamp::now();
        let mut hasher = blake3::Hasher::new();
        let mut scripts = String::new();
        if opened.path.extension().is_some_and(|ending| ending == "html") && opened.facts.length <= WHOLE {
            let bytes = opened.whole()?;
            hasher.update(&bytes);
            scripts = inline_sources(&String::from_utf8_lossy(&bytes));
        } else {
            hasher.update_reader(&opened.file)?;
        }
        opened.file.seek(SeekFrom::Start(0))?;
        let digest = Arc::new(Digest { hash: hasher.finalize(), scripts });
        // A file that was written in this very tick of the clock may be written once more without another stamp.
        if opened.facts.changed < begin && Facts::of(&opened.file.metadata()?) == opened.facts {
            self.remember(opened, &digest);
        }
        Ok(digest)
    }

    fn remembered(&self, opened: &Opened) -> Option<Arc<Digest>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (facts, digest) = known.get(&opened.path)?;
        (*facts == opened.facts).then(|| Arc::clone(digest))
    }

    fn remember(&self, opened: &Opened, digest: &Arc<Digest>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(opened.path.clone(), (opened.facts, Arc::clone(digest)));
    }
}

// === impl Opened ===

impl Opened {
    /// What is to be sent.
    pub(in crate::gateway::http) fn content(mut self) -> io::Result<Content> {
        if self.facts.length > WHOLE {
            return Ok(Content::Long(self.file, self.facts.length));
        }
        self.whole().map(Content::Whole)
    }

    /// How long it is, in bytes.
    pub(in crate::gateway::http) fn length(&self) -> u64 {
        self.facts.length
    }

    /// Reads it from where it is, as far as it was long when it was opened: it may grow meanwhile.
    fn whole(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(usize::try_from(self.facts.length).unwrap_or(0));
        (&self.file).take(self.facts.length).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn open(root: &Path, name: &str) -> Opened {
        match Files::open(root, name).unwrap() {
            Lookup::Found(opened) => opened,
            other => panic!("{name}: {other:?}"),
        }
    }

    fn hash(files: &Files, root: &Path, name: &str) -> blake3::Hash {
        let mut opened = open(root, name);
        let digest = files.digest(&mut opened).unwrap();
        // Whatever was read for it, the file is sent from its beginning.
        let length = opened.length();
        match opened.content().unwrap() {
            Content::Whole(bytes) => {
                assert_eq!((bytes.len() as u64, blake3::hash(&bytes)), (length, digest.hash));
            }
            Content::Long(mut file, _) => {
                assert_eq!((file.stream_position().unwrap(), length > WHOLE), (0, true));
            }
        }
        digest.hash
    }

    #[test]
    fn every_change_is_another_hash() {
        let directory = tempfile::tempdir().unwrap();
        let (files, path) = (Files::default(), directory.path().join("file.js"));
        // Of the same length, and as fast as can be: stamps do not tell them apart.
        for round in 0..200_u32 {
            let text = format!("{round:04}");
            std::fs::write(&path, &text).unwrap();
            assert_eq!(hash(&files, directory.path(), "file.js"), blake3::hash(text.as_bytes()), "{round}");
        }
    }

    #[test]
    fn a_file_that_does_not_change_is_read_once() {
        let directory = tempfile::tempdir().unwrap();
        let files = Files::default();
        let long = vec![b'x'; usize::try_from(WHOLE).unwrap() + 1];
        std::fs::write(directory.path().join("long"), &long).unwrap();
        std::fs::write(directory.path().join("page.html"), "<script>a()</script>").unwrap();
        let is_known = |name: &str| files.remembered(&open(directory.path(), name));
        // The clock that stamps files has to move on first.
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while is_known("long").is_none() || is_known("page.html").is_none() {
            assert!(std::time::Instant::now() < deadline, "never remembered");
            assert_eq!(hash(&files, directory.path(), "long"), blake3::hash(&long));
            hash(&files, directory.path(), "page.html");
        }
        assert!(is_known("page.html").unwrap().scripts.starts_with("'sha256-"));
    }

    #[test]
    fn what_is_no_file_is_not_there() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("file"), "").unwrap();
        std::fs::create_dir(directory.path().join("folder")).unwrap();
        for name in ["missing", "folder", "file/below", &"x".repeat(300)] {
            let found = Files::open(directory.path(), name).unwrap();
            assert!(matches!(found, Lookup::Missing), "{name}: {found:?}");
        }
        let found = Files::open(&directory.path().join("no root"), "file").unwrap();
        assert!(matches!(found, Lookup::Missing), "{found:?}");
    }
}
