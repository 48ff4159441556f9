//! What `PATH` has, from wherever it is asked: no directory of its own counts, unlike in a shell.

use std::path::{Path, PathBuf};

/// The program `name` in `path`, a list of directories; `name` may lead further down, and never out by itself.
pub fn find(name: &str, path: Option<&str>) -> Option<PathBuf> {
    every(name, path).next()
}

/// Every program of that name, the one that [`find`] finds first.
pub fn every(name: &str, path: Option<&str>) -> impl Iterator<Item = PathBuf> {
    let is_name = !name.is_empty() && !Path::new(name).has_root();
    let directories = path.filter(|_| is_name).map(std::env::split_paths).into_iter().flatten();
    // A relative entry would mean another program in every directory.
    directories
        .filter(|directory| directory.is_absolute())
        .flat_map(move |directory| candidates(&directory, name))
        .filter(|candidate| is_program(candidate))
}

#[cfg(unix)]
fn candidates(directory: &Path, name: &str) -> [PathBuf; 1] {
    [directory.join(name)]
}

#[cfg(not(unix))]
fn candidates(directory: &Path, name: &str) -> [PathBuf; 4] {
    // A file without an ending may be a script for another system.
    [".exe", ".cmd", ".bat", ""].map(|ending| directory.join(format!("{name}{ending}")))
}

/// Whether a file can be run, as far as the system tells beforehand.
#[cfg(unix)]
pub(super) fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|facts| facts.is_file() && facts.permissions().mode() & 0o111 != 0)
}

/// Whether a file can be run, as far as the system tells beforehand.
#[cfg(not(unix))]
pub(super) fn is_program(path: &Path) -> bool {
    path.extension().is_some() && path.is_file()
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn only_what_can_be_run_is_found() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        fs::create_dir_all(root.join("b/sub/folder")).unwrap();
        fs::create_dir(root.join("a")).unwrap();
        for (name, mode) in [("a/tool", 0o644), ("b/tool", 0o755), ("b/sub/deep", 0o755)] {
            fs::write(root.join(name), "").unwrap();
            fs::set_permissions(root.join(name), fs::Permissions::from_mode(mode)).unwrap();
        }
        symlink("tool", root.join("b/linked")).unwrap();
        symlink("nowhere", root.join("b/dangling")).unwrap();
        let path = format!("{0}/a:{0}/b::relative:{0}/none", root.display());
        let absolute = root.join("b/tool");
        for (name, expected) in [
            ("tool", Some("b/tool")),
            ("sub/deep", Some("b/sub/deep")),
            ("linked", Some("b/linked")),
            ("dangling", None),
            ("sub", None),
            ("none", None),
            ("..", None),
            ("", None),
            (absolute.to_str().unwrap(), None),
        ] {
            assert_eq!(find(name, Some(&path)), expected.map(|found| root.join(found)), "{name}");
        }
        assert_eq!(find("tool", None), None);
        let twice = format!("{0}/b:{0}/b/sub:{0}/b", root.display());
        let found: Vec<_> = every("tool", Some(&twice)).collect();
        assert_eq!(found, [root.join("b/tool"), root.join("b/tool")]);
    }
}
