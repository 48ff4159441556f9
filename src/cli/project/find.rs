//! Where the file is, and what it adds to what was typed.

use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use super::read::{Options, read};
use crate::cli::args::RunArgs;
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;

/// The file.
const NAME: &str = "clawdbot-dev.json5";

/// Completes what was typed in `working_dir` by what the project says, and says so. Paths in the file, and the
/// directory of its commands, are those of the file.
pub(in crate::cli) fn complete(
    mut typed: RunArgs,
    working_dir: &Path,
    printer: &Printer,
) -> Result<(RunArgs, PathBuf), ExpectedError> {
    typed.watch = below(working_dir, typed.watch);
    let Some((path, text)) = find(working_dir)? else { return Ok((typed, working_dir.to_owned())) };
    let directory = path.parent().unwrap_or(working_dir);
    let Options { args: mut said, keys } = read(&text).map_err(|faults| {
        let lines: Vec<String> = faults
            .iter()
            .map(|fault| format!("{}:{}:{}: {}", path.display(), fault.line, fault.column, fault.message))
            .collect();
        ExpectedError::Refused(lines.join("\n"))
    })?;
    said.watch = below(directory, said.watch);
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
    Ok((typed.completed_by(said), runs_in))
}

/// Paths as they are from `directory` on, in plain words: no `.` and no `..`, which the watcher never meets in what
/// it is told. A `..` after a link leads where it seems to.
fn below(directory: &Path, paths: Vec<PathBuf>) -> Vec<PathBuf> {
    let plain = |path: PathBuf| {
        let mut plain = PathBuf::new();
        for component in directory.join(path).components() {
            match component {
                Component::CurDir => {}
                Component::ParentDir => {
                    plain.pop();
                }
                other => plain.push(other),
            }
        }
        plain
    };
    paths.into_iter().map(plain).collect()
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
