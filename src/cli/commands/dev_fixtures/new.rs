//! `dev fixtures new`: a fixture to fill in, or one of a profile that somebody uses.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::{Value, json};

use super::sentence;
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;
use crate::harness::fixture::{self, Import, LeftOut, Manifest, import};
use crate::platform::env;
use crate::profile::ProfileName;

/// A minimal configuration, to be edited.
const CONFIG: &str = "{\n  gateway: { mode: \"local\" },\n}\n";

/// Makes it in the project that `start` lies in.
pub(super) fn new(
    name: &str,
    why: &str,
    from: Option<&Path>,
    start: &Path,
    json: bool,
    printer: &Printer,
) -> Result<ExitCode, ExpectedError> {
    let directory = place(name, start)?;
    let root = directory.parent().unwrap_or(start).to_owned();
    let source = from.map(|from| start.join(from));
    let imported = match &source {
        Some(source) => {
            let home = env::read().remove(env::HOME).map(PathBuf::from);
            let taken = import(source, home.as_deref());
            Some(taken.map_err(|error| ExpectedError::Usage(sentence(&error)))?)
        }
        None => None,
    };
    let failed = |(path, error): (PathBuf, io::Error)| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            ExpectedError::Usage(format!("{} exists already. Choose another name.", path.display()))
        }
        _ => ExpectedError::Failed(format!("Failed to create {}: {error}.", path.display())),
    };
    fs::create_dir_all(&root).map_err(|error| failed((root.clone(), error)))?;
    fs::create_dir(&directory).map_err(|error| failed((directory.clone(), error)))?;
    if let Err(failure) = fill(&directory, why, imported.as_ref()) {
        // Half a fixture is none.
        let _ = fs::remove_dir_all(&directory);
        return Err(failed(failure));
    }
    let schema = root.join("schema.json");
    if !schema.exists() {
        write(&schema, include_str!("../../../../fixtures/profiles/schema.json")).map_err(failed)?;
    }
    tell(name, &directory, imported.as_ref(), json, printer);
    Ok(ExitCode::SUCCESS)
}

/// Where a new fixture of this name lies in the project that `start` lies in.
pub(in crate::cli::commands) fn place(name: &str, start: &Path) -> Result<PathBuf, ExpectedError> {
    // The rule for profiles serves here too: one component, nothing hidden.
    ProfileName::parse(name).map_err(|_| {
        ExpectedError::Usage(format!("{name:?} cannot name a fixture; use letters, digits, `-`, and `_`."))
    })?;
    let root = fixture::root(start).unwrap_or_else(|_| start.join("fixtures").join("profiles"));
    Ok(root.join(name))
}

fn fill(directory: &Path, why: &str, imported: Option<&Import>) -> Result<(), (PathBuf, io::Error)> {
    let home = directory.join("home");
    let mut manifest = Manifest::new(why);
    match imported {
        Some(imported) => {
            manifest.args.clone_from(&imported.args);
            for (path, text) in &imported.files {
                write(&home.join(path), text)?;
            }
        }
        None => write(&home.join(".clawdbot").join("clawdbot.json"), CONFIG)?,
    }
    write(&directory.join("profile.json"), &format!("{:#}\n", json!(manifest)))
}

/// A new file, and the directories that it lies in.
fn write(path: &Path, text: &str) -> Result<(), (PathBuf, io::Error)> {
    let written = path
        .parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| fs::File::create_new(path)?.write_all(text.as_bytes()));
    written.map_err(|error| (path.to_owned(), error))
}

fn tell(name: &str, directory: &Path, imported: Option<&Import>, json: bool, printer: &Printer) {
    if json {
        let mut facts = json!({ "name": name, "directory": directory });
        if let Some(Import { files, left_out, secrets, .. }) = imported {
            facts["files"] = json!(files.len());
            facts["secrets"] = json!(secrets);
            facts["leftOut"] = left_out.iter().map(left).collect::<Vec<Value>>().into();
        }
        return printer.json(&facts);
    }
    printer.tick(&format!("fixture made at {}", directory.display()));
    let Some(Import { files, left_out, secrets, .. }) = imported else {
        printer.text(&format!("  Fill in home/ and profile.json, then: clawdbot dev fixtures run {name}"));
        return;
    };
    printer.text(&format!(
        "  {} taken, {} replaced by placeholders",
        count(files.len(), "file"),
        count(*secrets, "secret")
    ));
    for LeftOut { path, reason } in left_out {
        printer.text(&format!("  left out: {} ({reason})", path.display()));
    }
    printer
        .text("  Look through it before you share it: names, addresses, and conversations are still in it.");
    printer
        .text(&format!("  Say in profile.json what must come of it, then: clawdbot dev fixtures run {name}"));
}

fn left(left: &LeftOut) -> Value {
    json!({ "path": left.path, "reason": left.reason.to_string() })
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
