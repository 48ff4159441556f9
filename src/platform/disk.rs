//! How much room a file system has.

use std::io;
use std::path::Path;

/// What is left for this user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Bytes.
    pub bytes: u64,
    /// Files; `None` where the file system sets no number.
    pub files: Option<u64>,
}

/// The room below `path`, which has to exist.
#[cfg(unix)]
pub fn room(path: &Path) -> io::Result<Room> {
    let space = rustix::fs::statvfs(path)?;
    Ok(Room {
        bytes: space.f_bavail.saturating_mul(space.f_frsize),
        files: (space.f_files > 0).then_some(space.f_favail),
    })
}

/// Not asked for on this system.
#[cfg(not(unix))]
pub fn room(_path: &Path) -> io::Result<Room> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_for_this_very_test() {
        let directory = tempfile::tempdir().unwrap();
        assert!(room(directory.path()).unwrap().bytes > 0);
        assert!(room(&directory.path().join("missing")).is_err());
    }
}
