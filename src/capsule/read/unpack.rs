//! A capsule → a directory, all of it or nothing.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::walk::walk;
use crate::capsule::{CapsuleError, Content, Limits, Manifest};
use crate::platform::atomic;

/// Unpacks `file` into `into`, which is made, or is empty. Directories have mode 0700, files 0600. The entry `format` and
/// the manifest are not written. After an error there is nothing more than before.
pub fn unpack(file: &Path, into: &Path, limits: &Limits) -> Result<Manifest, CapsuleError> {
    let is_there = is_empty_directory(into)?;
    let parent = into.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Beside its place: it appears there when everything is checked.
    let beside = tempfile::Builder::new()
        .prefix(".capsule.")
        .suffix(".tmp")
        .tempdir_in(parent)
        .map_err(|source| unwritable(parent, source))?;
    let root = beside.path();
    let manifest = walk(file, limits, &mut |name, _, content| write(&root.join(name), content))?;
    let put = fs::rename(root, into).or_else(|error| {
        // Not every system renames over an empty directory.
        if !is_there {
            return Err(error);
        }
        fs::remove_dir(into)?;
        fs::rename(root, into)
    });
    put.map_err(|source| unwritable(into, source))?;
    // It has another name now.
    let _ = beside.keep();
    Ok(manifest)
}

fn is_empty_directory(into: &Path) -> Result<bool, CapsuleError> {
    match fs::read_dir(into) {
        Ok(mut entries) => match entries.next() {
            None => Ok(true),
            Some(_) => Err(CapsuleError::Occupied(into.to_owned())),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(unwritable(into, source)),
    }
}

fn write(path: &Path, content: &mut Content<'_>) -> Result<(), CapsuleError> {
    let failed = |source| unwritable(path, source);
    atomic::private_directory(path.parent().unwrap_or(path)).map_err(failed)?;
    let mut file = atomic::private_file(path).map_err(failed)?;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        // When the capsule is broken, whoever walks knows why.
        let count = content.read(&mut buffer).map_err(failed)?;
        if count == 0 {
            return Ok(());
        }
        file.write_all(&buffer[..count]).map_err(failed)?;
    }
}

fn unwritable(path: &Path, source: io::Error) -> CapsuleError {
    CapsuleError::Unwritable { path: PathBuf::from(path), source }
}
