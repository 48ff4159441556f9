//! One problem of a configuration, with its place.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Where in a file a problem is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The file, absolute (the main file or an include).
    pub file: PathBuf,
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
    /// The line's text, or the part of it around the mark when it is very long. Secret values are already
    /// replaced by `•`, character by character.
    pub text: String,
    /// How many characters of the line were left out before `text`; 0 unless the line is very long.
    #[serde(default)]
    pub skipped: usize,
    /// How many characters from `column` on are marked; at least 1.
    pub width: usize,
}

/// One problem of a configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// Dotted path, for example `gateway.port` or `agents.list[0].id`; empty for the root.
    pub path: String,
    /// What is wrong, in the published program's words where it has any.
    pub message: String,
    /// The fix, when one can be named, for example `did you mean "port"?`.
    pub suggestion: Option<String>,
    /// Where it is, when it is at a place in a file.
    pub place: Option<Place>,
}
