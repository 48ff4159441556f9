//! The process environment, read once.

use std::collections::BTreeMap;

/// All variables whose name and value are valid Unicode.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn read() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// The variable that names the home directory.
pub const HOME: &str = if cfg!(windows) { "USERPROFILE" } else { "HOME" };

/// The working directory, unless it is gone.
pub fn working_dir() -> Option<std::path::PathBuf> {
    std::env::current_dir().ok()
}

/// The command line, the program's name first.
pub fn arguments() -> Vec<std::ffi::OsString> {
    std::env::args_os().collect()
}

/// The directory for what is thrown away, with every link resolved.
pub fn temporary_dir() -> std::io::Result<std::path::PathBuf> {
    std::env::temp_dir().canonicalize()
}
