//! What has changed since the file of the jobs was written: one line per change, appended and synced before the change
//! counts. Blocks.
//!
//! Writing the file anew takes time that grows with the number of jobs, and a job has to run on time; a line does not.
//! A journal is named by the hash of the file that its changes belong to. A file that has been written since, by us or by
//! another program, holds them already or knows better, and does not find them.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::book::Change;
use super::job::Job;
use crate::platform::{append, atomic, regular};

/// The largest journal that is read, in bytes.
const SIZE_LIMIT: u64 = 256 << 20;

/// How much of a hash is in a name.
const NAMED: usize = 16;

/// The journal of one file.
#[derive(Debug)]
pub(super) struct Journal {
    store: PathBuf,
    path: PathBuf,
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
    pub(super) fn beside(store: &Path, base: &str) -> Self {
        let mut path = store.as_os_str().to_owned();
        path.push(format!(".journal-{}", base.get(..NAMED).unwrap_or(base)));
        Self { store: store.to_owned(), path: path.into(), file: None, length: 0 }
    }

    /// The changes that the file does not have yet. A last line that is not whole was never acknowledged.
    pub(super) fn read(&self) -> io::Result<Vec<Change>> {
        let bytes = match regular::read(&self.path, SIZE_LIMIT) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            bytes => bytes?,
        };
        let lines = bytes.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
        Ok(lines.map_while(|line| change(&serde_json::from_slice(line).ok()?)).collect())
    }

    /// Appends changes; they count when this returns.
    pub(super) fn append(&mut self, changes: &[Change]) -> io::Result<()> {
        let mut text = String::new();
        for change in changes {
            text.push_str(&line(change));
            text.push('\n');
        }
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                // What is there was read and written into a file of another name.
                remove(&self.path)?;
                none.insert(append::open(&self.path)?)
            }
        };
        let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_data());
        match written {
            Ok(()) => self.length += text.len() as u64,
            // Nothing may be appended to half a line.
            Err(_) => file.set_len(self.length)?,
        }
        written
    }

    /// How much has been appended.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// The journal of a file with this hash, which has everything up to `from` of this one.
    pub(super) fn successor(&self, base: &str, from: u64) -> io::Result<Self> {
        let mut next = Self::beside(&self.store, base);
        if self.length > from {
            let bytes = regular::read(&self.path, SIZE_LIMIT)?;
            let range = usize::try_from(from).ok().zip(usize::try_from(self.length).ok());
            let rest = range.and_then(|(from, length)| bytes.get(from..length));
            let rest = rest.ok_or_else(|| io::Error::other("the journal is shorter than it was"))?;
            atomic::replace(&next.path, rest)?;
            next.file = Some(append::open(&next.path)?);
            next.length = rest.len() as u64;
        }
        Ok(next)
    }

    /// Removes every journal of the file but this one: what is in them is in the file.
    pub(super) fn remove_others(&self) -> io::Result<()> {
        let (Some(directory), Some(name)) = (self.store.parent(), self.store.file_name()) else {
            return Ok(());
        };
        let prefix = format!("{}.journal-", name.to_string_lossy());
        let entries = match fs::read_dir(directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            let path = entry?.path();
            let is_one = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&prefix));
            if is_one && path != self.path {
                remove(&path)?;
            }
        }
        Ok(())
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
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
