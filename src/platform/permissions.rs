//! Whose a file is, and what others may do with it. Elsewhere than on Unix nobody asks, and nobody is told.

use std::fs::Metadata;
use std::io;
use std::path::Path;

/// The user that a file belongs to.
pub fn owner(metadata: &Metadata) -> Option<u32> {
    #[cfg(unix)]
    return Some(std::os::unix::fs::MetadataExt::uid(metadata));
    #[cfg(not(unix))]
    return {
        let _ = metadata;
        None
    };
}

/// The permission bits of a file.
pub fn mode(metadata: &Metadata) -> Option<u32> {
    #[cfg(unix)]
    return Some(std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o7777);
    #[cfg(not(unix))]
    return {
        let _ = metadata;
        None
    };
}

/// Takes every permission away that is not in `allowed`. Never gives one, never follows a link, never waits for a pipe.
pub fn restrict(path: &Path, allowed: u32) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::fs::{OpenOptions, Permissions};
        use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};

        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        let file = OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)?;
        let mode = file.metadata()?.permissions().mode() & 0o7777;
        file.set_permissions(Permissions::from_mode(mode & allowed))
    }
    #[cfg(not(unix))]
    {
        let _ = (path, allowed);
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn permissions_are_taken_and_never_given() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        fs::write(&path, "").unwrap();
        for (before, after) in [(0o644, 0o600), (0o777, 0o600), (0o400, 0o400), (0o600, 0o600)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(before)).unwrap();
            restrict(&path, 0o600).unwrap();
            assert_eq!(mode(&fs::metadata(&path).unwrap()), Some(after), "{before:o}");
        }
        assert_eq!(owner(&fs::metadata(&path).unwrap()), crate::platform::surroundings::user_id());
    }

    #[test]
    fn a_link_is_not_followed() {
        let directory = tempfile::tempdir().unwrap();
        let (file, link) = (directory.path().join("file"), directory.path().join("link"));
        fs::write(&file, "").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        symlink(&file, &link).unwrap();
        assert!(restrict(&link, 0o600).is_err());
        assert_eq!(mode(&fs::metadata(&file).unwrap()), Some(0o644));
    }
}
