//! Where the file is, and what it adds to what was typed.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::read::{Options, read};
use crate::cli::args::RunArgs;
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;

/// The file.
const NAME: &str = "clawdbot-dev.json5";

/// Completes what was typed in `working_dir` by what the project says, and says so. Paths in the file, and the
/// directory of its commands, are those of the file.
pub(in crate::cli) fn complete(
    typed: RunArgs,
    working_dir: &Path,
    printer: &Printer,
) -> Result<(RunArgs, PathBuf), ExpectedError> {
    let Some((path, text)) = find(working_dir)? else { return Ok((typed, working_dir.to_owned())) };
    let directory = path.parent().unwrap_or(working_dir);
    let Options { args: mut said, keys } = read(&text).map_err(|faults| {
        let lines: Vec<String> = faults
            .iter()
            .map(|fault| format!("{}:{}:{}: {}", path.display(), fault.line, fault.column, fault.message))
            .collect();
        ExpectedError::Refused(lines.join("\n"))
    })?;
    said.watch = said.watch.into_iter().map(|path| directory.join(path)).collect();
    // A list that was typed replaces the other.
    if !typed.watch.is_empty() {
        said.watch.clear();
    }
    if !typed.ignore.is_empty() {
        said.ignore.clear();
    }
    if !typed.ext.is_empty() {
        said.ext.clear();
    }
    let runs_in = if typed.exec.exec.is_some() { working_dir } else { directory }.to_owned();
    if !keys.is_empty() {
        printer.tick(&format!("{}: {}", path.display(), keys.join(", ")));
    }
    let typed_paths = typed.watch.iter().map(|path| working_dir.join(path)).collect();
    Ok((RunArgs { watch: typed_paths, ..typed }.completed_by(said), runs_in))
}

/// The file in a directory or, inside a repository, in one above it that belongs to it.
fn find(start: &Path) -> Result<Option<(PathBuf, String)>, ExpectedError> {
    let repository = start.ancestors().find(|directory| directory.join(".git").exists());
    let candidates = start.ancestors().take_while(|directory| {
        *directory == start || repository.is_some_and(|repository| directory.starts_with(repository))
    });
    for directory in candidates {
        let path = directory.join(NAME);
        match std::fs::read_to_string(&path) {
            Ok(text) => return Ok(Some((path, text))),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => {
                return Err(ExpectedError::Refused(format!("failed to read {}: {error}", path.display())));
            }
        }
    }
    Ok(None)
}
