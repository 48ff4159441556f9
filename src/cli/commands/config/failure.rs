//! What a person is told when the configuration was not written.

use std::io;
use std::path::Path;

use crate::cli::error::ExpectedError;
use crate::config::edit::EditError;
use crate::config::write::WriteError;
use crate::config::{Issue, render};
use crate::profile::{ProfilePaths, shorten};

/// A failure with what would help. The file is as it was.
pub(crate) fn not_written(error: WriteError, paths: &ProfilePaths) -> ExpectedError {
    let show = |path: &Path| shorten(path, &paths.home);
    let config = show(&paths.config_path);
    let command = paths.command();
    ExpectedError::Failed(match error {
        WriteError::Unreadable(issues) => {
            let text = render(&issues, &paths.home);
            return ExpectedError::Refused(format!(
                "{text}Nothing was written: {config} cannot be read as it is. Mend it with: {command} config edit"
            ));
        }
        WriteError::Invalid(issues) => invalid(&issues),
        WriteError::Edit(error @ EditError::NotFound(_)) => error.to_string(),
        WriteError::Edit(error) => format!("Error: {error}."),
        WriteError::Rewrite(error) => format!("Error: {error}.\nUse: {command} config edit"),
        WriteError::Included { path, place } => format!(
            "Error: {path} is set in {}:{}:{}, which {config} includes.\nChange it there: other configurations \
             may include that file too, so it is not changed from here.",
            show(&place.file),
            place.line,
            place.column,
        ),
        WriteError::Merged { files } => {
            let files: Vec<_> = files.iter().map(|file| show(file)).collect();
            format!(
                "Error: merging with {} would make something else of this.\nChange it there, or edit both: \
                 {command} config edit",
                files.join(", ")
            )
        }
        WriteError::Refused(text) => text,
        WriteError::Conflict => {
            format!("Error: {config} was changed meanwhile, and was left alone. Look at it, and try again.")
        }
        WriteError::Busy { path, seconds } => format!(
            "Error: another program has been writing {} for {seconds} seconds. Stop it, and try again.",
            show(&path)
        ),
        WriteError::Io { action, path, source } => {
            let fix = match source.kind() {
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                    format!("\nMake {} writable for you.", show(path.parent().unwrap_or(&path)))
                }
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    "\nThere is no space left; free some, and try again.".to_owned()
                }
                _ => String::new(),
            };
            format!("Error: failed to {action} {}: {source}. Nothing was changed.{fix}", show(&path))
        }
    })
}

/// The published line for the first problem, one more for each other, and the fixes.
fn invalid(issues: &[Issue]) -> String {
    let mut lines = Vec::new();
    for issue in issues {
        let path = if issue.path.is_empty() { "<root>" } else { &issue.path };
        let start = if lines.is_empty() { "Error: Config validation failed: " } else { "" };
        lines.push(format!("{start}{path}: {}", issue.message));
        lines.extend(issue.suggestion.as_ref().map(|suggestion| format!("help: {suggestion}")));
    }
    lines.push("Nothing was written.".to_owned());
    lines.join("\n")
}
