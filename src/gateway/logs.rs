//! Reading the end of the log file. Blocks; reads a bounded piece.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use serde::Serialize;

/// A piece of the log file.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Tail {
    file: PathBuf,
    /// Where the next piece begins.
    cursor: u64,
    size: u64,
    /// Its lines, oldest first.
    pub(crate) lines: Vec<String>,
    /// Whether something before the first line was left out.
    truncated: bool,
    /// Whether the cursor could not be continued from.
    reset: bool,
}

/// Reads at most `max_bytes` and `limit` lines: from `cursor`, or, without one that fits, the end of the file.
pub(crate) fn tail(path: &Path, cursor: Option<u64>, limit: usize, max_bytes: u64) -> io::Result<Tail> {
    let mut tail =
        Tail { file: path.to_owned(), cursor: 0, size: 0, lines: Vec::new(), truncated: false, reset: false };
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(tail),
        Err(error) => return Err(error),
    };
    tail.size = file.metadata()?.len();
    tail.cursor = tail.size;
    let earliest = tail.size.saturating_sub(max_bytes);
    let start = match cursor {
        Some(cursor) if cursor > tail.size => {
            tail.reset = true;
            tail.truncated = earliest > 0;
            earliest
        }
        Some(cursor) if cursor < earliest => {
            tail.reset = true;
            tail.truncated = true;
            earliest
        }
        Some(cursor) => cursor,
        None => {
            tail.truncated = earliest > 0;
            earliest
        }
    };
    // One byte earlier tells whether the first line is whole.
    let from = start.saturating_sub(1);
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(tail.size - from).read_to_end(&mut bytes)?;
    tail.lines = lines(&bytes, start > 0, limit);
    Ok(tail)
}

/// The last `limit` lines; when the bytes begin within the file, what stands before the first line break is not
/// a whole line.
fn lines(bytes: &[u8], within: bool, limit: usize) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let text = if within { text.split_once('\n').map_or("", |(_, whole)| whole) } else { &text };
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(limit)..].iter().map(|&line| line.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(
        cursor: Option<u64>,
        limit: usize,
        max_bytes: u64,
        lines: &[&str],
        truncated: bool,
        reset: bool,
    ) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log");
        std::fs::write(&path, "one\ntwo\nthree\n").unwrap();
        let found = tail(&path, cursor, limit, max_bytes).unwrap();
        let expect = Tail {
            file: path,
            cursor: 14,
            size: 14,
            lines: lines.iter().map(|&line| line.to_owned()).collect(),
            truncated,
            reset,
        };
        assert_eq!(found, expect);
    }

    #[test]
    fn pieces() {
        check(None, 500, 1000, &["one", "two", "three"], false, false);
        check(None, 2, 1000, &["two", "three"], false, false);
        check(None, 500, 8, &["three"], true, false);
        check(None, 500, 6, &["three"], true, false);
        check(None, 500, 10, &["two", "three"], true, false);
        check(Some(8), 500, 1000, &["three"], false, false);
        check(Some(14), 500, 1000, &[], false, false);
        check(Some(99), 500, 1000, &["one", "two", "three"], false, true);
        check(Some(0), 500, 10, &["two", "three"], true, true);
    }

    #[test]
    fn a_rotated_file_is_read_from_its_end_and_any_line_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log");
        std::fs::write(&path, b"{\"0\":\"a\"}\nno json \xff\r\n\nlast, cut off").unwrap();
        let found = tail(&path, None, 500, 1_000_000).unwrap();
        assert_eq!(found.lines, ["{\"0\":\"a\"}", "no json \u{fffd}", "", "last, cut off"]);
        std::fs::write(&path, "fresh\n").unwrap();
        let rotated = tail(&path, Some(found.cursor), 500, 1_000_000).unwrap();
        assert_eq!((rotated.lines, rotated.cursor, rotated.reset), (vec!["fresh".to_owned()], 6, true));
    }

    #[test]
    fn a_large_file_is_read_in_part() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log");
        std::fs::write(&path, format!("{}\n", "x".repeat(99)).repeat(20_000)).unwrap();
        let found = tail(&path, None, 5000, 1_000_000).unwrap();
        assert_eq!((found.lines.len(), found.truncated, found.cursor), (5000, true, 2_000_000));
        let more = tail(&path, Some(1_999_900), 5000, 1_000_000).unwrap();
        assert_eq!((more.lines.len(), more.truncated, more.reset), (1, false, false));
    }

    #[test]
    fn a_missing_file_is_empty() {
        let found = tail(Path::new("/nonexistent/log"), Some(5), 1, 1).unwrap();
        assert_eq!((found.cursor, found.size, found.lines.len()), (0, 0, 0));
    }
}
