//! What stood in a file before it was replaced, so that it can stand there again.

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::ServiceError;
use crate::platform::atomic;

/// One file as it was.
#[derive(Debug)]
pub(super) struct Before {
    path: PathBuf,
    content: Option<Vec<u8>>,
}

impl Before {
    /// Replaces a file, and the directories above it where they are missing; returns what was there.
    pub(super) fn replacing(path: &Path, content: &[u8]) -> Result<Self, ServiceError> {
        let before = Self { path: path.to_owned(), content: read(path)? };
        path.parent()
            .map_or(Ok(()), atomic::private_directory)
            .and_then(|()| atomic::replace(path, content))
            .map_err(|source| ServiceError::Write { path: path.to_owned(), source })?;
        Ok(before)
    }

    /// Makes it so again. Called when something has failed already, which is what has to be told.
    pub(super) fn restore(self) {
        let _ = match &self.content {
            Some(content) => atomic::replace(&self.path, content),
            None => fs::remove_file(&self.path),
        };
    }
}

/// The content of a file, when there is one.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, ServiceError> {
    match fs::read(path) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ServiceError::Read { path: path.to_owned(), source }),
    }
}

/// Removes a file; one that is not there is gone already.
pub(super) fn remove(path: &Path) -> Result<(), ServiceError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(ServiceError::Write { path: path.to_owned(), source })
        }
        _ => Ok(()),
    }
}
