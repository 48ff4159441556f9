//! A directory of this thread, for what is read from files and written to them.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

thread_local! {
    static DIRECTORY: TempDir = tempfile::tempdir().unwrap_or_else(|error| panic!("no scratch directory: {error}"));
}

/// A file with this content, or without any when there is none.
pub(super) fn file(name: &str, content: Option<&[u8]>) -> PathBuf {
    let path = DIRECTORY.with(|directory| directory.path().join(name));
    let written = match content {
        Some(content) => {
            fs::create_dir_all(path.parent().unwrap_or(&path)).and_then(|()| fs::write(&path, content))
        }
        None => fs::remove_file(&path).or_else(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Ok(()),
            _ => Err(error),
        }),
    };
    written.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    path
}

/// The content of a file that is there.
pub(super) fn content(path: &std::path::Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
