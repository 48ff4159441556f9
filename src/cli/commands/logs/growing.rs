//! A file that somebody appends to, and that is replaced or emptied now and then.

use std::fs::{self, File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::backwards::Backwards;
use crate::platform::fs::{number, open_regular};

/// A line that is longer is told in pieces: whoever never breaks a line is not kept in memory.
const LONGEST: usize = 1 << 20;

/// The file, open while there is one.
#[derive(Debug)]
pub(super) struct Growing {
    path: PathBuf,
    open: Option<Open>,
    /// The one before it, looked at once more: somebody may have been writing when it was moved away.
    retired: Option<Open>,
}

#[derive(Debug)]
struct Open {
    file: File,
    facts: Metadata,
    /// Up to here it was read.
    at: u64,
    /// The beginning of a line whose end is not written yet.
    rest: Vec<u8>,
}

impl Growing {
    /// Opens it, to be read on from its present end. One that is missing may come.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let open = Open::at_end(path)?;
        Ok(Self { path: path.to_owned(), open, retired: None })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn exists(&self) -> bool {
        self.open.is_some()
    }

    /// How much of it has been read.
    pub(super) fn at(&self) -> u64 {
        self.open.as_ref().map_or(0, |open| open.at)
    }

    /// The facts of the file that is open.
    pub(super) fn facts(&self) -> Option<&Metadata> {
        self.open.as_ref().map(|open| &open.facts)
    }

    /// What stood there when it was opened, the last line first.
    pub(super) fn lines_before(&self) -> io::Result<Option<Backwards<'_>>> {
        self.open.as_ref().map(|open| Backwards::new(&open.file, open.at)).transpose()
    }

    /// Gives what was written since; says whether something that had been read was taken away.
    pub(super) fn read_on(&mut self, mut take: impl FnMut(&str)) -> io::Result<bool> {
        if let Some(mut last) = self.retired.take() {
            last.read_on(&mut take)?;
            last.end(&mut take);
        }
        let mut is_cut = false;
        loop {
            if let Some(open) = &mut self.open {
                is_cut |= open.read_on(&mut take)?;
                match fs::metadata(&self.path) {
                    Ok(named) if open.is_replaced_by(&named)? => {}
                    // While there is no other one, it may still be written to.
                    _ => return Ok(is_cut),
                }
            }
            let Some(next) = Open::at_start(&self.path)? else { return Ok(is_cut) };
            self.retired = self.open.replace(next);
        }
    }
}

impl Open {
    fn at_start(path: &Path) -> io::Result<Option<Self>> {
        match open_regular(path) {
            Ok(Some((file, facts))) => Ok(Some(Self { file, facts, at: 0, rest: Vec::new() })),
            Ok(None) => Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn at_end(path: &Path) -> io::Result<Option<Self>> {
        let open = Self::at_start(path)?;
        Ok(open.map(|open| Self { at: open.facts.len(), ..open }))
    }

    /// Where files have no numbers, one that is shorter is another one.
    fn is_replaced_by(&self, named: &Metadata) -> io::Result<bool> {
        Ok(number(named) != number(&self.facts) || named.len() < self.file.metadata()?.len())
    }

    fn read_on(&mut self, take: &mut impl FnMut(&str)) -> io::Result<bool> {
        let is_cut = self.file.metadata()?.len() < self.at;
        if is_cut {
            self.at = 0;
            self.rest.clear();
        }
        self.file.seek(SeekFrom::Start(self.at))?;
        let mut block = vec![0; 64 << 10];
        loop {
            let count = self.file.read(&mut block)?;
            if count == 0 {
                return Ok(is_cut);
            }
            self.at += count as u64;
            self.rest.extend_from_slice(&block[..count]);
            let mut start = 0;
            while let Some(length) = self.rest[start..].iter().position(|byte| *byte == b'\n') {
                take(&String::from_utf8_lossy(&self.rest[start..start + length]));
                start += length + 1;
            }
            self.rest.drain(..start);
            if self.rest.len() > LONGEST {
                self.end(take);
            }
        }
    }

    /// Gives the line that was begun.
    fn end(&mut self, take: &mut impl FnMut(&str)) {
        if !self.rest.is_empty() {
            take(&String::from_utf8_lossy(&std::mem::take(&mut self.rest)));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;
    use std::io::Write;

    use super::*;

    struct Log {
        directory: tempfile::TempDir,
        growing: Growing,
    }

    impl Log {
        fn new(text: Option<&str>) -> Self {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("log");
            if let Some(text) = text {
                fs::write(&path, text).unwrap();
            }
            let growing = Growing::open(&path).unwrap();
            Self { directory, growing }
        }

        fn path(&self, name: &str) -> PathBuf {
            self.directory.path().join(name)
        }

        fn append(&self, name: &str, text: &str) {
            let mut file = OpenOptions::new().append(true).create(true).open(self.path(name)).unwrap();
            file.write_all(text.as_bytes()).unwrap();
        }

        #[track_caller]
        fn check(&mut self, expected: &[&str], is_cut: bool) {
            let mut lines = Vec::new();
            let cut = self.growing.read_on(|line| lines.push(line.to_owned())).unwrap();
            assert_eq!((lines, cut), (expected.iter().map(|&line| line.to_owned()).collect(), is_cut));
        }
    }

    #[test]
    fn only_whole_lines_after_the_end_are_given() {
        let mut log = Log::new(Some("old\n"));
        log.check(&[], false);
        log.append("log", "one\ntw");
        log.check(&["one"], false);
        log.append("log", "o\n\n");
        log.check(&["two", ""], false);
        let before: Vec<_> = log.growing.lines_before().unwrap().unwrap().map(Result::unwrap).collect();
        assert_eq!(before, ["", "two", "one", "old"]);
    }

    #[test]
    fn a_file_that_comes_later_is_read_from_its_start() {
        let mut log = Log::new(None);
        log.check(&[], false);
        assert!(!log.growing.exists());
        log.append("log", "one\n");
        log.check(&["one"], false);
    }

    #[test]
    fn no_line_is_lost_over_a_rotation() {
        let mut log = Log::new(Some("old\n"));
        log.append("log", "one\n");
        fs::rename(log.path("log"), log.path("log.1")).unwrap();
        log.check(&["one"], false);
        log.append("log.1", "two\n");
        log.append("log", "three\n");
        log.check(&["two", "three"], false);
        // Somebody still had the old one open.
        log.append("log.1", "four\nfive");
        log.append("log", "six\n");
        log.check(&["four", "five", "six"], false);
        log.append("log.1", "nobody looks here any more\n");
        log.check(&[], false);
    }

    #[test]
    fn an_emptied_file_is_read_from_its_start() {
        let mut log = Log::new(Some("something long\n"));
        OpenOptions::new().write(true).truncate(true).open(log.path("log")).unwrap();
        log.append("log", "new\n");
        log.check(&["new"], true);
        log.append("log", "newer\n");
        log.check(&["newer"], false);
    }

    #[test]
    fn endless_lines_are_told_in_pieces() {
        let mut log = Log::new(Some(""));
        log.append("log", &"x".repeat(LONGEST + 1));
        let mut length = 0;
        log.growing.read_on(|piece| length += piece.len()).unwrap();
        assert_eq!(length, LONGEST + 1);
    }

    #[test]
    fn what_is_no_file_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        assert!(Growing::open(directory.path()).is_err());
    }
}
