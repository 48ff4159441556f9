//! Reading a configuration file without being caught by what is not a file.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// The largest file that is read, in bytes.
const SIZE_LIMIT: u64 = 16 * 1024 * 1024;

/// Why a file could not be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadFault {
    /// Nothing is there, or a symbolic link leads nowhere.
    #[error("there is no such file")]
    Missing,
    /// A directory.
    #[error("it is a directory")]
    Directory,
    /// A pipe, a socket, or a device.
    #[error("it is not a regular file")]
    Special,
    /// Larger than the limit.
    #[error("it is larger than {} MiB", SIZE_LIMIT / 1024 / 1024)]
    TooLarge,
    /// Not UTF-8: the text with replacement characters, and the offset of the first one.
    #[error("it is not valid UTF-8")]
    NotUtf8 {
        /// The text as far as it can be shown.
        lossy: String,
        /// Where the first invalid byte is; the same offset in `lossy`.
        offset: usize,
    },
    /// Anything else.
    #[error("{}", plain(.0))]
    Io(io::Error),
}

/// Reads a text file.
pub(super) fn read(path: &Path) -> Result<String, ReadFault> {
    // Looked at before it is opened: opening a pipe waits for its writer.
    check_kind(&fs::metadata(path).map_err(from_io)?)?;
    let file = File::open(path).map_err(from_io)?;
    let metadata = file.metadata().map_err(from_io)?;
    check_kind(&metadata)?;
    if metadata.len() > SIZE_LIMIT {
        return Err(ReadFault::TooLarge);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0) + 1);
    // The file may have grown since.
    file.take(SIZE_LIMIT + 1).read_to_end(&mut bytes).map_err(from_io)?;
    if bytes.len() as u64 > SIZE_LIMIT {
        return Err(ReadFault::TooLarge);
    }
    String::from_utf8(bytes).map_err(|error| ReadFault::NotUtf8 {
        offset: error.utf8_error().valid_up_to(),
        lossy: String::from_utf8_lossy(error.as_bytes()).into_owned(),
    })
}

fn check_kind(metadata: &fs::Metadata) -> Result<(), ReadFault> {
    if metadata.is_dir() {
        Err(ReadFault::Directory)
    } else if metadata.is_file() {
        Ok(())
    } else {
        Err(ReadFault::Special)
    }
}

fn from_io(error: io::Error) -> ReadFault {
    match error.kind() {
        io::ErrorKind::NotFound => ReadFault::Missing,
        io::ErrorKind::IsADirectory => ReadFault::Directory,
        _ => ReadFault::Io(error),
    }
}

/// The cause in words, without the number of the operating system.
fn plain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::NotADirectory => "a parent of it is not a directory".to_owned(),
        _ => error.to_string(),
    }
}
