//! Paths of the program that runs.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

/// The path from which this program was started. It stays valid when a build replaces the file: Linux then
/// appends ` (deleted)` to what it knows, and the next generation must come from the new file.
#[expect(clippy::disallowed_methods, reason = "the one place that asks for it")]
pub fn current() -> io::Result<PathBuf> {
    std::env::current_exe().map(without_deletion_mark)
}

/// The image that runs right now, whatever happened to its file since: a keeper started from it cannot be
/// broken by a rebuild. Meant to be executed, not to be shown.
#[cfg(target_os = "linux")]
pub fn running_image() -> io::Result<PathBuf> {
    Ok(PathBuf::from("/proc/self/exe"))
}

/// Only Linux can start an image whose file is gone; elsewhere this is [`current`].
#[cfg(not(target_os = "linux"))]
pub fn running_image() -> io::Result<PathBuf> {
    current()
}

/// The path under which this program will be found after an upgrade, too: as it was called, when a link there leads to
/// the file that runs, whose own place may carry a version.
pub fn as_called(
    called: Option<&OsStr>,
    path: Option<&str>,
    working_dir: Option<&Path>,
) -> io::Result<PathBuf> {
    let current = current()?;
    let called = called.map(Path::new).and_then(|called| {
        if called.components().count() > 1 {
            working_dir.map(|directory| directory.join(called)).or_else(|| Some(called.to_owned()))
        } else {
            super::in_path::find(called.to_str()?, path)
        }
    });
    let same = |called: &PathBuf| {
        called.is_absolute()
            && called.canonicalize().is_ok_and(|real| Some(real) == current.canonicalize().ok())
    };
    // A path through `..` or a link above it says no more than the real one.
    let plain = |called: &PathBuf| {
        called.is_symlink() && !called.components().any(|part| part == std::path::Component::ParentDir)
    };
    Ok(called.filter(plain).filter(same).map_or(current, |called| called.components().collect()))
}

fn without_deletion_mark(path: PathBuf) -> PathBuf {
    match path.to_str().and_then(|text| text.strip_suffix(" (deleted)")) {
        Some(original) => PathBuf::from(original),
        None => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn survives_a_rebuild() {
        assert_eq!(without_deletion_mark("/bin/clawdbot (deleted)".into()), PathBuf::from("/bin/clawdbot"));
        assert_eq!(without_deletion_mark("/bin/clawdbot".into()), PathBuf::from("/bin/clawdbot"));
        assert!(current().unwrap().is_file());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_the_path_outlives_what_it_leads_to() {
        let directory = tempfile::tempdir().unwrap();
        let link = directory.path().join("clawdbot");
        std::os::unix::fs::symlink(current().unwrap(), &link).unwrap();
        std::os::unix::fs::symlink("/bin/sh", directory.path().join("other")).unwrap();
        let path = directory.path().to_str();
        let found = |called: &str| as_called(Some(OsStr::new(called)), path, Some(directory.path())).unwrap();
        assert_eq!(found("clawdbot"), link);
        assert_eq!(found(link.to_str().unwrap()), link);
        for other in ["other", "nothing", "x/../clawdbot", ""] {
            assert_eq!(found(other), current().unwrap(), "{other}");
        }
        assert_eq!(as_called(None, path, None).unwrap(), current().unwrap());
    }
}
