//! What a service printed, where its manager keeps that in a file.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// More than this of a file is not looked at.
const LONGEST: u64 = 16 << 10;

/// The last lines of a file; none when it cannot be read. The file does not say where a run begins.
pub(super) fn last_lines(path: &Path, most: usize) -> Vec<String> {
    let end = || {
        let mut file = File::open(path).ok()?;
        let length = file.metadata().ok()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(LONGEST))).ok()?;
        let mut bytes = Vec::new();
        file.take(LONGEST).read_to_end(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    };
    let text = end().unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(most)..].iter().map(|&line| line.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_file_is_enough() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log");
        assert_eq!(last_lines(&path, 2), [""; 0]);
        std::fs::write(&path, "one\ntwo\nthree\n").unwrap();
        assert_eq!(last_lines(&path, 2), ["two", "three"]);
        assert_eq!(last_lines(&path, 9), ["one", "two", "three"]);
        std::fs::write(&path, "x".repeat(100_000) + "\nlast").unwrap();
        assert_eq!(last_lines(&path, 1), ["last"]);
    }
}
