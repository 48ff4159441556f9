//! Putting transcripts away, whole or in part (`sessions.delete`, `sessions.compact`, `wire-protocol` D.4). Blocks.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use super::document::Document;
use super::entry::Entry;
use super::tail::LinesFromEnd;
use super::transcript;
use crate::platform::atomic;
use crate::protocol::json;

/// Longest first line that is looked at.
const HEADER: u64 = 64 * 1024;

/// A transcript that is not to be touched.
#[derive(Debug, thiserror::Error)]
#[error("the transcript of {key} is not in {}, and is left alone; correct sessionId or sessionFile in {}",
    directory.display(), store.display())]
pub(crate) struct OutsideError {
    key: String,
    directory: PathBuf,
    store: PathBuf,
}

/// What became of a transcript that was to be shortened.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Compacted {
    /// It has this many lines, which are not too many.
    Short(usize),
    /// It has its last lines left, so many of them; the whole of it is in another file.
    Cut { kept: usize, archived: PathBuf },
}

/// The transcript of a session, if there is one. It has to be in the directory of its store.
pub(crate) fn transcript_of(document: &Document, entry: &Entry) -> Result<Option<PathBuf>, OutsideError> {
    let store = document.path();
    let directory = store.parent().unwrap_or(Path::new(""));
    let outside =
        || OutsideError { key: entry.key.clone(), directory: directory.to_owned(), store: store.to_owned() };
    let Some(path) = transcript::path(store, entry) else {
        return if entry.text("sessionId").is_some() { Err(outside()) } else { Ok(None) };
    };
    if fs::symlink_metadata(&path).is_err() {
        return Ok(None);
    }
    let real = |path: &Path| fs::canonicalize(path).ok();
    match path.parent().and_then(real) {
        Some(parent) if Some(&parent) == real(directory).as_ref() => Ok(Some(path)),
        _ => Err(outside()),
    }
}

/// Renames a transcript so that nobody takes it for one; returns its new name.
pub(crate) fn put_away(path: &Path, now_ms: u64) -> io::Result<PathBuf> {
    let archived = with_suffix(path, "deleted", now_ms);
    fs::rename(path, &archived)?;
    Ok(archived)
}

/// Leaves the last `most` lines of a transcript, and the header, without which nobody could read it. At no time
/// is there less than one whole transcript.
pub(crate) fn compact(path: &Path, most: usize, now_ms: u64) -> io::Result<Compacted> {
    let mut lines = LinesFromEnd::open(path, usize::MAX)?;
    let header = header(path)?;
    let mut kept: Vec<Vec<u8>> = Vec::new();
    let is_short = loop {
        match lines.before()? {
            None => break true,
            Some(line) if line.trim_ascii().is_empty() || Some(&line) == header.as_ref() => {}
            Some(_) if kept.len() == most => break false,
            Some(line) => kept.push(line),
        }
    };
    if is_short {
        return Ok(Compacted::Short(kept.len() + usize::from(header.is_some())));
    }
    let mut text = Vec::new();
    for line in header.iter().chain(kept.iter().rev()) {
        text.extend_from_slice(line);
        text.push(b'\n');
    }
    let archived = with_suffix(path, "bak", now_ms);
    if fs::hard_link(path, &archived).is_err() {
        fs::copy(path, &archived)?;
    }
    atomic::replace(path, &text)?;
    Ok(Compacted::Cut { kept: kept.len(), archived })
}

/// The first line, if it is the header of a transcript.
fn header(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    BufReader::new(File::open(path)?.take(HEADER)).read_until(b'\n', &mut line)?;
    if line.last() == Some(&b'\n') {
        line.pop();
    }
    let is_header = json::from_slice(&line).is_ok_and(|line| line["type"] == "session");
    Ok(is_header.then_some(line))
}

/// `FILE.WHY.2026-01-25T10-00-00.000Z`.
fn with_suffix(path: &Path, why: &str, now_ms: u64) -> PathBuf {
    let at = i64::try_from(now_ms).ok().and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    let at = at.unwrap_or_default().strftime("%Y-%m-%dT%H-%M-%S.%3fZ");
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{name}.{why}.{at}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: u64 = 1_700_000_000_123;

    fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("s.jsonl");
        fs::write(&path, text).unwrap();
        (directory, path)
    }

    #[test]
    fn the_header_and_the_last_lines_stay() {
        let header = r#"{"type":"session","version":3}"#;
        let whole = format!("{header}\na\n\nb\nc\n");
        let (_directory, path) = file(&whole);
        assert_eq!(compact(&path, 3, NOW).unwrap(), Compacted::Short(4));
        let archived = path.with_file_name("s.jsonl.bak.2023-11-14T22-13-20.123Z");
        let cut = compact(&path, 2, NOW).unwrap();
        assert_eq!(cut, Compacted::Cut { kept: 2, archived: archived.clone() });
        assert_eq!(fs::read_to_string(&path).unwrap(), format!("{header}\nb\nc\n"));
        assert_eq!(fs::read_to_string(&archived).unwrap(), whole);
        assert_eq!(compact(&path, 2, NOW).unwrap(), Compacted::Short(3));
    }

    #[test]
    fn a_transcript_without_header_is_cut_too() {
        let (_directory, path) = file("a\nb\nc");
        assert!(matches!(compact(&path, 1, NOW).unwrap(), Compacted::Cut { kept: 1, .. }));
        assert_eq!(fs::read_to_string(&path).unwrap(), "c\n");
    }

    #[test]
    fn only_transcripts_beside_the_store_are_touched() {
        let (directory, path) = file("a\n");
        let store = directory.path().join("sessions.json");
        let elsewhere = tempfile::NamedTempFile::new().unwrap();
        let document = Document::read(&store, "dev").unwrap();
        let found = |entry: serde_json::Value| {
            let entry = Entry::read("main", "dev", &entry).unwrap();
            transcript_of(&document, &entry).map_err(|error| error.to_string())
        };
        assert_eq!(found(json!({ "sessionId": "s" })), Ok(Some(path.clone())));
        assert_eq!(found(json!({ "sessionId": "s", "sessionFile": path })), Ok(Some(path.clone())));
        assert_eq!(found(json!({ "sessionId": "none" })), Ok(None));
        assert_eq!(found(json!({})), Ok(None));
        for entry in
            [json!({ "sessionId": "../s" }), json!({ "sessionId": "s", "sessionFile": elsewhere.path() })]
        {
            let refused = found(entry).unwrap_err();
            assert!(refused.starts_with("the transcript of agent:dev:main is not in "), "{refused}");
        }
        let archived = put_away(&path, NOW).unwrap();
        assert_eq!(archived, path.with_file_name("s.jsonl.deleted.2023-11-14T22-13-20.123Z"));
        assert!(archived.exists() && !path.exists());
    }
}
