//! The last look: the finished capsule is read back, and nothing that is known may be in it.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};
use std::path::Path;

use super::error::CaptureError;
use crate::capsule::format::{KEYS, MANIFEST};
use crate::capsule::read::walk_through;
use crate::capsule::{Limits, Manifest};
use crate::redaction::{Cleaner, Look};

/// How much is looked at a time.
const PIECE: usize = 256 * 1024;

/// How much of what stands beside a place decides what it is.
const BESIDE: usize = 16;

/// Checks what was written to `file`, which still has no name.
pub(super) fn check(written: &File, file: &Path, cleaner: &Cleaner) -> Result<(), CaptureError> {
    let failed = |source| CaptureError::unreadable(file, source);
    let mut input = written.try_clone().map_err(failed)?;
    input.seek(SeekFrom::Start(0)).map_err(failed)?;
    let limits = Limits { entry: u64::MAX, total: u64::MAX, entries: usize::MAX, ..Limits::default() };
    let mut remains = None;
    let manifest =
        walk_through(file, BufReader::with_capacity(PIECE, input), &limits, &mut |name, _, content| {
            // They are made here.
            if name == KEYS || remains.is_some() {
                return Ok(());
            }
            let found = cleaner.first(name.as_bytes(), 0, Look::Names).is_some();
            // When it cannot be read on, the walk says so.
            if found || finds(content, cleaner).unwrap_or_default() {
                remains = Some(name.to_owned());
            }
            Ok(())
        })?;
    if remains.is_none()
        && texts(&manifest).any(|text| cleaner.first(text.as_bytes(), 0, Look::Names).is_some())
    {
        remains = Some(MANIFEST.to_owned());
    }
    remains.map_or(Ok(()), |name| Err(CaptureError::Remains(name)))
}

/// What of a manifest came from a profile.
fn texts(manifest: &Manifest) -> impl Iterator<Item = &str> {
    let start = manifest.start.args.iter().chain(manifest.start.env.values());
    let left = manifest.left_out.iter().map(|left| &left.path);
    start.chain(left).map(String::as_str)
}

/// Whether anything that is known is in `input`.
pub(super) fn finds(input: &mut dyn Read, cleaner: &Cleaner) -> io::Result<bool> {
    let kept = cleaner.longest() + BESIDE;
    let mut buffer: Vec<u8> = Vec::new();
    let mut from = 0;
    loop {
        let read = input.take(PIECE.max(kept) as u64).read_to_end(&mut buffer)?;
        let is_over = read == 0;
        let end = if is_over { buffer.len() } else { buffer.len().saturating_sub(kept) };
        if cleaner.first(&buffer, from, Look::Values).is_some_and(|start| is_over || start < end) {
            return Ok(true);
        }
        if is_over {
            return Ok(false);
        }
        // What begins before the end was seen whole.
        let gone = end.saturating_sub(BESIDE);
        from = end.max(from) - gone;
        buffer.drain(..gone);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redaction::{Book, Evidence, Names};

    #[test]
    fn a_secret_is_found_wherever_a_piece_ends() {
        let mut book = Book::new("secret-");
        book.note("s3cret-of-some-length", Evidence::Place);
        book.note("sesame", Evidence::Place);
        let cleaner = Cleaner::new(&book, &Names::default()).unwrap();
        let found = |bytes: &[u8]| finds(&mut &*bytes, &cleaner).unwrap();
        for secret in ["s3cret-of-some-length", " sesame "] {
            for at in (PIECE - 30)..(PIECE + 5) {
                let mut bytes = vec![b'x'; at];
                bytes.extend(secret.as_bytes());
                assert!(found(&bytes), "{secret} at {at}");
                bytes.extend(vec![0xff; PIECE]);
                assert!(found(&bytes), "{secret} at {at}");
            }
        }
        assert!(!found(&vec![b'x'; 3 * PIECE]));
        assert!(!found(format!("{}sesame", "x".repeat(PIECE)).as_bytes()), "it is part of a word");
    }
}
