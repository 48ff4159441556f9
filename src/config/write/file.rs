//! The file on disk: one writer at a time, a backup, and a replacement that is whole or does not happen.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::super::load::Document;
use super::super::{ConfigSnapshot, Outcome};
use super::WriteError;
use crate::platform::atomic;
use crate::platform::real_path::real_path;
use crate::platform::turn::Turn;
use crate::profile::EnvMap;

/// How long another writer is waited for. Writing takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// What came of a write.
#[derive(Debug)]
pub struct Written {
    /// The configuration before.
    pub before: ConfigSnapshot,
    /// The configuration now; the same when nothing had to be changed.
    pub after: ConfigSnapshot,
    /// Whether the file was written.
    pub changed: bool,
}

/// Changes the configuration at `path`, which is absolute.
///
/// `change` gets the current document and returns the new text of the main file. With `base_hash`, the hash of the
/// text that a change was made for, a file that has another one by now is left alone. A symbolic link is followed
/// and stays; the previous text goes to `<path>.bak`; both files have mode 0600. When the text stays the same,
/// nothing is written.
pub fn write(
    path: &Path,
    env: &EnvMap,
    base_hash: Option<&str>,
    change: impl FnOnce(&Document) -> Result<String, WriteError>,
) -> Result<Written, WriteError> {
    let real = real_path(path);
    let directory = real.parent().unwrap_or(Path::new("/"));
    let failed = |action, path: &Path| {
        let path = path.to_owned();
        move |source: io::Error| WriteError::Io { action, path, source }
    };
    if !directory.is_dir() {
        atomic::private_directory(directory).map_err(failed("create", directory))?;
    }
    let _turn = Turn::take(&turn_file(&real), PATIENCE).map_err(|source| match source.kind() {
        io::ErrorKind::TimedOut => WriteError::Busy { path: real.clone(), seconds: PATIENCE.as_secs() },
        _ => failed("write", &real)(source),
    })?;
    let (before, text) = change_of(Document::load(path, env), base_hash, change)?;
    if before.raw.as_deref() == Some(text.as_str()) {
        return Ok(Written { after: before.clone(), before, changed: false });
    }
    let after = Document::of_text(path, text, env).snapshot;
    if let Outcome::Invalid(issues) = after.outcome {
        return Err(WriteError::Invalid(issues));
    }
    if let Some(previous) = &before.raw {
        let backup = backup_file(path);
        atomic::replace(&backup, previous.as_bytes()).map_err(failed("write", &backup))?;
    }
    let text = after.raw.as_deref().unwrap_or_default();
    atomic::replace(&real, text.as_bytes()).map_err(failed("write", &real))?;
    Ok(Written { before, after, changed: true })
}

/// The document as it was, and the text that it gets.
fn change_of(
    document: Document,
    base_hash: Option<&str>,
    change: impl FnOnce(&Document) -> Result<String, WriteError>,
) -> Result<(ConfigSnapshot, String), WriteError> {
    if base_hash.is_some_and(|hash| hash != document.snapshot.hash) {
        return Err(WriteError::Conflict);
    }
    // What cannot even be read (a directory, bytes that are no text) must not be replaced.
    if let (Outcome::Invalid(issues), None) = (&document.snapshot.outcome, &document.snapshot.raw) {
        return Err(WriteError::Unreadable(issues.clone()));
    }
    let text = change(&document)?;
    Ok((document.snapshot, text))
}

/// Stands for the turn of a writer, beside the real file, so that every path to it means the same turn.
fn turn_file(real: &Path) -> PathBuf {
    let name = real.file_name().unwrap_or_default().to_string_lossy();
    real.with_file_name(format!(".{name}.lock"))
}

/// Where the previous text is kept.
fn backup_file(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{name}.bak"))
}
