//! The file of the jobs, `<STATE>/cron/jobs.json` or where `cron.store` says, with its copy `jobs.json.bak` and its
//! journal. Blocks.
//!
//! The order of what is written: a change stands in the journal before it is told or acted upon. Some time after, the
//! file is written beside the old one, while changes go on; then what has changed meanwhile is put into a journal for the
//! new file, the new file takes the place of the old one, and the old journal goes. A crash between any two of these
//! loses nothing, and brings nothing back that was taken away.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::book::{Book, Change, Content};
use super::journal::{Journal, hash};
use crate::gateway::state_file::set_aside;
use crate::platform::atomic::{self, Prepared};
use crate::platform::regular;
use crate::protocol::json;

/// The largest file that is read, in bytes.
const SIZE_LIMIT: u64 = 256 << 20;

/// The files.
#[derive(Debug)]
pub(crate) struct Store {
    path: PathBuf,
    journal: Journal,
}

/// A new content of the file, before it is the file.
#[derive(Debug)]
pub(crate) struct Page {
    file: Prepared,
    hash: String,
}

// === impl Store ===

impl Store {
    /// Reads the jobs; only for whoever holds the state. A file that cannot be used is moved aside, and its copy is
    /// used in its place.
    pub(crate) fn open(path: &Path, now_ms: u64) -> io::Result<(Self, Book)> {
        let mut is_copy = false;
        let (value, base) = read(path).unwrap_or_else(|problem| {
            set_aside(path, &problem, now_ms);
            let copy = copy_of(path);
            let read = read(&copy).unwrap_or_else(|_| (Value::Null, hash(b"")));
            is_copy = !read.0.is_null();
            if is_copy {
                tracing::warn!(path = %copy.display(), "jobs are taken from the copy of the file");
            }
            read
        });
        let journal = Journal::beside(path, &base);
        let mut book = Book::from_value(value);
        let mut store = Self { path: path.to_owned(), journal };
        let changes = store.journal.read()?;
        if is_copy || !changes.is_empty() {
            for change in changes {
                book.apply(change);
            }
            // Before anything is appended: a journal that was left is not continued.
            store.fold(&book.content())?;
        }
        store.journal.remove_others()?;
        Ok((store, book))
    }

    /// Where.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes changes down.
    pub(crate) fn append(&mut self, changes: &[Change]) -> io::Result<()> {
        if let Some(directory) = self.path.parent() {
            atomic::private_directory(directory)?;
        }
        self.journal.append(changes)
    }

    /// How much the journal holds that the file does not.
    pub(crate) fn unwritten(&self) -> u64 {
        self.journal.length()
    }

    /// Writes the file anew, with everything that is so now.
    pub(crate) fn fold(&mut self, content: &Content) -> io::Result<()> {
        let page = Page::write(&self.path, content)?;
        self.turn(page, self.unwritten())
    }

    /// Has a page that was written as the file from now on; it holds what the journal held when it was `written` long.
    pub(crate) fn turn(&mut self, page: Page, written: u64) -> io::Result<()> {
        let next = self.journal.successor(&page.hash, written)?;
        page.file.put_in_place()?;
        self.journal = next;
        self.journal.remove_others()
    }
}

// === impl Page ===

impl Page {
    /// Writes everything beside the file that it will be.
    pub(crate) fn write(path: &Path, content: &Content) -> io::Result<Self> {
        let text = content.render()?;
        if let Some(directory) = path.parent() {
            atomic::private_directory(directory)?;
        }
        let file = atomic::prepare(path, text.as_bytes())?;
        if let Err(error) = atomic::publish(&copy_of(path), text.as_bytes()) {
            tracing::warn!(path = %path.display(), %error, "failed to write the copy of the jobs");
        }
        Ok(Self { file, hash: hash(text.as_bytes()) })
    }
}

/// Whether the file can be read, for whoever examines an installation. No file is none that cannot.
pub(crate) fn check(path: &Path) -> Result<(), String> {
    read(path).map(drop)
}

/// The published name of the copy.
fn copy_of(path: &Path) -> PathBuf {
    let mut copy = path.as_os_str().to_owned();
    copy.push(".bak");
    copy.into()
}

/// The content of the file and its hash; `null` when there is none.
fn read(path: &Path) -> Result<(Value, String), String> {
    let bytes = match regular::read(path, SIZE_LIMIT) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((Value::Null, hash(b""))),
        Err(error) => return Err(error.to_string()),
    };
    let value = json::from_slice(&bytes).map_err(|error| error.to_string())?;
    match &value["jobs"] {
        Value::Array(_) | Value::Null if value.is_object() => Ok((value, hash(&bytes))),
        _ => Err("not an object with a list of jobs".to_owned()),
    }
}

#[cfg(test)]
mod tests;
