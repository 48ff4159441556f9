//! A file as it was at one moment, whatever is written meanwhile: state is replaced whole, and transcripts only grow.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::collect::{Collected, LONGEST_DOCUMENT};
use super::error::CaptureError;
use super::spool::Spool;
use super::survey::Candidate;
use super::window::{PIECE, Window};
use crate::platform::fs::{Stamp, open_regular};
use crate::redaction::Kind;

/// How often a file is read that changes meanwhile.
const ATTEMPTS: usize = 5;

/// The longest last line that is looked for the end of the one before.
const LONGEST_LINE: u64 = 16 << 20;

/// Where the content of an entry is, until it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Body {
    /// It was kept.
    Kept(Range<u64>),
    /// In its file, of which so much was read, and had this digest.
    File { path: PathBuf, bytes: u64, digest: blake3::Hash },
    /// The same, and it is no text.
    Binary { path: PathBuf, bytes: u64, digest: blake3::Hash },
}

/// What becomes of a candidate.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It goes in.
    Taken { body: Body, collected: Collected },
    /// It stays behind, for this reason.
    Left(String),
    /// It is not there any more.
    Gone,
}

/// Reads a candidate. Only what cannot be kept is an error. `keep`: whatever its length.
pub(super) fn read(candidate: &Candidate, spool: &Spool, keep: bool) -> Result<Outcome, CaptureError> {
    let kept = |source| CaptureError::unwritable(&candidate.path, source);
    let mut collected = Collected::default();
    if keep {
        return match kept_in_pieces(candidate, spool) {
            Err(CaptureError::Unreadable { source, .. }) if source.kind() == ErrorKind::NotFound => {
                Ok(Outcome::Gone)
            }
            outcome => outcome,
        };
    }
    let read = if is_kept(candidate) {
        match whole(&candidate.path) {
            Ok(Some(bytes)) => match text_of(&bytes) {
                Some(text) => {
                    let kind =
                        if text.len() > LONGEST_DOCUMENT { Kind::Text } else { Kind::of(&candidate.name) };
                    collected.text(text, kind);
                    Ok(Some((Body::Kept(spool.keep(&bytes).map_err(kept)?), true)))
                }
                None => in_place(candidate, &mut collected).map(Some),
            },
            Ok(None) => return Ok(Outcome::Left("it changed whenever it was read".to_owned())),
            Err(error) => Err(error),
        }
    } else {
        in_place(candidate, &mut collected).map(Some)
    };
    Ok(match read {
        Ok(Some((body, true))) => Outcome::Taken { body, collected },
        Ok(Some((Body::File { path, bytes, digest }, false))) if candidate.is_included => {
            Outcome::Taken { body: Body::Binary { path, bytes, digest }, collected: Collected::default() }
        }
        Ok(_) => Outcome::Left("no text".to_owned()),
        Err(error) if error.kind() == ErrorKind::NotFound => Outcome::Gone,
        Err(error) => Outcome::Left(format!("cannot be read: {error}")),
    })
}

/// Keeps a file of any length as it is now. Nobody else may keep anything meanwhile.
fn kept_in_pieces(candidate: &Candidate, spool: &Spool) -> Result<Outcome, CaptureError> {
    let read = |source| CaptureError::unreadable(&candidate.path, source);
    let path = &candidate.path;
    for _ in 0..ATTEMPTS {
        let (mut file, before) = open(path).map_err(read)?;
        let length =
            if is_lines(path) { whole_lines(&mut file, before.len()).map_err(read)? } else { before.len() };
        let mut kept = spool.keep(&[]).map_err(read)?;
        let mut input = (&mut file).take(length);
        loop {
            let mut piece = Vec::new();
            (&mut input).take(PIECE as u64).read_to_end(&mut piece).map_err(read)?;
            if piece.is_empty() {
                break;
            }
            kept.end = spool.keep(&piece).map_err(read)?.end;
        }
        let after = file.metadata().map_err(read)?;
        let is_same = Stamp::changed(&before) == Stamp::changed(&after) && before.len() == after.len();
        if kept.end - kept.start == length && (is_same || is_lines(path)) {
            let mut collected = Collected::default();
            let is_text = collected.read(&mut Window::new(spool.read(kept.clone()), PIECE)).map_err(read)?;
            let body = Body::Kept(kept);
            return Ok(if is_text {
                Outcome::Taken { body, collected }
            } else {
                Outcome::Left("no text".to_owned())
            });
        }
    }
    Ok(Outcome::Left("it changed whenever it was read".to_owned()))
}

/// Whether it is kept as it was read: files that only grow are read again instead, and so are large ones.
fn is_kept(candidate: &Candidate) -> bool {
    !is_lines(&candidate.path) && candidate.bytes <= LONGEST_DOCUMENT as u64
}

fn is_lines(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "jsonl")
}

fn text_of(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))
}

/// All of a file, with nothing written in between; `None` when that never happened.
fn whole(path: &Path) -> io::Result<Option<Vec<u8>>> {
    for _ in 0..ATTEMPTS {
        let (mut file, before) = open(path)?;
        let mut bytes = Vec::new();
        (&mut file).take(before.len()).read_to_end(&mut bytes)?;
        let after = file.metadata()?;
        let is_same = Stamp::changed(&before) == Stamp::changed(&after) && before.len() == after.len();
        if is_same && bytes.len() as u64 == before.len() {
            return Ok(Some(bytes));
        }
    }
    Ok(None)
}

/// Reads a file without keeping it; whether it is a text.
fn in_place(candidate: &Candidate, collected: &mut Collected) -> io::Result<(Body, bool)> {
    let path = &candidate.path;
    let (mut file, metadata) = open(path)?;
    let length = if is_lines(path) { whole_lines(&mut file, metadata.len())? } else { metadata.len() };
    let mut window = Window::new(Hashed::new(file.take(length)), PIECE);
    let is_text = collected.read(&mut window)?;
    let mut input = window.into_input();
    // What is no text is not read to its end.
    io::copy(&mut input, &mut io::sink())?;
    let (digest, bytes) = input.finish();
    Ok((Body::File { path: path.clone(), bytes, digest }, is_text))
}

/// Opens what was read before, to read it again. Whether it is the same is known at its end.
pub(super) fn again(path: &Path, bytes: u64) -> io::Result<Hashed<io::Take<File>>> {
    let (file, _) = open(path)?;
    Ok(Hashed::new(file.take(bytes)))
}

fn open(path: &Path) -> io::Result<(File, std::fs::Metadata)> {
    open_regular(path)?.ok_or_else(|| ErrorKind::NotFound.into())
}

/// How much of the first `length` bytes are whole lines. What follows the last line break counts when it is a document:
/// nobody writes on it then. Leaves the file at its start.
fn whole_lines(file: &mut File, length: u64) -> io::Result<u64> {
    let mut tail: Vec<u8> = Vec::new();
    let mut start = length;
    while start > 0 && length - start < LONGEST_LINE {
        let from = start.saturating_sub(64 * 1024);
        let mut piece = Vec::new();
        file.seek(SeekFrom::Start(from))?;
        file.take(start - from).read_to_end(&mut piece)?;
        let line_break = piece.iter().rposition(|byte| *byte == b'\n');
        piece.append(&mut tail);
        tail = piece;
        start = from;
        if let Some(at) = line_break {
            start += at as u64 + 1;
            tail.drain(..=at);
            break;
        }
    }
    file.seek(SeekFrom::Start(0))?;
    let is_whole = tail.is_empty() || serde_json::from_slice::<serde::de::IgnoredAny>(&tail).is_ok();
    Ok(if is_whole { length } else { start })
}

/// A reader that knows what it has read.
#[derive(Debug)]
pub(super) struct Hashed<R> {
    input: R,
    hasher: blake3::Hasher,
    bytes: u64,
}

impl<R: Read> Hashed<R> {
    fn new(input: R) -> Self {
        Self { input, hasher: blake3::Hasher::new(), bytes: 0 }
    }

    /// The digest and the length of what was read.
    pub(super) fn finish(self) -> (blake3::Hash, u64) {
        (self.hasher.finalize(), self.bytes)
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        self.hasher.update(&buffer[..count]);
        self.bytes += count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn of(name: &str, content: &[u8], is_included: bool, keep: bool) -> (Outcome, Option<String>) {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join(name);
        fs::write(&path, content).unwrap();
        let spool = Spool::new(place.path()).unwrap();
        let bytes = content.len() as u64;
        let candidate = Candidate { name: name.to_owned(), path: path.clone(), bytes, is_included };
        let outcome = read(&candidate, &spool, keep).unwrap();
        let mut text = String::new();
        if let Outcome::Taken { body: Body::Kept(range), .. } = &outcome {
            spool.read(range.clone()).read_to_string(&mut text).unwrap();
        } else if let Outcome::Taken { body: Body::File { bytes, digest, .. }, .. } = &outcome {
            let mut input = again(&path, *bytes).unwrap();
            input.read_to_string(&mut text).unwrap();
            assert_eq!(input.finish(), (*digest, *bytes));
        } else {
            return (outcome, None);
        }
        (outcome, Some(text))
    }

    #[test]
    fn lines_are_whole() {
        for (content, expected) in [
            ("", ""),
            ("{\"a\":1}\n{\"b\":2}\n", "{\"a\":1}\n{\"b\":2}\n"),
            ("{\"a\":1}\n{\"b\":", "{\"a\":1}\n"),
            ("{\"a\":1}\n{\"b\":2}", "{\"a\":1}\n{\"b\":2}"),
            ("{\"a\":", ""),
        ] {
            for keep in [false, true] {
                assert_eq!(
                    of("x.jsonl", content.as_bytes(), false, keep).1.as_deref(),
                    Some(expected),
                    "{content}"
                );
            }
        }
        let long = format!("{{\"a\":1}}\n\"{}", "x".repeat(200_000));
        assert_eq!(of("x.jsonl", long.as_bytes(), false, false).1.as_deref(), Some("{\"a\":1}\n"));
    }

    #[test]
    fn what_is_no_text_goes_in_when_it_is_asked_for() {
        assert!(
            matches!(of("x.png", b"\x89PNG\0", false, false).0, Outcome::Left(reason) if reason == "no text")
        );
        let taken = of("x.png", b"\x89PNG\0", true, false).0;
        assert!(matches!(taken, Outcome::Taken { body: Body::Binary { bytes: 5, .. }, .. }), "{taken:?}");
        let (taken, text) = of("x.json", b"{\"token\":\"abc\"}", false, false);
        assert_eq!(text.as_deref(), Some("{\"token\":\"abc\"}"));
        let Outcome::Taken { collected, .. } = taken else { panic!("{taken:?}") };
        assert_eq!(collected.secrets().len(), 1);
    }
}
