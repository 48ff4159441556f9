//! The files of a journal. Each holds a bounded part of it; when all together are too much, the oldest go.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use super::layout::{LOCK, Part};
use super::line;
use super::room::{self, Bounds};
use crate::platform::{atomic, lock};

/// Files that grow.
#[derive(Debug)]
pub(super) struct Journal {
    recording: PathBuf,
    generation: u64,
    bounds: Bounds,
    file: File,
    path: PathBuf,
    written: u64,
    /// Whether a line is in the file besides its heading.
    has_lines: bool,
    _lock: lock::Shared,
}

impl Journal {
    /// Begins a file in the directory of a recording, which is made when it is not there, for its user alone. Blocks.
    pub(super) fn begin(
        recording: PathBuf,
        generation: u64,
        now_ms: u64,
        bounds: Bounds,
    ) -> io::Result<Self> {
        atomic::private_directory(&recording)?;
        let lock = lock::share(&recording.join(LOCK))?;
        let (file, path, written) = create(&recording, generation, now_ms)?;
        room::for_journals(&path, bounds)?;
        Ok(Self { recording, generation, bounds, file, path, written, has_lines: false, _lock: lock })
    }

    /// Appends whole lines. Blocks.
    pub(super) fn append(&mut self, lines: &[u8], now_ms: u64) -> io::Result<()> {
        let length = lines.len() as u64;
        if self.has_lines && self.written + length > self.bounds.file {
            (self.file, self.path, self.written) = create(&self.recording, self.generation, now_ms)?;
            room::for_journals(&self.path, self.bounds)?;
        }
        self.file.write_all(lines)?;
        self.written += length;
        self.has_lines = true;
        Ok(())
    }
}

/// A file that was not there, with its heading, and how long that is.
fn create(recording: &Path, generation: u64, now_ms: u64) -> io::Result<(File, PathBuf, u64)> {
    let mut options = OpenOptions::new();
    options.append(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let last = Part::all(recording)?.last().map_or(0, |(part, _)| part.number);
    let mut part = Part { began_ms: now_ms, number: last + 1, generation };
    loop {
        let path = recording.join(part.name());
        match options.open(&path) {
            Ok(mut file) => {
                let heading = line::heading(part, std::process::id());
                file.write_all(&heading)?;
                return Ok((file, path, heading.len() as u64));
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => part.number += 1,
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::layout;
    use super::super::start::Start;
    use super::*;

    /// A directory of recordings with one that began at this moment.
    fn recording(directory: &Path, began_ms: u64) -> PathBuf {
        let recording = directory.join(layout::recording(began_ms));
        fs::create_dir_all(&recording).unwrap();
        Start::of_nothing().write(&recording).unwrap();
        recording
    }

    fn begin(recording: &Path, now_ms: u64) -> Journal {
        let bounds = Bounds { file: 200, all: 1200 };
        Journal::begin(recording.to_owned(), 2, now_ms, bounds).unwrap()
    }

    fn numbers(recording: &Path) -> Vec<u64> {
        Part::all(recording).unwrap().iter().map(|(part, _)| part.number).collect()
    }

    fn texts(recording: &Path) -> Vec<String> {
        let parts = Part::all(recording).unwrap();
        let text = |path| fs::read_to_string(path).unwrap();
        parts.into_iter().map(|(_, path)| text(path).lines().skip(1).collect()).collect()
    }

    #[test]
    fn the_oldest_parts_go_and_nothing_else_does() {
        let home = tempfile::tempdir().unwrap();
        let recording = recording(home.path(), 1000);
        let mut journal = begin(&recording, 1000);
        for foreign in ["notes.txt", "0000000000001-gx-1.jsonl", "1-g1-1.jsonl"] {
            fs::write(recording.join(foreign), "mine").unwrap();
        }
        for round in 0..50 {
            journal.append(&[b'x'; 100], 2000 + round).unwrap();
        }
        for foreign in ["notes.txt", "0000000000001-gx-1.jsonl", "1-g1-1.jsonl", layout::START] {
            assert!(recording.join(foreign).exists(), "{foreign}");
        }
        let left = numbers(&recording);
        assert!(left.len() > 3 && left.windows(2).all(|two| two[0] + 1 == two[1]), "{left:?}");
        assert_eq!((left[0] > 1, left.last()), (true, Some(&50)), "the lost beginning can be seen");
        let lengths =
            Part::all(&recording).unwrap().into_iter().map(|(_, path)| fs::metadata(path).unwrap().len());
        assert!(lengths.sum::<u64>() <= 1200);
    }

    #[test]
    fn a_recording_of_which_nothing_is_left_goes_whole() {
        let home = tempfile::tempdir().unwrap();
        let old = recording(home.path(), 1000);
        begin(&old, 1000).append(&[b'x'; 400], 1000).unwrap();
        fs::create_dir_all(old.join("base/state")).unwrap();
        let used = recording(home.path(), 1001);
        let mut other = begin(&used, 1001);
        other.append(&[b'y'; 400], 1001).unwrap();
        let foreign = home.path().join("0000000000002");
        fs::create_dir(&foreign).unwrap();
        let newest = recording(home.path(), 1002);
        let mut journal = begin(&newest, 1002);
        for round in 0..20 {
            journal.append(&[b'x'; 100], 2000 + round).unwrap();
        }
        assert!(!old.exists(), "nobody records there, and nothing is left");
        assert!(foreign.exists(), "it does not say how it began");
        assert_eq!(numbers(&used), [1], "its only file is being written");
        drop(other);
        for round in 0..20 {
            journal.append(&[b'x'; 100], 3000 + round).unwrap();
        }
        assert!(!used.exists());
    }

    #[test]
    fn two_of_one_moment_do_not_share_a_file() {
        let home = tempfile::tempdir().unwrap();
        let recording = recording(home.path(), 1000);
        let (mut one, mut two) = (begin(&recording, 1000), begin(&recording, 1000));
        one.append(b"one\n", 1000).unwrap();
        two.append(b"two\n", 1000).unwrap();
        assert_eq!(
            (texts(&recording), numbers(&recording)),
            (vec!["one".to_owned(), "two".to_owned()], vec![1, 2])
        );
    }

    #[test]
    fn a_frame_above_the_bound_has_a_file_to_itself() {
        let home = tempfile::tempdir().unwrap();
        let recording = recording(home.path(), 1000);
        let mut journal = begin(&recording, 1000);
        journal.append(&[b'x'; 300], 1001).unwrap();
        journal.append(b"y\n", 1002).unwrap();
        assert_eq!(texts(&recording), ["x".repeat(300), "y".to_owned()]);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_it() {
        use std::os::unix::fs::PermissionsExt as _;

        let home = tempfile::tempdir().unwrap();
        let recording = home.path().join("deep/recordings/0000000001000");
        let journal = begin(&recording, 1000);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&recording), mode(&journal.path)), (0o700, 0o600));
    }
}
