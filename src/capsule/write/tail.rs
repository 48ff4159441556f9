//! The end of a log.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;

/// Most bytes of it.
const MOST: u64 = 1 << 20;

/// The last whole lines of a log in several files, the newest of which comes first. What is no UTF-8 is replaced.
pub(super) fn tail(parts: &[PathBuf]) -> io::Result<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut left = MOST;
    for path in parts {
        let mut file = match File::open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            file => file?,
        };
        let length = file.metadata()?.len();
        let start = length.saturating_sub(left);
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        file.take(length - start).read_to_end(&mut bytes)?;
        let text = String::from_utf8_lossy(&bytes);
        let first = if start == 0 { 0 } else { text.find('\n').map_or(text.len(), |at| at + 1) };
        let end = text.rfind('\n').map_or(first, |at| at + 1);
        pieces.push(text.get(first..end).unwrap_or_default().to_owned());
        left -= length - start;
        if left == 0 {
            break;
        }
    }
    pieces.reverse();
    Ok(pieces.concat())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_last_lines_of_all_files() {
        let place = tempfile::tempdir().unwrap();
        let path = |name: &str| place.path().join(name);
        let parts = [path("log"), path("log.1"), path("log.2")];
        assert_eq!(tail(&parts).unwrap(), "");
        fs::write(path("log"), "three\nfour\nhalf").unwrap();
        fs::write(path("log.1"), b"one\ntwo \xff\n").unwrap();
        assert_eq!(tail(&parts).unwrap(), "one\ntwo \u{fffd}\nthree\nfour\n");
        fs::write(path("log.1"), "0123456789\n".repeat(200_000)).unwrap();
        let text = tail(&parts).unwrap();
        assert!(text.len() as u64 <= MOST && text.len() as u64 > MOST - 50, "{}", text.len());
        assert!(text.starts_with("0123456789\n") && text.ends_with("four\n"));
    }
}
