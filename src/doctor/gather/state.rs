//! The state directory.

use std::fs;
use std::io::ErrorKind;

use super::{synchronised, tree};
use crate::doctor::facts::{Standing, StateFacts};
use crate::platform::{disk, permissions};
use crate::profile::ProfilePaths;

pub(super) fn look(paths: &ProfilePaths) -> StateFacts {
    let path = &paths.state_dir;
    let metadata = fs::metadata(path);
    let standing = match &metadata {
        Ok(metadata) if metadata.is_dir() => Standing::Directory,
        Err(error) if error.kind() == ErrorKind::NotFound && path.is_symlink() => Standing::BrokenLink,
        Err(error) if error.kind() == ErrorKind::NotFound => Standing::Missing,
        _ => Standing::NoDirectory,
    };
    let real = path.canonicalize().unwrap_or_else(|_| path.clone());
    let metadata = metadata.ok().filter(|_| standing == Standing::Directory);
    let owner = metadata.as_ref().and_then(permissions::owner);
    let found = if standing == Standing::Directory { tree::look(&real) } else { tree::Found::default() };
    // Of a directory that is not there, the one that it will be made in counts.
    let nearest = path.ancestors().find(|directory| directory.is_dir());
    StateFacts {
        standing,
        mode: metadata.as_ref().and_then(permissions::mode),
        owner,
        unwritable: metadata
            .as_ref()
            .and_then(|_| crate::platform::fs::takes_files(&real).err().map(|e| e.to_string())),
        foreign: found.foreign,
        synchronised_by: synchronised::by(&real),
        network: crate::platform::fs::silent_file_system(&real),
        leftovers: found.leftovers,
        set_aside: found.set_aside,
        newest_ms: found.newest_ms,
        room: nearest.and_then(|directory| disk::room(directory).ok()),
        real,
    }
}
