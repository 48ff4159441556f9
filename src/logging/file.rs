//! The log file: append, notice that it was replaced, rotate.
//!
//! Several processes append to one file at the same time (two generations of the gateway do while one takes
//! over from the other), so every line is one `write` on a descriptor opened for appending, and rotation is
//! done by whoever holds the rotation lock beside the file. Everybody else notices that the path now names
//! another file and opens that.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::platform::{append, atomic, lock};

/// When the file is rotated, and into how many.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rotation {
    /// Size in bytes above which the file is rotated.
    pub(super) limit: u64,
    /// Files kept, the current one included; at least 2.
    pub(super) files: u32,
}

/// 10 MiB in the current file, and two older ones.
pub(super) const ROTATION: Rotation = Rotation { limit: 10 * 1024 * 1024, files: 3 };

/// The files that the log at `path` consists of, the newest first. Not all of them have to exist.
pub fn parts(path: &Path) -> Vec<PathBuf> {
    let older = (1..ROTATION.files).map(|number| numbered(path, number));
    [path.to_owned()].into_iter().chain(older).collect()
}

fn numbered(path: &Path, number: u32) -> PathBuf {
    beside(path, &format!(".{number}"))
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut path = OsString::from(path);
    path.push(suffix);
    path.into()
}

/// The log file.
#[derive(Debug)]
pub(super) struct LogFile {
    path: PathBuf,
    rotation: Rotation,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    file: Option<File>,
    /// A line was cut off by a full disk, so the next one has to start with a line break.
    torn: bool,
    lost: u64,
}

/// What became of a line.
#[derive(Debug)]
pub(super) enum Written {
    /// It is in the file.
    Yes,
    /// It is lost, as the ones before it.
    No,
    /// It is the first one that is lost.
    FirstLost(io::Error),
}

// === impl LogFile ===

impl LogFile {
    /// Opens nothing yet: the first line does.
    pub(super) fn new(path: PathBuf, rotation: Rotation) -> Self {
        Self { path, rotation, state: Mutex::default() }
    }

    /// Appends one line, which has to end with a line break.
    pub(super) fn write(&self, line: &str) -> Written {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match self.append(&mut state, line) {
            Ok(()) => Written::Yes,
            Err(error) => {
                state.file = None;
                state.lost += 1;
                if state.lost == 1 { Written::FirstLost(error) } else { Written::No }
            }
        }
    }

    /// How many lines could not be written.
    pub(super) fn lost(&self) -> u64 {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).lost
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    fn append(&self, state: &mut State, line: &str) -> io::Result<()> {
        let file = match state.file.take() {
            Some(file) if self.is_current(&file) => file,
            _ => self.open()?,
        };
        let file = state.file.insert(file);
        let torn_line;
        let bytes = if state.torn {
            torn_line = format!("\n{line}");
            torn_line.as_bytes()
        } else {
            line.as_bytes()
        };
        let written = file.write(bytes)?;
        state.torn = written < bytes.len();
        if state.torn {
            return Err(io::ErrorKind::StorageFull.into());
        }
        if file.metadata()?.len() > self.rotation.limit {
            state.file = None;
            // The line is written; a rotation that fails is tried again by the next one.
            let _ = self.rotate();
        }
        Ok(())
    }

    fn open(&self) -> io::Result<File> {
        append::open(&self.path).or_else(|error| match (error.kind(), self.path.parent()) {
            (io::ErrorKind::NotFound, Some(parent)) => {
                atomic::private_directory(parent)?;
                append::open(&self.path)
            }
            _ => Err(error),
        })
    }

    /// Whether the path still names the file that is open. Lengths that differ because another process is
    /// appending just now cost one needless opening.
    fn is_current(&self, file: &File) -> bool {
        match (std::fs::metadata(&self.path), file.metadata()) {
            (Ok(named), Ok(open)) => named.len() == open.len(),
            _ => false,
        }
    }

    fn rotate(&self) -> io::Result<()> {
        let lock::Attempt::Held(_held) = lock::try_lock(&beside(&self.path, ".lock"))? else { return Ok(()) };
        if std::fs::metadata(&self.path)?.len() <= self.rotation.limit {
            // Somebody else was faster.
            return Ok(());
        }
        for older in (1..self.rotation.files.saturating_sub(1)).rev() {
            match std::fs::rename(numbered(&self.path, older), numbered(&self.path, older + 1)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        std::fs::rename(&self.path, numbered(&self.path, 1))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn file(directory: &Path, limit: u64) -> LogFile {
        LogFile::new(directory.join("logs/gateway.log"), Rotation { limit, files: 3 })
    }

    fn read(directory: &Path, name: &str) -> String {
        fs::read_to_string(directory.join("logs").join(name)).unwrap_or_default()
    }

    #[test]
    fn rotation_keeps_the_newest_lines_in_three_files() {
        let directory = tempfile::tempdir().unwrap();
        let log = file(directory.path(), 10);
        for number in 0..8 {
            assert!(matches!(log.write(&format!("line {number}\n")), Written::Yes));
        }
        assert_eq!(read(directory.path(), "gateway.log"), "");
        assert_eq!(read(directory.path(), "gateway.log.1"), "line 6\nline 7\n");
        assert_eq!(read(directory.path(), "gateway.log.2"), "line 4\nline 5\n");
        assert!(!directory.path().join("logs/gateway.log.3").exists());
    }

    #[test]
    fn two_writers_lose_no_line_over_a_rotation() {
        let directory = tempfile::tempdir().unwrap();
        let (one, two) = (file(directory.path(), 40), file(directory.path(), 40));
        for number in 0..6 {
            one.write(&format!("one {number}\n"));
            two.write(&format!("two {number}\n"));
        }
        let all = ["gateway.log.2", "gateway.log.1", "gateway.log"]
            .map(|name| read(directory.path(), name))
            .concat();
        for number in 0..6 {
            assert_eq!(all.matches(&format!("one {number}\n")).count(), 1, "{all}");
            assert_eq!(all.matches(&format!("two {number}\n")).count(), 1, "{all}");
        }
    }

    #[test]
    fn a_deleted_file_is_made_again() {
        let directory = tempfile::tempdir().unwrap();
        let log = file(directory.path(), 1000);
        log.write("one\n");
        fs::remove_file(log.path()).unwrap();
        log.write("two\n");
        assert_eq!(read(directory.path(), "gateway.log"), "two\n");
    }

    #[test]
    fn an_unwritable_file_costs_lines_and_one_warning() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("logs"), "a file where the directory should be").unwrap();
        let log = file(directory.path(), 1000);
        assert!(matches!(log.write("one\n"), Written::FirstLost(_)));
        assert!(matches!(log.write("two\n"), Written::No));
        assert_eq!(log.lost(), 2);
        fs::remove_file(directory.path().join("logs")).unwrap();
        assert!(matches!(log.write("three\n"), Written::Yes));
        assert_eq!(read(directory.path(), "gateway.log"), "three\n");
    }
}
