//! What a file holds, in 64 bits, and what it looks like from outside. Reads files; decides nothing.

use std::fs::{File, Metadata};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read};
use std::path::Path;

use crate::platform::fs::{self, Stamp};

/// Content of a file: the first 64 bits of its BLAKE3 hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(u64);

impl Fingerprint {
    /// The fingerprint of a content that was read already.
    pub fn of(content: &[u8]) -> Self {
        Self::truncated(&blake3::hash(content))
    }

    /// Reads a regular file; `None` when there is nothing at `path`, or something else.
    pub fn read(path: &Path) -> io::Result<Option<Self>> {
        match fs::open_regular(path) {
            Ok(Some((file, _))) => Self::stream(file).map(Some),
            Ok(None) => Ok(None),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads the rest of an open file, a piece at a time.
    pub(super) fn stream(mut file: File) -> io::Result<Self> {
        let mut hasher = blake3::Hasher::new();
        let mut piece = vec![0; 64 * 1024];
        loop {
            match file.read(&mut piece) {
                Ok(0) => return Ok(Self::truncated(&hasher.finalize())),
                Ok(length) => _ = hasher.update(&piece[..length]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn truncated(hash: &blake3::Hash) -> Self {
        let [a, b, c, d, e, f, g, h, ..] = *hash.as_bytes();
        Self(u64::from_le_bytes([a, b, c, d, e, f, g, h]))
    }
}

/// Size, modification time, and number of a file in 64 bits: what tells a changed file without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Signature(u64);

impl Signature {
    pub(super) fn of(metadata: &Metadata) -> Self {
        let mut hasher = DefaultHasher::new();
        (metadata.len(), Stamp::modified(metadata).nanoseconds(), fs::number(metadata)).hash(&mut hasher);
        Self(hasher.finish())
    }
}

/// Whether an error says that there is nothing at a path.
pub(super) fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
