//! What a file holds, in 64 bits, and what it looks like from outside. Reads files; decides nothing.

use std::fs::Metadata;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read};
use std::num::NonZeroU64;
use std::path::Path;

use crate::platform::fs::{self, Stamp};

/// Content of a file: the first 64 bits of its BLAKE3 hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(NonZeroU64);

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
    pub(super) fn stream(mut file: impl Read) -> io::Result<Self> {
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
        let first = hash.as_bytes().first_chunk().copied().unwrap_or_default();
        Self::nonzero(u64::from_le_bytes(first))
    }

    /// Zero is kept free so that an absent fingerprint takes no room.
    fn nonzero(bits: u64) -> Self {
        Self(NonZeroU64::new(bits).unwrap_or(NonZeroU64::MIN))
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

/// What is remembered of a file, in 16 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    pub signature: Signature,
    /// `None` until it was read.
    pub content: Option<Fingerprint>,
}

impl Known {
    /// A content whose file was not looked at.
    pub(super) fn loaded(content: Fingerprint) -> Self {
        Self { signature: Signature(0), content: Some(content) }
    }

    /// Looks at a file from outside.
    pub(super) fn unread(metadata: &Metadata) -> Self {
        Self { signature: Signature::of(metadata), content: None }
    }

    /// Reads a regular file; `None` when there is nothing at `path`, or something else. A file of more than
    /// `limit` bytes is not read: its signature stands for its content.
    pub(super) fn read(path: &Path, limit: u64) -> io::Result<Option<Self>> {
        let (file, metadata) = match fs::open_regular(path) {
            Ok(Some(opened)) => opened,
            Ok(None) => return Ok(None),
            Err(error) if is_missing(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        let signature = Signature::of(&metadata);
        let content = if metadata.len() > limit {
            Fingerprint::nonzero(signature.0)
        } else {
            Fingerprint::stream(file)?
        };
        Ok(Some(Self { signature, content: Some(content) }))
    }

    /// Whether the file holds something else now. What was never read is compared from outside.
    pub(super) fn differs(&self, now: &Self) -> bool {
        match (self.content, now.content) {
            (Some(then), Some(now)) => then != now,
            _ => self.signature != now.signature,
        }
    }
}

/// Whether an error says that there is nothing at a path.
pub(super) fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
