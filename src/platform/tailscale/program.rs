//! Where the `tailscale` command is.

use std::path::{Path, PathBuf};

use crate::platform::in_path;

/// Its name.
const NAME: &str = "tailscale";

/// Where the application for macOS keeps it; installing that puts nothing into `PATH`.
const IN_APPLICATION: &str = "Applications/Tailscale.app/Contents/MacOS/Tailscale";

/// The command in `path`, a list of directories, or in the application; `root` is where the application's
/// directory begins.
pub(super) fn find(path: Option<&str>, root: &Path) -> Option<PathBuf> {
    let in_application =
        || Some(root.join(IN_APPLICATION)).filter(|candidate| in_path::is_program(candidate));
    in_path::find(NAME, path).or_else(in_application)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use tempfile::tempdir;

    use super::*;

    fn program(path: &Path, mode: u32) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn the_path_comes_first_then_the_application() {
        let directory = tempdir().unwrap();
        let root = directory.path();
        let path = format!("{0}/a:{0}/b::relative", root.display());
        assert_eq!(find(Some(&path), root), None);
        assert_eq!(find(None, root), None);
        program(&root.join("a/tailscale"), 0o644);
        assert_eq!(find(Some(&path), root), None, "not executable");
        let application = root.join(IN_APPLICATION);
        program(&application, 0o755);
        assert_eq!(find(Some(&path), root), Some(application.clone()));
        program(&root.join("b/tailscale"), 0o755);
        assert_eq!(find(Some(&path), root), Some(root.join("b/tailscale")));
        assert_eq!(find(None, root), Some(application));
    }
}
