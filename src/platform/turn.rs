//! Taking turns: processes that change the same file do it one after the other, and nothing is left lying about.
//!
//! The file that stands for the turn is locked, and removed before it is given back. Whoever waited for it finds
//! that it is no longer the one at its path, and takes the next.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::lock::open;

/// A turn; given back when dropped, or by the system when the process ends however it ends.
#[derive(Debug)]
pub struct Turn {
    _file: File,
    path: PathBuf,
}

impl Turn {
    /// Waits for a turn at `path`, a file (mode 0600) that exists only as long as somebody has the turn.
    pub fn take(path: &Path, patience: Duration) -> io::Result<Self> {
        let deadline = Instant::now() + patience;
        loop {
            let file = locked(open(path)?, deadline)?;
            if is_at(&file, path)? {
                return Ok(Self { _file: file, path: path.to_owned() });
            }
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        // Left behind, it does no harm: the next turn takes it over.
        if cfg!(unix) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn locked(file: File, deadline: Instant) -> io::Result<File> {
    match file.try_lock() {
        Ok(()) => return Ok(file),
        Err(TryLockError::Error(error)) => return Err(error),
        Err(TryLockError::WouldBlock) => {}
    }
    // The system offers a wait without end only. A thread that waits too long gives the lock back at once.
    let (sender, receiver) = mpsc::sync_channel(1);
    thread::Builder::new().name("turn".to_owned()).spawn(move || {
        let result = file.lock().map(|()| file);
        let _ = sender.send(result);
    })?;
    let left = deadline.saturating_duration_since(Instant::now());
    receiver.recv_timeout(left).map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}

/// Whether the open file still is the one at `path`.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let ours = file.metadata()?;
    match fs::metadata(path) {
        Ok(found) => Ok((found.dev(), found.ino()) == (ours.dev(), ours.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere the path has to be asked")]
fn is_at(_file: &File, _path: &Path) -> io::Result<bool> {
    // The file is not removed here.
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_exclude_each_other_and_leave_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("turn");
        let counter = directory.path().join("counter");
        fs::write(&counter, "0").unwrap();
        thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    for _ in 0..20 {
                        let _turn = Turn::take(&path, Duration::from_secs(20)).unwrap();
                        let count: u32 = fs::read_to_string(&counter).unwrap().parse().unwrap();
                        fs::write(&counter, (count + 1).to_string()).unwrap();
                    }
                });
            }
        });
        assert_eq!(fs::read_to_string(&counter).unwrap(), "320");
        assert!(!path.exists());
    }

    #[test]
    fn patience_ends() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("turn");
        let _held = Turn::take(&path, Duration::ZERO).unwrap();
        let error = Turn::take(&path, Duration::from_millis(1)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
