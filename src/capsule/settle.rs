//! Puts real places into the files of a capsule.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::format::HOME_PLACE;
use super::replay::Places;
use crate::platform::tree::{self, CopyError, Strange};

/// Why a home directory is not settled.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    /// It holds something that no capsule has.
    #[error(transparent)]
    Strange(#[from] CopyError),
    /// A file cannot be changed.
    #[error("failed to settle {path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Replaces the places in every text below `home`, which nobody else uses yet.
pub fn settle(home: &Path, places: &Places) -> Result<(), SettleError> {
    for (relative, _) in tree::survey(home, Strange::Refused)?.iter().filter(|(_, it)| it.is_file()) {
        let path = home.join(relative);
        put(&path, places).map_err(|source| SettleError::File { path, source })?;
    }
    Ok(())
}

fn put(path: &Path, places: &Places) -> io::Result<()> {
    let Ok(content) = String::from_utf8(fs::read(path)?) else { return Ok(()) };
    if content.contains(HOME_PLACE) {
        fs::write(path, places.outwards(&content).as_bytes())?;
    }
    Ok(())
}
