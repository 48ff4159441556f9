//! The ways in which editors and tools save a file. Each returns the moment at which the save was complete.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// A way to save.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Save {
    /// Truncate and write in place.
    Plain,
    /// Write a new file beside it, and rename it over.
    Rename,
    /// Vim's way: probe with `4913`, rename the old file to `NAME~`, write a new file, remove the backup.
    Vim,
}

impl Save {
    /// Every way.
    pub(crate) const ALL: [Self; 3] = [Self::Plain, Self::Rename, Self::Vim];

    /// Name for a report.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Rename => "rename",
            Self::Vim => "vim",
        }
    }

    /// Saves `text` to `path`.
    pub(crate) fn write(self, path: &Path, text: &str) -> Instant {
        match self {
            Self::Plain => fs::write(path, text).expect("plain write"),
            Self::Rename => {
                let aside = beside(path, "", ".tmp-save");
                fs::write(&aside, text).expect("write beside");
                fs::rename(&aside, path).expect("rename over");
            }
            Self::Vim => {
                let probe = path.with_file_name("4913");
                File::create(&probe).expect("probe");
                fs::remove_file(&probe).expect("probe removed");
                let backup = beside(path, "", "~");
                let existed = fs::rename(path, &backup).is_ok();
                fs::write(path, text).expect("new file");
                if existed {
                    fs::remove_file(&backup).expect("backup removed");
                }
            }
        }
        Instant::now()
    }
}

/// A save that has stopped in the middle: the file holds a part of the text, and is still open.
#[derive(Debug)]
pub(crate) struct HalfWritten {
    file: File,
    rest: String,
}

impl HalfWritten {
    /// Truncates `path` and writes the first half of `text`.
    pub(crate) fn start(path: &Path, text: &str) -> Self {
        let mut middle = text.len() / 2;
        while !text.is_char_boundary(middle) {
            middle += 1;
        }
        let mut file = OpenOptions::new().write(true).truncate(true).create(true).open(path).expect("open");
        file.write_all(&text.as_bytes()[..middle]).expect("first half");
        file.flush().expect("flush");
        Self { file, rest: text[middle..].to_owned() }
    }

    /// Writes the rest and closes the file.
    pub(crate) fn finish(mut self) -> Instant {
        self.file.write_all(self.rest.as_bytes()).expect("second half");
        drop(self.file);
        Instant::now()
    }
}

/// What editors leave beside a file while they work: written and removed again.
pub(crate) fn droppings(path: &Path) {
    for (before, after) in [(".", ".swp"), ("", "~"), (".#", ""), ("#", "#"), ("", ".tmp")] {
        let dropping = beside(path, before, after);
        fs::write(&dropping, "x").expect("dropping");
        fs::remove_file(&dropping).expect("dropping removed");
    }
    let probe = path.with_file_name("4913");
    fs::write(&probe, "").expect("probe");
    fs::remove_file(&probe).expect("probe removed");
}

/// What `git status` and `git add` do to the index, `times` times.
pub(crate) fn git_churn(root: &Path, times: usize) {
    let git = root.join(".git");
    fs::create_dir_all(&git).expect(".git");
    for turn in 0..times {
        let lock = git.join("index.lock");
        fs::write(&lock, turn.to_string()).expect("index.lock");
        fs::rename(&lock, git.join("index")).expect("index");
    }
}

/// Sets the time of change to now, content untouched.
pub(crate) fn touch(path: &Path) {
    let file = OpenOptions::new().append(true).open(path).expect("open");
    file.set_modified(std::time::SystemTime::now()).expect("touch");
}

fn beside(path: &Path, before: &str, after: &str) -> PathBuf {
    let name = path.file_name().expect("a file has a name").to_string_lossy();
    path.with_file_name(format!("{before}{name}{after}"))
}
