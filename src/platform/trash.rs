//! The desktop's trash.

use std::io;
use std::path::Path;

/// Whether this user has a trash that somebody would look into: always on macOS and Windows, elsewhere when a
/// desktop has made one or a desktop session runs. Without either, a "trash" would only be a hidden directory
/// that nobody empties.
///
/// `data_home` is `XDG_DATA_HOME`, `desktop` is `XDG_CURRENT_DESKTOP`.
pub fn available(home: &Path, data_home: Option<&Path>, desktop: Option<&str>) -> bool {
    if cfg!(any(windows, target_os = "macos")) || desktop.is_some() {
        return true;
    }
    let default = home.join(".local").join("share");
    data_home.unwrap_or(&default).join("Trash").join("files").is_dir()
}

/// Moves a file or directory there. A symbolic link is moved, not followed.
pub fn move_to(path: &Path) -> io::Result<()> {
    trash::delete(path).map_err(|error| io::Error::other(error.to_string()))
}

#[cfg(all(test, unix, not(target_os = "macos")))]
mod tests {
    use super::*;

    #[test]
    fn a_machine_without_a_desktop_has_none() {
        let home = tempfile::tempdir().unwrap();
        let data = tempfile::tempdir().unwrap();
        assert!(!available(home.path(), None, None));
        assert!(available(home.path(), None, Some("GNOME")));
        std::fs::create_dir_all(home.path().join(".local/share/Trash/files")).unwrap();
        assert!(available(home.path(), None, None));
        assert!(!available(home.path(), Some(data.path()), None));
    }
}
