//! `dev fixtures`: what a project has, whether it is whole, whether it behaves, and a new one.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::{Value, json};

use super::dev_run;
use crate::cli::args::{FixturesArgs, FixturesCommand};
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;
use crate::harness::fixture::{self, Fixture, FixtureError, Found, Manifest};
use crate::platform::env;
use crate::profile::ProfileName;

/// A minimal configuration, to be edited.
const CONFIG: &str = "{\n  gateway: { mode: \"local\" },\n}\n";

/// Does it.
pub(crate) fn run(args: FixturesArgs, no_color: bool, printer: &Printer) -> Result<ExitCode, ExpectedError> {
    let start = env::working_dir().ok_or_else(|| {
        ExpectedError::Failed("The working directory is gone. Change to another one.".to_owned())
    })?;
    match args.command {
        FixturesCommand::List => Ok(list(&chosen(&[], &start)?, args.json, printer)),
        FixturesCommand::Check { fixtures } => Ok(check(&chosen(&fixtures, &start)?, args.json, printer)),
        FixturesCommand::Run { fixtures } => {
            run_all(&chosen(&fixtures, &start)?, args.json, no_color, printer)
        }
        FixturesCommand::New { name, why } => new(&name, &why, &start, args.json, printer),
    }
}

/// The named fixtures, or all of the project.
fn chosen(names: &[String], start: &Path) -> Result<Vec<Found>, ExpectedError> {
    if names.is_empty() {
        return fixture::all(start).map_err(|error| ExpectedError::Usage(sentence(&error)));
    }
    Ok(names.iter().map(|name| (name.clone(), fixture::named(name, start))).collect())
}

fn list(found: &[Found], json: bool, printer: &Printer) -> ExitCode {
    if json {
        printer.json(&found.iter().map(|(name, fixture)| facts(name, fixture)).collect::<Vec<_>>());
        return ExitCode::SUCCESS;
    }
    let width = found.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, fixture) in found {
        let why =
            fixture.as_ref().map_or_else(FixtureError::to_string, |fixture| fixture.manifest.why.clone());
        printer.text(&format!("{name:width$}  {why}"));
    }
    ExitCode::SUCCESS
}

fn facts(name: &str, fixture: &Result<Fixture, FixtureError>) -> Value {
    match fixture {
        Ok(fixture) => {
            json!({ "name": name, "ok": true, "why": fixture.manifest.why, "directory": fixture.directory })
        }
        Err(error) => json!({ "name": name, "ok": false, "message": error.to_string() }),
    }
}

fn check(found: &[Found], json: bool, printer: &Printer) -> ExitCode {
    if json {
        printer.json(&found.iter().map(|(name, fixture)| facts(name, fixture)).collect::<Vec<_>>());
    } else {
        for (name, fixture) in found {
            match fixture {
                Ok(_) => printer.tick(name),
                Err(error) => printer.cross(&error.to_string()),
            }
        }
    }
    code(found.iter().all(|(_, fixture)| fixture.is_ok()))
}

fn run_all(
    found: &[Found],
    json: bool,
    no_color: bool,
    printer: &Printer,
) -> Result<ExitCode, ExpectedError> {
    let mut results = Vec::new();
    let mut good = true;
    for (name, fixture) in found {
        let result = match fixture {
            Ok(fixture) => match dev_run::verify(fixture, json, no_color)? {
                // A signal, which was not meant for one of them alone.
                code @ 129.. => return Ok(ExitCode::from(code)),
                code => json!({ "name": name, "ok": code == 0 }),
            },
            Err(error) => {
                if !json {
                    printer.cross(&error.to_string());
                }
                facts(name, fixture)
            }
        };
        good &= result["ok"] == true;
        results.push(result);
    }
    if json {
        printer.json(&results);
    }
    Ok(code(good))
}

fn new(
    name: &str,
    why: &str,
    start: &Path,
    json: bool,
    printer: &Printer,
) -> Result<ExitCode, ExpectedError> {
    // The rule for profiles serves here too: one component, nothing hidden.
    ProfileName::parse(name).map_err(|_| {
        ExpectedError::Usage(format!("{name:?} cannot name a fixture; use letters, digits, `-`, and `_`."))
    })?;
    let root = fixture::root(start).unwrap_or_else(|_| start.join("fixtures").join("profiles"));
    let directory = root.join(name);
    let failed = |path: &Path, error: &io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            ExpectedError::Usage(format!("{} exists already. Choose another name.", path.display()))
        }
        _ => ExpectedError::Failed(format!("Failed to create {}: {error}.", path.display())),
    };
    fs::create_dir_all(&root).map_err(|error| failed(&root, &error))?;
    fs::create_dir(&directory).map_err(|error| failed(&directory, &error))?;
    let write = |path: PathBuf, text: &str| {
        let parent = path.parent().unwrap_or(&directory);
        fs::create_dir_all(parent)
            .and_then(|()| fs::File::create_new(&path)?.write_all(text.as_bytes()))
            .map_err(|error| failed(&path, &error))
    };
    write(directory.join("profile.json"), &format!("{:#}\n", json!(Manifest::new(why))))?;
    write(directory.join("home").join(".clawdbot").join("clawdbot.json"), CONFIG)?;
    let schema = root.join("schema.json");
    if !schema.exists() {
        write(schema, include_str!("../../../fixtures/profiles/schema.json"))?;
    }
    if json {
        printer.json(&json!({ "name": name, "directory": directory }));
    } else {
        printer.tick(&format!("fixture made at {}", directory.display()));
        printer.text(&format!("  Fill in home/ and profile.json, then: clawdbot dev fixtures run {name}"));
    }
    Ok(ExitCode::SUCCESS)
}

fn code(good: bool) -> ExitCode {
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The error as a sentence.
pub(super) fn sentence(error: &FixtureError) -> String {
    let text = error.to_string();
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", characters.as_str())
}
