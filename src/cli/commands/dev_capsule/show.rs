//! `dev capsule show`: what a capsule says about itself, and single files of it.

use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use super::run::failure;
use crate::capsule::format::MANIFEST;
use crate::capsule::{Limits, Manifest, walk};
use crate::cli::error::ExpectedError;
use crate::cli::output::{Printer, capsule, harmless};
use crate::platform::terminal;

/// The longest file that is printed.
const LONGEST: u64 = 256 << 20;

/// Prints the manifest of a capsule that is whole.
pub(super) fn manifest(file: &Path, json: bool, printer: &Printer) -> Result<ExitCode, ExpectedError> {
    let manifest = walk(file, &Limits::default(), &mut |_, _, _| Ok(())).map_err(|error| failure(&error))?;
    if json {
        printer.json(&manifest);
    } else {
        for line in capsule::overview(&manifest) {
            printer.text(&line);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints one file of it.
pub(super) fn entry(
    file: &Path,
    path: &str,
    json: bool,
    printer: &Printer,
) -> Result<ExitCode, ExpectedError> {
    let mut found: Option<Vec<u8>> = None;
    let mut is_too_long = false;
    let walked = walk(file, &Limits::default(), &mut |name, bytes, content| {
        if name == path {
            is_too_long = bytes > LONGEST;
            let mut text = Vec::new();
            // When it cannot be read, whoever walks knows why.
            if !is_too_long && content.read_to_end(&mut text).is_ok() {
                found = Some(text);
            }
        }
        Ok(())
    });
    let manifest = walked.map_err(|error| failure(&error))?;
    if is_too_long {
        return Err(ExpectedError::Failed(format!(
            "{path} is too long to be printed. Use clawdbot dev capsule extract."
        )));
    }
    let bytes = match found {
        Some(bytes) => bytes,
        None if path == MANIFEST => serde_json::to_vec_pretty(&manifest).unwrap_or_default(),
        None => return Err(ExpectedError::Usage(missing(path, &manifest))),
    };
    let text = String::from_utf8(bytes).map_err(|_| {
        ExpectedError::Failed(format!("{path} is no text. Use clawdbot dev capsule extract."))
    })?;
    if json {
        printer.json(&json!({ "path": path, "text": text }));
    } else if terminal::stdout_is_terminal() {
        for line in text.lines() {
            printer.text(&harmless(line));
        }
    } else {
        printer.text(text.strip_suffix('\n').unwrap_or(&text));
    }
    Ok(ExitCode::SUCCESS)
}

fn missing(path: &str, manifest: &Manifest) -> String {
    let names = manifest.files.iter().map(|entry| entry.path.as_str());
    let nearest = names.max_by(|one, other| strsim::jaro(path, one).total_cmp(&strsim::jaro(path, other)));
    match nearest {
        Some(nearest) => format!("The capsule has no {path}. Did you mean {}?", harmless(nearest)),
        None => format!("The capsule has no {path}."),
    }
}
