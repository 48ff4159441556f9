//! Whole directories: copied without ever reading outside of them, and removed whatever their modes.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Component, Path, PathBuf};

/// Why a directory was not copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// A symbolic link leaves the directory.
    #[error("{path} is a link to {target}, outside of {root}")]
    Escapes {
        /// The link.
        path: PathBuf,
        /// What it says.
        target: PathBuf,
        /// The directory.
        root: PathBuf,
    },
    /// Neither a file, nor a directory, nor a link.
    #[error("{0} is neither a file nor a directory")]
    Special(PathBuf),
    /// The system refused.
    #[error("failed to copy {path}: {source}")]
    Io {
        /// What was being copied.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// What is done with things that cannot be copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strange {
    /// They are an error: a fixture holds none.
    Refused,
    /// They are left out: a directory in use has sockets in it.
    LeftOut,
}

/// Every entry below `root`, directories before what is in them, relative to it. Follows no link, and refuses those
/// that lead out of it.
pub fn survey(root: &Path, strange: Strange) -> Result<Vec<(PathBuf, Metadata)>, CopyError> {
    let mut found = Vec::new();
    let mut open = vec![PathBuf::new()];
    while let Some(folder) = open.pop() {
        let path = root.join(&folder);
        let failed = |source| CopyError::Io { path: path.clone(), source };
        for entry in fs::read_dir(&path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let relative = folder.join(entry.file_name());
            let path = root.join(&relative);
            let metadata = match path.symlink_metadata() {
                Ok(metadata) => metadata,
                // It was there a moment ago; a directory in use is like that.
                Err(error) if error.kind() == io::ErrorKind::NotFound && strange == Strange::LeftOut => {
                    continue;
                }
                Err(source) => return Err(CopyError::Io { path, source }),
            };
            let kind = metadata.file_type();
            if kind.is_symlink() {
                let target =
                    fs::read_link(&path).map_err(|source| CopyError::Io { path: path.clone(), source })?;
                if !stays_inside(&folder, &target) {
                    if strange == Strange::LeftOut {
                        continue;
                    }
                    return Err(CopyError::Escapes { path, target, root: root.to_owned() });
                }
            } else if kind.is_dir() {
                open.push(relative.clone());
            } else if !kind.is_file() {
                if strange == Strange::LeftOut {
                    continue;
                }
                return Err(CopyError::Special(path));
            }
            found.push((relative, metadata));
        }
    }
    Ok(found)
}

/// Copies what is below `from` into the directory `to`, with the modes; links stay links.
pub fn copy(from: &Path, to: &Path, strange: Strange) -> Result<(), CopyError> {
    let entries = survey(from, strange)?;
    for (relative, metadata) in &entries {
        let (source, target) = (from.join(relative), to.join(relative));
        let copied = if metadata.is_dir() {
            fs::create_dir(&target).or_else(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => Ok(()),
                _ => Err(error),
            })
        } else if metadata.is_symlink() {
            copy_link(&source, &target)
        } else {
            fs::copy(&source, &target).map(drop)
        };
        match copied {
            Err(error) if error.kind() == io::ErrorKind::NotFound && strange == Strange::LeftOut => {}
            copied => copied.map_err(|error| CopyError::Io { path: source, source: error })?,
        }
    }
    // Last, because nothing can be put into a directory that is read-only.
    for (relative, metadata) in entries.iter().filter(|(_, metadata)| metadata.is_dir()).rev() {
        let target = to.join(relative);
        fs::set_permissions(&target, metadata.permissions())
            .map_err(|source| CopyError::Io { path: target, source })?;
    }
    Ok(())
}

/// Whether a link in `folder`, relative to the root, leads to something below the root. `..` counts at the start
/// alone: after a name it may be the parent of something else, when that name is a link too.
fn stays_inside(folder: &Path, target: &Path) -> bool {
    let mut depth = folder.components().count();
    let mut named = false;
    for component in target.components() {
        match component {
            Component::Normal(_) => named = true,
            Component::CurDir => {}
            Component::ParentDir if depth > 0 && !named => depth -= 1,
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return false,
        }
    }
    true
}

#[cfg(unix)]
fn copy_link(source: &Path, target: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(fs::read_link(source)?, target)
}

#[cfg(not(unix))]
fn copy_link(source: &Path, target: &Path) -> io::Result<()> {
    fs::copy(source, target).map(drop)
}

/// Removes a directory with everything in it, also what its modes protect. One that is not there is no error.
pub fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            open_up(path)?;
            fs::remove_dir_all(path)
        }
        result => result,
    }
}

/// Makes every directory writable for its owner.
fn open_up(path: &Path) -> io::Result<()> {
    if !path.symlink_metadata()?.is_dir() {
        return Ok(());
    }
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    for entry in fs::read_dir(path)? {
        open_up(&entry?.path())?;
    }
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn a_link_may_lead_anywhere_inside() {
        for (folder, target, inside) in [
            ("", "a", true),
            ("a/b", "../../c", true),
            ("a", "./b/c", true),
            ("a", "b/../c", false),
            ("", "..", false),
            ("a", "../..", false),
            ("a", "../../outside/a", false),
            ("a", "/etc/passwd", false),
        ] {
            assert_eq!(stays_inside(Path::new(folder), Path::new(target)), inside, "{folder} {target}");
        }
    }

    #[test]
    fn a_tree_arrives_as_it_was_and_goes_whatever_its_modes() {
        let place = tempfile::tempdir().unwrap();
        let (from, to) = (place.path().join("from"), place.path().join("to"));
        fs::create_dir_all(from.join("a/b")).unwrap();
        fs::create_dir(&to).unwrap();
        fs::write(from.join("a/b/file"), "text").unwrap();
        symlink("b/file", from.join("a/link")).unwrap();
        fs::set_permissions(from.join("a/b"), fs::Permissions::from_mode(0o500)).unwrap();
        copy(&from, &to, Strange::Refused).unwrap();
        assert_eq!(fs::read_to_string(to.join("a/link")).unwrap(), "text");
        assert!(to.join("a/link").is_symlink());
        assert_eq!(to.join("a/b").metadata().unwrap().permissions().mode() & 0o777, 0o500);
        remove(&to).unwrap();
        remove(&from).unwrap();
        remove(&to).unwrap();
        assert!(!to.exists() && !from.exists());
    }

    #[test]
    fn a_link_out_is_refused_or_left_out() {
        let place = tempfile::tempdir().unwrap();
        let (from, to) = (place.path().join("from"), place.path().join("to"));
        fs::create_dir_all(&from).unwrap();
        fs::create_dir(&to).unwrap();
        symlink("../secret", from.join("link")).unwrap();
        let error = copy(&from, &to, Strange::Refused).unwrap_err();
        assert!(error.to_string().contains("is a link to ../secret, outside of"), "{error}");
        copy(&from, &to, Strange::LeftOut).unwrap();
        assert_eq!(fs::read_dir(&to).unwrap().count(), 0);
    }
}
