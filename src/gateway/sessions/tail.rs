//! Reading a transcript from its end. Blocks; holds about one line and one block in memory, however long the file
//! is.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// How much is read at once.
const BLOCK: usize = 64 * 1024;

/// The lines of a file, the last one first, without their ends.
#[derive(Debug)]
pub(super) struct LinesFromEnd {
    file: File,
    /// Where the block in `held` begins.
    start: u64,
    /// What was read and not given out yet.
    held: Vec<u8>,
    /// Longer lines are left out.
    longest: usize,
    /// The line in `held` is too long, and its end is thrown away already.
    is_skipping: bool,
}

// === impl LinesFromEnd ===

impl LinesFromEnd {
    /// Opens a file. Lines of more than `longest` bytes are left out.
    pub(super) fn open(path: &Path, longest: usize) -> io::Result<Self> {
        let file = File::open(path)?;
        let start = file.metadata()?.len();
        Ok(Self { file, start, held: Vec::new(), longest, is_skipping: false })
    }

    /// The line before, empty ones included; `None` at the beginning of the file.
    pub(super) fn before(&mut self) -> io::Result<Option<Vec<u8>>> {
        // Where a line's end may still be: what was searched once is not searched again.
        let mut unsearched = self.held.len();
        loop {
            let newline = self.held[..unsearched].iter().rposition(|&byte| byte == b'\n');
            if let Some(newline) = newline {
                let line = self.held.split_off(newline + 1);
                self.held.pop();
                if !std::mem::take(&mut self.is_skipping) && line.len() <= self.longest {
                    return Ok(Some(line));
                }
                unsearched = self.held.len();
                continue;
            }
            if self.held.len() > self.longest {
                self.held.clear();
                self.is_skipping = true;
            }
            if self.start == 0 {
                let line = std::mem::take(&mut self.held);
                return Ok((!line.is_empty() && !self.is_skipping).then_some(line));
            }
            unsearched = self.read_block()?;
        }
    }

    /// Puts the block before in front of what is held; returns its length. As much is read as is held already, so
    /// that a long line is not moved once for every small block of it.
    fn read_block(&mut self) -> io::Result<usize> {
        let length = self.start.min(BLOCK.max(self.held.len()) as u64);
        self.start -= length;
        self.file.seek(SeekFrom::Start(self.start))?;
        let mut block = Vec::with_capacity(BLOCK.max(self.held.len()) + self.held.len());
        (&mut self.file).take(length).read_to_end(&mut block)?;
        let read = block.len();
        block.append(&mut self.held);
        self.held = block;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, longest: usize) -> Vec<String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let mut lines = LinesFromEnd::open(file.path(), longest).unwrap();
        std::iter::from_fn(|| lines.before().unwrap()).map(|line| String::from_utf8(line).unwrap()).collect()
    }

    #[test]
    fn lines_come_last_first() {
        assert_eq!(lines("", 100), Vec::<String>::new());
        assert_eq!(lines("one", 100), ["one"]);
        assert_eq!(lines("one\n\ntwo\nthree", 100), ["three", "two", "", "one"]);
        assert_eq!(lines("one\ntwo\n", 100), ["", "two", "one"]);
    }

    #[test]
    fn lines_may_be_longer_than_a_block() {
        let long = "x".repeat(3 * BLOCK);
        let long = long.repeat(5);
        let text = format!("first\n{long}\nlast\n");
        assert_eq!(lines(&text, usize::MAX), ["", "last", &long, "first"]);
    }

    #[test]
    fn lines_that_are_too_long_are_left_out() {
        let long = "x".repeat(3 * BLOCK);
        assert_eq!(lines(&format!("first\n{long}\nlast"), BLOCK), ["last", "first"]);
        assert_eq!(lines(&format!("{long}\nlast"), BLOCK), ["last"]);
        assert_eq!(lines("a\nlong\nb", 3), ["b", "a"]);
        assert_eq!(lines("long\nb", 3), ["b"]);
    }
}
