//! What was read once and is needed again as it was: in a file without a name, which nobody else sees.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Bytes that are kept on the disk.
#[derive(Debug)]
pub(super) struct Spool {
    file: Mutex<(File, u64)>,
}

impl Spool {
    /// An empty one on the disk that `folder` is on.
    pub(super) fn new(folder: &Path) -> io::Result<Self> {
        Ok(Self { file: Mutex::new((tempfile::tempfile_in(folder)?, 0)) })
    }

    fn lock(&self) -> MutexGuard<'_, (File, u64)> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps `bytes`; where they are.
    pub(super) fn keep(&self, bytes: &[u8]) -> io::Result<Range<u64>> {
        let (file, length) = &mut *self.lock();
        file.seek(SeekFrom::Start(*length))?;
        file.write_all(bytes)?;
        let start = *length;
        *length += bytes.len() as u64;
        Ok(start..*length)
    }

    /// What was kept there.
    pub(super) fn read(&self, range: Range<u64>) -> Kept<'_> {
        Kept { spool: self, left: range }
    }
}

/// Reads what was kept.
#[derive(Debug)]
pub(super) struct Kept<'s> {
    spool: &'s Spool,
    left: Range<u64>,
}

impl Read for Kept<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.left.end - self.left.start).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(left);
        if wanted == 0 {
            return Ok(0);
        }
        let (file, _) = &mut *self.spool.lock();
        file.seek(SeekFrom::Start(self.left.start))?;
        let count = file.read(&mut buffer[..wanted])?;
        self.left.start += count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_as_often_as_it_is_needed() {
        let place = tempfile::tempdir().unwrap();
        let spool = Spool::new(place.path()).unwrap();
        let (one, two) = (spool.keep(b"one").unwrap(), spool.keep(b"second").unwrap());
        for _ in 0..2 {
            for (range, expected) in [(&two, "second"), (&one, "one")] {
                let mut text = String::new();
                spool.read(range.clone()).read_to_string(&mut text).unwrap();
                assert_eq!(text, expected);
            }
        }
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
    }
}
