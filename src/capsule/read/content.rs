//! The content of one entry, hashed while it is read.

use std::io::{self, Read};

use sha2::{Digest as _, Sha256};

/// Reads the content of an entry. What its reader leaves is read by whoever handed it out.
pub struct Content<'r> {
    inner: &'r mut dyn Read,
    left: u64,
    hasher: Sha256,
    failure: Option<io::Error>,
}

impl std::fmt::Debug for Content<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Content").field("left", &self.left).finish_non_exhaustive()
    }
}

impl<'r> Content<'r> {
    pub(super) fn new(inner: &'r mut dyn Read, bytes: u64) -> Self {
        Self { inner, left: bytes, hasher: Sha256::new(), failure: None }
    }

    /// Why the capsule could not be read on, when that was so: its reader sees no more than an error.
    pub(super) fn failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    /// Reads the rest; the digest of all.
    pub(super) fn finish(mut self) -> io::Result<[u8; 32]> {
        let mut buffer = [0; 8192];
        while self.read(&mut buffer).map_err(|error| self.failure.take().unwrap_or(error))? > 0 {}
        Ok(self.hasher.finalize().into())
    }
}

impl Read for Content<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() || self.left == 0 {
            return Ok(0);
        }
        let failed = match self.inner.read(buffer) {
            Ok(count) if count > 0 => {
                self.hasher.update(&buffer[..count]);
                self.left = self.left.saturating_sub(count as u64);
                return Ok(count);
            }
            Ok(_) => io::Error::new(io::ErrorKind::UnexpectedEof, "it ends in the middle of an entry"),
            // The reader tries again.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            Err(error) => error,
        };
        let seen = io::Error::from(failed.kind());
        self.failure = Some(failed);
        Err(seen)
    }
}
