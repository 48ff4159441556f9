//! Locks that a SIGKILL cannot leave stale: an advisory lock on an open file, with the holder's facts in it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// What is read of the text of a holder, at most.
const LONGEST: u64 = 64 << 10;

/// A held lock; released when dropped, or by the system when the process ends however it ends.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

/// A lock that others may hold at the same time, and nobody alone; released like [`Lock`].
#[derive(Debug)]
pub struct Shared {
    _file: File,
}

/// Result of an attempt.
#[derive(Debug)]
pub enum Attempt {
    /// The lock is ours.
    Held(Lock),
    /// Another process holds it; the text that it wrote.
    Busy(String),
}

/// Tries to lock `path` without waiting; creates the file (mode 0600) when it is missing.
pub fn try_lock(path: &Path) -> io::Result<Attempt> {
    let mut file = open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Attempt::Held(Lock { file })),
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            file.read_to_string(&mut holder)?;
            Ok(Attempt::Busy(holder))
        }
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Holds `path` together with others; creates the file (mode 0600) when it is missing. Waits while somebody holds it
/// alone.
pub fn share(path: &Path) -> io::Result<Shared> {
    let file = open(path)?;
    file.lock_shared()?;
    Ok(Shared { _file: file })
}

/// Opens a file to be locked; creates it (mode 0600) when it is missing.
pub(super) fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// What the holder of a lock wrote about itself; `None` when nobody holds it. Makes nothing, and does not wait.
pub fn holder(path: &Path) -> io::Result<Option<String>> {
    let opened = match super::fs::open_regular(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let Some((mut file, _)) = opened else { return Err(io::Error::other("not a file")) };
    match file.try_lock_shared() {
        Ok(()) => Ok(None),
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            (&mut file).take(LONGEST).read_to_string(&mut holder)?;
            Ok(Some(holder))
        }
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Waits until nobody holds the lock, for at most `limit`; says whether that is so. Takes nothing.
pub fn wait_until_free(path: &Path, limit: Duration) -> io::Result<bool> {
    let deadline = Instant::now() + limit;
    loop {
        match try_lock(path)? {
            Attempt::Held(_) => return Ok(true),
            Attempt::Busy(_) if Instant::now() >= deadline => return Ok(false),
            Attempt::Busy(_) => pause(),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a lock that is released announces itself to nobody")]
fn pause() {
    std::thread::sleep(Duration::from_millis(2));
}

impl Lock {
    /// Replaces the text that a process which finds the lock busy gets to see.
    pub fn write(&mut self, text: &str) -> io::Result<()> {
        self.file.rewind()?;
        self.file.write_all(text.as_bytes())?;
        // Last: emptying the file first would free its block, which takes milliseconds on a busy ext4.
        self.file.set_len(text.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shared_is_nobodys_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("lock");
        let (one, other) = (share(&path).unwrap(), share(&path).unwrap());
        drop(one);
        assert!(matches!(try_lock(&path).unwrap(), Attempt::Busy(_)));
        drop(other);
        assert!(matches!(try_lock(&path).unwrap(), Attempt::Held(_)));
    }

    #[test]
    fn the_second_attempt_sees_the_first_holder() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("lock");
        let Attempt::Held(mut first) = try_lock(&path).unwrap() else { panic!("fresh lock is busy") };
        first.write("a longer text").unwrap();
        first.write("pid 1").unwrap();
        let Attempt::Busy(holder) = try_lock(&path).unwrap() else { panic!("lock taken twice") };
        assert_eq!(holder, "pid 1");
        assert_eq!(super::holder(&path).unwrap().as_deref(), Some("pid 1"));
        assert!(!wait_until_free(&path, Duration::from_millis(5)).unwrap());
        let release = std::thread::spawn(move || drop(first));
        assert!(wait_until_free(&path, Duration::from_secs(5)).unwrap());
        release.join().unwrap();
        assert_eq!(super::holder(&path).unwrap(), None);
        let missing = directory.path().join("missing");
        assert_eq!((super::holder(&missing).unwrap(), missing.exists()), (None, false));
        assert!(matches!(try_lock(&path).unwrap(), Attempt::Held(_)));
    }
}
