//! What has changed since the file of the jobs was written: one line per change, appended and synced before the change
//! counts. Blocks.
//!
//! Writing the file anew takes time that grows with the number of jobs, and a job has to run on time; a line does not.
//! The first line names the file that the changes belong to, by its hash: a file that has been written since, by us or
//! by another program, holds them already or knows better, and the journal is worth nothing.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::book::Change;
use super::job::Job;
use crate::platform::{append, regular};

/// The largest journal that is read, in bytes.
const SIZE_LIMIT: u64 = 256 << 20;

/// The journal of one file.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    /// Hash of the file that the changes belong to.
    base: String,
    /// Open as soon as something was appended.
    file: Option<File>,
    /// How much of it is whole lines.
    length: u64,
}

/// What names the content of a file.
pub(super) fn hash(content: &[u8]) -> String {
    blake3::hash(content).to_hex().to_string()
}

// === impl Journal ===

impl Journal {
    /// The journal beside `store`, whose content has this hash.
    pub(super) fn beside(store: &Path, base: String) -> Self {
        let mut path = store.as_os_str().to_owned();
        path.push(".journal");
        Self { path: path.into(), base, file: None, length: 0 }
    }

    /// The changes that the file does not have yet. A last line that is not whole was never acknowledged.
    pub(super) fn read(&self) -> io::Result<Vec<Change>> {
        let bytes = match regular::read(&self.path, SIZE_LIMIT) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            bytes => bytes?,
        };
        let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
        let head = lines.next().and_then(|line| serde_json::from_slice::<Value>(line).ok());
        if head.is_none_or(|head| head["base"] != self.base.as_str()) {
            return Ok(Vec::new());
        }
        Ok(lines.map_while(|line| change(&serde_json::from_slice(line).ok()?)).collect())
    }

    /// Appends changes; they count when this returns.
    pub(super) fn append(&mut self, changes: &[Change]) -> io::Result<()> {
        let mut text = String::new();
        if self.file.is_none() {
            // Whatever another journal left here is worth nothing.
            self.clear()?;
            text = format!("{}\n", json!({ "base": self.base }));
        }
        for change in changes {
            text.push_str(&line(change));
            text.push('\n');
        }
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(append::open(&self.path)?),
        };
        let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_data());
        match written {
            Ok(()) => self.length += text.len() as u64,
            // Nothing may be appended to half a line.
            Err(_) if self.length == 0 => self.file = None,
            Err(_) => file.set_len(self.length)?,
        }
        written
    }

    /// The file holds everything now, and has this hash.
    pub(super) fn start_over(&mut self, base: String) -> io::Result<()> {
        self.base = base;
        self.clear()
    }

    /// Whether there is a change that the file does not have.
    pub(super) fn is_empty(&self) -> bool {
        self.length == 0
    }

    fn clear(&mut self) -> io::Result<()> {
        (self.file, self.length) = (None, 0);
        match std::fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

fn line(change: &Change) -> String {
    match change {
        Change::Put(job) => format!(r#"{{"put":{}}}"#, job.to_value()),
        Change::Remove(id) => json!({ "remove": &**id }).to_string(),
    }
}

fn change(line: &Value) -> Option<Change> {
    match line["remove"].as_str() {
        Some(id) => Some(Change::Remove(id.into())),
        None => Job::from_value(&line["put"]).map(Change::Put),
    }
}
