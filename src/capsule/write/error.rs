//! Why no capsule was made.

use std::io;
use std::path::{Path, PathBuf};

/// Why no capsule was made. The texts are for the person at the terminal.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// There is no profile.
    #[error("there is no profile in {0}; name another one with --profile NAME or --from DIR")]
    NoProfile(PathBuf),
    /// There is no recording where one was named.
    #[error("{0} holds no recording; begin one with gateway --record, or leave --recording away")]
    NoRecording(PathBuf),
    /// A pattern that is none.
    #[error("{pattern:?} is no pattern for names: {problem}")]
    Pattern {
        /// As it was typed.
        pattern: String,
        /// Why.
        problem: String,
    },
    /// What has to be in it is too much already.
    #[error("the recording and the configuration have {bytes} bytes, more than --max-size allows ({limit})")]
    TooLarge {
        /// So many.
        bytes: u64,
        /// So many are allowed.
        limit: u64,
    },
    /// There are more secrets than can be looked for.
    #[error(
        "the profile holds {0} different secrets, more than can be looked for; leave files out with --exclude"
    )]
    TooManySecrets(usize),
    /// The file is there.
    #[error("{0} exists already; choose another name")]
    Exists(PathBuf),
    /// The system refused to read.
    #[error("failed to read {path}: {source}")]
    Unreadable {
        /// What.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The system refused to write.
    #[error("failed to write {path}: {source}")]
    Unwritable {
        /// What.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file changed whenever it was read.
    #[error("{0} changes all the time; leave it out with --exclude, or stop the gateway")]
    Restless(String),
    /// A file that is no text has a secret in it.
    #[error("{0} holds a secret, and is no text from which it could be taken; leave --include for it away")]
    Binary(String),
    /// A secret is still in the capsule, which is gone again.
    #[error("a secret would remain in {0}; leave it out with --exclude, and report this as a bug")]
    Remains(String),
    /// What was written cannot be read.
    #[error("the capsule is not as it was written: {0}")]
    Broken(#[from] crate::capsule::CapsuleError),
}

impl CaptureError {
    pub(super) fn unreadable(path: &Path, source: io::Error) -> Self {
        Self::Unreadable { path: path.to_owned(), source }
    }

    pub(super) fn unwritable(path: &Path, source: io::Error) -> Self {
        Self::Unwritable { path: path.to_owned(), source }
    }
}
