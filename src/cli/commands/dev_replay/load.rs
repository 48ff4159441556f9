//! A capsule → what a replay needs of it, and the home directory.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::capsule::replay::Keys;
use crate::capsule::{Limits, Manifest, format, unpack};
use crate::platform::tree::{self, Strange};
use crate::platform::{atomic, regular};

/// The longest recording, bytes; it is kept in memory.
const JOURNAL_LIMIT: u64 = 1 << 30;
/// The longest of the other files.
const FILE_LIMIT: u64 = 64 << 20;

/// What a capsule holds.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) manifest: Manifest,
    /// The recording.
    pub(super) journal: String,
    pub(super) keys: Keys,
    /// The home directory, not settled yet.
    pub(super) home: PathBuf,
}

/// Unpacks a capsule into `into`, or copies the directory that one was extracted to. The error is a sentence.
pub(super) fn load(capsule: &Path, into: &Path) -> Result<Loaded, String> {
    let cannot = |path: &Path, error: &io::Error| format!("Cannot read {}: {error}.", path.display());
    let unmade = |error: io::Error| format!("Cannot create {}: {error}.", into.display());
    atomic::private_directory(into).map_err(unmade)?;
    let home = into.join(format::HOME);
    let (manifest, root) = if capsule.is_dir() {
        let path = capsule.join(format::MANIFEST);
        let bytes = regular::read(&path, FILE_LIMIT).map_err(|error| match error.kind() {
            ErrorKind::NotFound => {
                format!(
                    "{} holds no {}: it is no capsule that was extracted.",
                    capsule.display(),
                    format::MANIFEST
                )
            }
            _ => cannot(&path, &error),
        })?;
        let manifest = Manifest::parse(&bytes).map_err(|error| format!("{}: {error}.", path.display()))?;
        atomic::private_directory(&home).map_err(unmade)?;
        let from = capsule.join(format::HOME);
        if from.is_dir() {
            tree::copy(&from, &home, Strange::Refused).map_err(|error| format!("{error}."))?;
        }
        (manifest, capsule.to_owned())
    } else {
        let unpacked = into.join("capsule");
        let manifest = unpack(capsule, &unpacked, &Limits::default()).map_err(|error| format!("{error}."))?;
        match fs::rename(unpacked.join(format::HOME), &home) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                atomic::private_directory(&home).map_err(unmade)?;
            }
            renamed => renamed.map_err(unmade)?,
        }
        (manifest, unpacked)
    };
    let path = root.join(format::JOURNAL);
    let journal = regular::read_text(&path, JOURNAL_LIMIT).map_err(|error| match error.kind() {
        ErrorKind::NotFound => {
            format!("{} holds no recording: there is nothing to replay.", capsule.display())
        }
        _ => cannot(&path, &error),
    })?;
    let path = root.join(format::KEYS);
    let keys = match regular::read_text(&path, FILE_LIMIT) {
        Ok(text) => Keys::read(&text).map_err(|error| format!("{}: {error}.", capsule.display()))?,
        Err(error) if error.kind() == ErrorKind::NotFound => Keys::default(),
        Err(error) => return Err(cannot(&path, &error)),
    };
    Ok(Loaded { manifest, journal, keys, home })
}
