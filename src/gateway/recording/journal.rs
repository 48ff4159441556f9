//! The files of a journal. Each holds a bounded part of it; when all together are too much, the oldest go.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crate::platform::atomic;

/// Most bytes of a file, but for a frame that is longer by itself.
const FILE: u64 = 8 << 20;
/// Most bytes of all files.
const ALL: u64 = 64 << 20;

/// Bounds of the files, bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) file: u64,
    pub(super) all: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { file: FILE, all: ALL }
    }
}

/// Files that grow.
#[derive(Debug)]
pub(super) struct Journal {
    directory: PathBuf,
    generation: u64,
    heading: Vec<u8>,
    bounds: Bounds,
    file: File,
    path: PathBuf,
    written: u64,
}

impl Journal {
    /// Begins a file in `directory`, which is made when it is not there, for its user alone. Blocks.
    pub(super) fn begin(
        directory: PathBuf,
        generation: u64,
        heading: Vec<u8>,
        now_ms: u64,
        bounds: Bounds,
    ) -> io::Result<Self> {
        atomic::private_directory(&directory)?;
        let (file, path) = create(&directory, generation, now_ms)?;
        let mut journal = Self { directory, generation, heading, bounds, file, path, written: 0 };
        journal.write_heading()?;
        Ok(journal)
    }

    /// Appends whole lines. Blocks.
    pub(super) fn append(&mut self, lines: &[u8], now_ms: u64) -> io::Result<()> {
        let length = lines.len() as u64;
        if self.written > self.heading.len() as u64 && self.written + length > self.bounds.file {
            (self.file, self.path) = create(&self.directory, self.generation, now_ms)?;
            self.written = 0;
            self.write_heading()?;
            self.forget_the_oldest()?;
        }
        self.file.write_all(lines)?;
        self.written += length;
        Ok(())
    }

    fn write_heading(&mut self) -> io::Result<()> {
        self.file.write_all(&self.heading)?;
        self.written = self.heading.len() as u64;
        Ok(())
    }

    /// Removes the oldest files until there is room for one more. Only files with names of ours.
    fn forget_the_oldest(&self) -> io::Result<()> {
        let mut files: Vec<(PathBuf, u64)> = Vec::new();
        for entry in fs::read_dir(&self.directory)? {
            let entry = entry?;
            let is_ours = entry.file_name().to_str().is_some_and(is_part);
            if is_ours && entry.file_type()?.is_file() {
                files.push((entry.path(), entry.metadata()?.len()));
            }
        }
        files.sort();
        let mut all: u64 = files.iter().map(|(_, length)| length).sum();
        for (path, length) in files {
            if all + self.bounds.file <= self.bounds.all || path == self.path {
                break;
            }
            match fs::remove_file(&path) {
                Ok(()) => all -= length,
                // Another generation was faster.
                Err(error) if error.kind() == ErrorKind::NotFound => all -= length,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// The name of a part that begins at this moment: names are in the order of time.
fn name(now_ms: u64, generation: u64) -> String {
    format!("{now_ms:013}-g{generation}.jsonl")
}

fn is_part(name: &str) -> bool {
    let parts = name.strip_suffix(".jsonl").and_then(|name| name.split_once("-g"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    parts.is_some_and(|(time, generation)| time.len() == 13 && is_number(time) && is_number(generation))
}

/// A file that was not there. The next moment's, when there is one of this moment.
fn create(directory: &Path, generation: u64, now_ms: u64) -> io::Result<(File, PathBuf)> {
    let mut options = OpenOptions::new();
    options.append(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut moment = now_ms;
    loop {
        let path = directory.join(name(moment, generation));
        match options.open(&path) {
            Ok(file) => return Ok((file, path)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => moment += 1,
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(directory: &Path) -> Vec<String> {
        let entries = fs::read_dir(directory).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn begin(directory: &Path, now_ms: u64) -> Journal {
        let bounds = Bounds { file: 100, all: 600 };
        Journal::begin(directory.to_owned(), 2, b"{}\n".to_vec(), now_ms, bounds).unwrap()
    }

    #[test]
    fn the_oldest_parts_go_and_nothing_else_does() {
        let home = tempfile::tempdir().unwrap();
        let directory = home.path().join("recordings");
        let mut journal = begin(&directory, 1000);
        for foreign in ["notes.txt", "0000000000001-gx.jsonl", "1-g1.jsonl"] {
            fs::write(directory.join(foreign), "mine").unwrap();
        }
        for round in 0..50 {
            journal.append(&[b'x'; 60], 2000 + round).unwrap();
        }
        let left = parts(&directory);
        assert!(
            ["notes.txt", "0000000000001-gx.jsonl", "1-g1.jsonl"]
                .iter()
                .all(|name| left.contains(&(*name).to_owned()))
        );
        let ours: Vec<&String> = left.iter().filter(|name| is_part(name)).collect();
        assert_eq!(ours.last().unwrap().as_str(), name(2049, 2), "{ours:?}");
        let all: u64 = ours.iter().map(|name| fs::metadata(directory.join(name)).unwrap().len()).sum();
        assert!(all <= 600 && ours.len() > 5, "{ours:?}");
    }

    #[test]
    fn two_of_one_moment_do_not_share_a_file() {
        let home = tempfile::tempdir().unwrap();
        let (mut one, mut two) = (begin(home.path(), 1000), begin(home.path(), 1000));
        one.append(b"one\n", 1000).unwrap();
        two.append(b"two\n", 1000).unwrap();
        let texts =
            parts(home.path()).into_iter().map(|name| fs::read_to_string(home.path().join(name)).unwrap());
        assert_eq!(texts.collect::<Vec<_>>(), ["{}\none\n", "{}\ntwo\n"]);
    }

    #[test]
    fn a_frame_above_the_bound_has_a_file_to_itself() {
        let home = tempfile::tempdir().unwrap();
        let mut journal = begin(home.path(), 1000);
        journal.append(&[b'x'; 300], 1001).unwrap();
        journal.append(b"y\n", 1002).unwrap();
        let lengths =
            parts(home.path()).into_iter().map(|name| fs::metadata(home.path().join(name)).unwrap().len());
        assert_eq!(lengths.collect::<Vec<_>>(), [303, 5]);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_it() {
        use std::os::unix::fs::PermissionsExt as _;

        let home = tempfile::tempdir().unwrap();
        let directory = home.path().join("deep/recordings");
        begin(&directory, 1000);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&directory), 0o700);
        assert_eq!(mode(&directory.join(name(1000, 2))), 0o600);
    }
}
