//! `dev capsule to-fixture`: a report becomes a fixture, which has to be answered as recorded from then on.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use super::run::unpacked;
use crate::capsule::Manifest;
use crate::capsule::format::{FORMAT, JOURNAL};
use crate::cli::args::ToFixtureArgs;
use crate::cli::commands::dev_fixtures::place;
use crate::cli::commands::dev_replay;
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;
use crate::harness::fixture::{self, Replayed};

/// Makes it in the project that `start` lies in. The directory of the fixture is that of the capsule, with a
/// `profile.json`, so that both are replayed in the same way.
pub(super) fn to_fixture(
    args: &ToFixtureArgs,
    start: &Path,
    json: bool,
    printer: &Printer,
) -> Result<ExitCode, ExpectedError> {
    let directory = place(&args.name, start)?;
    if directory.exists() {
        let text = format!("{} exists already. Choose another name.", directory.display());
        return Err(ExpectedError::Usage(text));
    }
    if let Some(root) = directory.parent() {
        fs::create_dir_all(root).map_err(|error| {
            ExpectedError::Failed(format!("Failed to create {}: {error}.", root.display()))
        })?;
    }
    let manifest = unpacked(&args.file, &directory)?;
    if let Err(error) = complete(&directory, &manifest, &args.why, args.ignore.clone()) {
        // Half a fixture is none, and all of it was made here.
        let _ = fs::remove_dir_all(&directory);
        return Err(error);
    }
    if json {
        printer.json(&json!({ "ok": true, "name": args.name, "directory": directory }));
        return Ok(ExitCode::SUCCESS);
    }
    printer.tick(&format!("fixture made at {}", directory.display()));
    printer.text(&format!("  Try it: clawdbot dev fixtures run {}", args.name));
    Ok(ExitCode::SUCCESS)
}

fn complete(
    directory: &Path,
    manifest: &Manifest,
    why: &str,
    ignore: Vec<String>,
) -> Result<(), ExpectedError> {
    if !directory.join(JOURNAL).is_file() {
        let text = "The capsule holds no recording: there is nothing that would have to be answered.";
        return Err(ExpectedError::Usage(text.to_owned()));
    }
    let mut profile = fixture::Manifest::new(why);
    profile.args = dev_replay::arguments(manifest, None);
    profile.env = dev_replay::variables(manifest);
    profile.expect.replay = Some(Replayed { ignore });
    let failed = |path: &Path, error: std::io::Error| {
        ExpectedError::Failed(format!("Failed to write {}: {error}.", path.display()))
    };
    // What a fixture has no use for.
    for path in [directory.join("log"), directory.join(FORMAT)] {
        let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        match removed {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(&path, error)),
            _ => {}
        }
    }
    let home = directory.join("home");
    fs::create_dir_all(&home).map_err(|error| failed(&home, error))?;
    let path = directory.join("profile.json");
    let written = fs::File::create_new(&path)
        .and_then(|mut file| file.write_all(format!("{:#}\n", json!(profile)).as_bytes()));
    written.map_err(|error| failed(&path, error))
}
