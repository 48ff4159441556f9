//! Files that are replaced whole: a crash at any instruction leaves either the old or the new content.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Replaces `path` by `content`: written beside it with mode 0600, synced, renamed over it.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    prepare(path, content)?.put_in_place()
}

/// A new content of a file that stands beside it and is synced; gone when dropped.
#[derive(Debug)]
pub struct Prepared {
    path: PathBuf,
    beside: tempfile::NamedTempFile,
}

/// The part of [`replace`] that takes long.
pub fn prepare(path: &Path, content: &[u8]) -> io::Result<Prepared> {
    let mut beside = beside(path, 0o600)?;
    beside.write_all(content)?;
    beside.as_file().sync_all()?;
    Ok(Prepared { path: path.to_owned(), beside })
}

impl Prepared {
    /// The rest of it.
    pub fn put_in_place(self) -> io::Result<()> {
        self.beside.persist(&self.path).map_err(|failure| failure.error)?;
        sync_directory(&self.path)
    }
}

/// Like [`replace`], but does not wait for the disk: for files that describe a running process, and are
/// worthless after a crash of the machine.
pub fn publish(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut beside = beside(path, 0o600)?;
    beside.write_all(content)?;
    if exchange(beside.path(), path) {
        // What is beside it now is the old file, which goes when `beside` is dropped.
        return Ok(());
    }
    beside.persist(path).map_err(|failure| failure.error)?;
    Ok(())
}

/// Lets two files change places, where the system can. Unlike a rename over an existing file this does not make
/// ext4 write the new file out, which takes 2 to 20 ms (`auto_da_alloc` in `ext4(5)`).
fn exchange(one: &Path, other: &Path) -> bool {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).is_ok()
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (one, other);
        false
    }
}

/// Like [`replace`], but leaves a file that exists alone; says whether it wrote.
pub fn create(path: &Path, content: &[u8]) -> io::Result<bool> {
    persist_new(beside(path, 0o600)?, path, content)
}

/// Like [`create`], for a file that is nobody's secret: its mode is the one that the umask leaves.
pub fn create_readable(path: &Path, content: &[u8]) -> io::Result<bool> {
    persist_new(beside(path, 0o666)?, path, content)
}

fn persist_new(mut beside: tempfile::NamedTempFile, path: &Path, content: &[u8]) -> io::Result<bool> {
    beside.write_all(content)?;
    beside.as_file().sync_all()?;
    match beside.persist_noclobber(path) {
        Ok(_) => sync_directory(path).map(|()| true),
        Err(failure) if failure.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(failure) => Err(failure.error),
    }
}

/// Creates a directory with its parents; mode 0700 for those that it creates.
pub fn private_directory(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Creates a file that is not there yet, for its user alone.
pub fn private_file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A temporary file in the directory of `path`, named so that watchers recognise it as one. The umask applies to
/// `mode`.
#[cfg_attr(not(unix), expect(unused_variables, reason = "modes are a Unix notion"))]
fn beside(path: &Path, mode: u32) -> io::Result<tempfile::NamedTempFile> {
    let prefix = format!(".{}.", path.file_name().unwrap_or_default().to_string_lossy());
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(".tmp");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(mode));
    builder.tempfile_in(path.parent().unwrap_or(Path::new(".")))
}

/// Makes a rename durable. A file system that cannot sync a directory has no stronger promise to give.
fn sync_directory(path: &Path) -> io::Result<()> {
    if cfg!(unix)
        && let Some(parent) = path.parent()
    {
        match File::open(parent)?.sync_all() {
            Err(error) if error.kind() != io::ErrorKind::InvalidInput => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_and_leaves_nothing_behind() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state.json");
        replace(&path, b"old").unwrap();
        replace(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        publish(&path, b"newer").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"newer");
        publish(&directory.path().join("other"), b"first").unwrap();
        fs::remove_file(directory.path().join("other")).unwrap();
        replace(&path, b"new").unwrap();
        assert!(!create(&path, b"never").unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn secrets_are_private_and_the_rest_follows_the_umask() {
        use std::os::unix::fs::PermissionsExt;

        let directory = tempfile::tempdir().unwrap();
        let mode =
            |name: &str| fs::metadata(directory.path().join(name)).unwrap().permissions().mode() & 0o777;
        create(&directory.path().join("private"), b"").unwrap();
        create_readable(&directory.path().join("readable"), b"").unwrap();
        fs::write(directory.path().join("ordinary"), b"").unwrap();
        assert_eq!(mode("private"), 0o600);
        assert_eq!(mode("readable"), mode("ordinary"));
    }
}
