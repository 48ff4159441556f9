//! The lines of a file, the last one first. Reads no more of it than is asked for.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// How much is read at once.
const BLOCK: u64 = 64 << 10;

/// An iterator over lines without their line breaks; what is no UTF-8 in them is replaced.
#[derive(Debug)]
pub(super) struct Backwards<'a> {
    file: &'a File,
    /// Where `block` begins.
    from: u64,
    /// What was read and not yet returned.
    block: Vec<u8>,
    is_over: bool,
}

impl<'a> Backwards<'a> {
    /// Of the first `length` bytes.
    pub(super) fn new(file: &'a File, length: u64) -> io::Result<Self> {
        let mut lines = Self { file, from: length, block: Vec::new(), is_over: length == 0 };
        lines.read()?;
        if lines.block.last() == Some(&b'\n') {
            lines.block.pop();
        }
        Ok(lines)
    }

    /// Puts the piece before `block` in front of it.
    fn read(&mut self) -> io::Result<()> {
        let size = self.from.min(BLOCK);
        self.from -= size;
        let mut file = self.file;
        file.seek(SeekFrom::Start(self.from))?;
        let mut block = Vec::new();
        file.take(size).read_to_end(&mut block)?;
        block.append(&mut self.block);
        self.block = block;
        Ok(())
    }
}

impl Iterator for Backwards<'_> {
    type Item = io::Result<String>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.is_over {
            let start = match self.block.iter().rposition(|byte| *byte == b'\n') {
                Some(at) => at + 1,
                None if self.from == 0 => {
                    self.is_over = true;
                    0
                }
                None => match self.read() {
                    Ok(()) => continue,
                    Err(error) => {
                        self.is_over = true;
                        return Some(Err(error));
                    }
                },
            };
            let line = String::from_utf8_lossy(&self.block[start..]).into_owned();
            self.block.truncate(start.saturating_sub(1));
            return Some(Ok(line));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let lines = Backwards::new(&file, text.len() as u64).unwrap();
        assert_eq!(lines.map(Result::unwrap).collect::<Vec<_>>(), expected, "{text:?}");
    }

    #[test]
    fn the_last_line_comes_first() {
        check("", &[]);
        check("\n", &[""]);
        check("one", &["one"]);
        check("one\n", &["one"]);
        check("one\n\ntwo\nthree", &["three", "two", "", "one"]);
        check("\none\n", &["one", ""]);
    }

    #[test]
    fn lines_may_be_longer_than_what_is_read_at_once() {
        let long = "é".repeat(100_000);
        check(&format!("first\n{long}\nlast\n"), &["last", &long, "first"]);
        let many: Vec<String> = (0..20_000).map(|number| format!("line {number}")).collect();
        let expected: Vec<&str> = many.iter().rev().map(String::as_str).collect();
        check(&(many.join("\n") + "\n"), &expected);
    }
}
