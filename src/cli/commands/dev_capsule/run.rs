//! What `dev capsule` was asked to do.

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use super::{diff, show, to_fixture};
use crate::capsule::format::MANIFEST;
use crate::capsule::{CapsuleError, Limits, Manifest, unpack};
use crate::cli::args::{CapsuleArgs, CapsuleCommand};
use crate::cli::commands::dev_fixtures::sentence;
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;
use crate::platform::{atomic, env};

/// Does it.
pub(crate) fn run(args: &CapsuleArgs, printer: &Printer) -> Result<ExitCode, ExpectedError> {
    match &args.command {
        CapsuleCommand::Show { file, path: None } => show::manifest(file, args.json, printer),
        CapsuleCommand::Show { file, path: Some(path) } => show::entry(file, path, args.json, printer),
        CapsuleCommand::Diff { one, other } => diff::diff(one, other, args.json, printer),
        CapsuleCommand::Extract { file, directory } => extract(file, directory, args.json, printer),
        CapsuleCommand::ToFixture(wanted) => {
            let start = env::working_dir().ok_or_else(|| {
                ExpectedError::Failed("The working directory is gone. Change to another one.".to_owned())
            })?;
            to_fixture::to_fixture(wanted, &start, args.json, printer)
        }
    }
}

fn extract(file: &Path, directory: &Path, json: bool, printer: &Printer) -> Result<ExitCode, ExpectedError> {
    let Manifest { files, .. } = unpacked(file, directory)?;
    if json {
        printer.json(&json!({ "ok": true, "directory": directory, "files": files.len() }));
    } else {
        printer.tick(&format!("{} files in {}", files.len(), directory.display()));
    }
    Ok(ExitCode::SUCCESS)
}

/// Unpacks a capsule with its manifest, so that the directory can be replayed.
pub(super) fn unpacked(file: &Path, directory: &Path) -> Result<Manifest, ExpectedError> {
    let manifest = unpack(file, directory, &Limits::default()).map_err(|error| failure(&error))?;
    let path = directory.join(MANIFEST);
    let written = serde_json::to_vec_pretty(&manifest)
        .map_err(std::io::Error::from)
        .and_then(|text| atomic::publish(&path, &text));
    written
        .map_err(|error| ExpectedError::Failed(format!("Failed to write {}: {error}.", path.display())))?;
    Ok(manifest)
}

/// What is wrong with a capsule, for people.
pub(super) fn failure(error: &CapsuleError) -> ExpectedError {
    match error {
        CapsuleError::Occupied(_) => ExpectedError::Usage(format!("{error}.")),
        CapsuleError::Unreadable { .. } | CapsuleError::Unwritable { .. } => {
            ExpectedError::Failed(sentence(error))
        }
        // They begin with the name of the file, which is what it is.
        _ => ExpectedError::Failed(format!("{error}.")),
    }
}
