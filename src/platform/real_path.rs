//! Where a path leads when its symbolic links are followed, also when nothing is there yet.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// As deep as Linux follows links.
const DEPTH: u32 = 40;

/// `path` without symbolic links. What does not exist yet is taken as it is spelled; a link into nothing counts as
/// what it names, because creating the path would create that.
pub fn real_path(path: &Path) -> PathBuf {
    follow(path, DEPTH)
}

fn follow(path: &Path, depth: u32) -> PathBuf {
    match fs::canonicalize(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && depth > 0 => {}
        Ok(real) => return real,
        Err(_) => return path.to_owned(),
    }
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else { return path.to_owned() };
    let parent = follow(parent, depth - 1);
    match fs::read_link(path) {
        Ok(target) => follow(&parent.join(target), depth - 1),
        Err(_) => parent.join(name),
    }
}
