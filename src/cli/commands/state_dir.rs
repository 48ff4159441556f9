//! The place for the state, looked at before anything is read from it: one clear message, and nothing created.

use std::io::{self, ErrorKind};
use std::path::Path;

use crate::cli::error::ExpectedError;
use crate::platform::fs;
use crate::profile::{ProfilePaths, shorten};

/// Refuses a place that cannot be one. A directory that is missing is made later, a home directory never.
pub(crate) fn check(paths: &ProfilePaths) -> Result<(), ExpectedError> {
    let (home, state) = (&paths.home, &paths.state_dir);
    if state.starts_with(home) && !home.is_dir() {
        let what = if home.exists() { "which is not a directory" } else { "which does not exist" };
        return Err(ExpectedError::Refused(format!(
            "HOME is {}, {what}. Set it to your home directory, or CLAWDBOT_STATE_DIR to a directory for the state.",
            home.display()
        )));
    }
    if state.exists() && !state.is_dir() {
        return Err(ExpectedError::Refused(format!(
            "The state directory {} is a file. Move it away and start again.",
            shorten(state, home)
        )));
    }
    // What is missing is made in the last one that is there.
    let Some(directory) = state.ancestors().find(|directory| directory.exists()) else { return Ok(()) };
    fs::takes_files(directory).map_err(|error| unusable(shorten(directory, home), &error))
}

/// The refusal for a state directory, or a file in it, that cannot be used.
pub(crate) fn unusable(shown: impl AsRef<Path>, error: &io::Error) -> ExpectedError {
    let fix = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "Free some space on that disk",
        ErrorKind::NotADirectory => "Move away what is in its place",
        _ => "Make it writable for you",
    };
    ExpectedError::Refused(format!(
        "Cannot use {}: {error}.\n{fix}, or set HOME or CLAWDBOT_STATE_DIR to another directory.",
        shown.as_ref().display()
    ))
}
