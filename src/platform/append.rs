//! Files that several processes append to.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// Opens `path` for appending; creates it (mode 0600) when it is missing. Never waits: a FIFO that nobody reads is an
/// error.
pub fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;

        let flags = rustix::fs::OFlags::NONBLOCK.bits();
        options.mode(0o600).custom_flags(flags.cast_signed());
    }
    options.open(path)
}
