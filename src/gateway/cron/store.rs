//! The file of the jobs, `<STATE>/cron/jobs.json` or where `cron.store` says, with its copy `jobs.json.bak` and its
//! journal. Blocks.
//!
//! The order of what is written: a change stands in the journal before it is told or acted upon; the file is written
//! whole some time after, and only then the journal goes. A crash between any two of these loses nothing, and brings
//! nothing back that was taken away.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::book::{Book, Change, Content};
use super::journal::{Journal, hash};
use crate::gateway::state_file::set_aside;
use crate::platform::{atomic, regular};
use crate::protocol::json;

/// The largest file that is read, in bytes.
const SIZE_LIMIT: u64 = 256 << 20;

/// The files.
#[derive(Debug)]
pub(crate) struct Store {
    path: PathBuf,
    journal: Journal,
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
        let journal = Journal::beside(path, base);
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

    /// Whether there is anything to [`fold`](Self::fold).
    pub(crate) fn is_folded(&self) -> bool {
        self.journal.is_empty()
    }

    /// Writes the file anew, with everything that is so now.
    pub(crate) fn fold(&mut self, content: &Content) -> io::Result<()> {
        let text = content.render()?;
        if let Some(directory) = self.path.parent() {
            atomic::private_directory(directory)?;
        }
        atomic::replace(&self.path, text.as_bytes())?;
        if let Err(error) = atomic::publish(&copy_of(&self.path), text.as_bytes()) {
            tracing::warn!(path = %self.path.display(), %error, "failed to write the copy of the jobs");
        }
        self.journal.start_over(hash(text.as_bytes()))
    }
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
