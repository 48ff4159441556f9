//! `dev fixtures`: what a project has, whether it is whole, whether it behaves, and a new one.

mod new;

pub(super) use new::place;

use std::fmt;
use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};

use super::{dev_replay, dev_run};
use crate::cli::args::{FixturesArgs, FixturesCommand};
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;
use crate::harness::fixture::{self, Fixture, FixtureError, Found};
use crate::platform::env;

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
        FixturesCommand::New { name, why, from } => {
            new::new(&name, &why, from.as_deref(), &start, args.json, printer)
        }
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
            Ok(fixture) => match behaves(fixture, json, no_color, printer)? {
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

/// The exit code of a replay, where there is one, that was not as recorded, or else that of everything else.
fn behaves(fixture: &Fixture, json: bool, no_color: bool, printer: &Printer) -> Result<u8, ExpectedError> {
    if let Some(replayed) = &fixture.manifest.expect.replay {
        let code = dev_replay::fixture(fixture, replayed, no_color)?;
        if (1..129).contains(&code) && !json {
            printer.cross(&format!("{}: it does not answer as recorded", fixture.name));
        }
        if code != 0 {
            return Ok(code);
        }
    }
    dev_run::verify(fixture, json, no_color)
}

fn code(good: bool) -> ExitCode {
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The error as a sentence.
pub(super) fn sentence(error: &impl fmt::Display) -> String {
    let text = error.to_string();
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", characters.as_str())
}
