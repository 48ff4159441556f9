//! `dev capsule diff`: which files two capsules have, and how those differ that are short enough to be read.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};
use similar::TextDiff;

use super::run::failure;
use crate::capsule::format::MANIFEST;
use crate::capsule::{Entry, Limits, Manifest, walk};
use crate::cli::error::ExpectedError;
use crate::cli::output::{Printer, harmless};

/// Longer texts are not compared line by line.
const LONGEST: u64 = 512 * 1024;

/// Most bytes of texts of a capsule that are kept.
const MOST: u64 = 64 << 20;

/// Lines around a difference.
const CONTEXT: usize = 3;

/// A capsule, as far as it is compared.
struct Read {
    manifest: Manifest,
    texts: BTreeMap<String, String>,
}

/// One difference.
#[derive(Debug, PartialEq, Eq)]
enum Difference<'c> {
    Added(&'c Entry),
    Removed(&'c Entry),
    Changed(&'c Entry, &'c Entry),
}

/// Prints how `other` differs from `one`.
pub(super) fn diff(
    one: &Path,
    other: &Path,
    json: bool,
    printer: &Printer,
) -> Result<ExitCode, ExpectedError> {
    let (mut one, mut other) = (read(one)?, read(other)?);
    let manifest = (about(&one.manifest), about(&other.manifest));
    let differences = compare(&one.manifest.files, &other.manifest.files);
    let is_same = differences.is_empty() && manifest.0 == manifest.1;
    if json {
        let told: Vec<Value> = differences.iter().map(facts).collect();
        printer.json(&json!({ "ok": is_same, "files": told, "manifest": manifest.0 == manifest.1 }));
        return Ok(code(is_same));
    }
    for line in lines(MANIFEST, &manifest.0, &manifest.1) {
        printer.text(&line);
    }
    for difference in &differences {
        match difference {
            Difference::Added(entry) => printer.text(&alone("added", entry)),
            Difference::Removed(entry) => printer.text(&alone("removed", entry)),
            Difference::Changed(before, after) => {
                let texts = (one.texts.remove(&before.path), other.texts.remove(&after.path));
                let (Some(left), Some(right)) = texts else {
                    let name = harmless(&before.path);
                    printer.text(&format!("changed  {name} ({} to {} bytes)", before.bytes, after.bytes));
                    continue;
                };
                for line in lines(&before.path, &left, &right) {
                    printer.text(&line);
                }
            }
        }
    }
    if is_same {
        printer.text("No difference.");
    }
    Ok(code(is_same))
}

fn alone(what: &str, entry: &Entry) -> String {
    format!("{what:8} {} ({} bytes)", harmless(&entry.path), entry.bytes)
}

fn code(is_same: bool) -> ExitCode {
    if is_same { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn read(file: &Path) -> Result<Read, ExpectedError> {
    let mut texts = BTreeMap::new();
    let mut kept = 0;
    let walked = walk(file, &Limits::default(), &mut |name, bytes, content| {
        let mut text = String::new();
        // What is no text is compared as a whole; what is broken ends the walk.
        if bytes <= LONGEST && kept + bytes <= MOST && content.read_to_string(&mut text).is_ok() {
            kept += bytes;
            texts.insert(name.to_owned(), text);
        }
        Ok(())
    });
    Ok(Read { manifest: walked.map_err(|error| failure(&error))?, texts })
}

/// What a manifest says, without its list of files, which is compared by itself, and without the moment.
fn about(manifest: &Manifest) -> String {
    let mut value = json!(manifest);
    if let Some(members) = value.as_object_mut() {
        members.shift_remove("files");
        members.shift_remove("created");
    }
    format!("{value:#}\n")
}

fn compare<'c>(one: &'c [Entry], other: &'c [Entry]) -> Vec<Difference<'c>> {
    let by_name = |entries: &'c [Entry]| -> BTreeMap<&'c str, &'c Entry> {
        entries.iter().map(|entry| (entry.path.as_str(), entry)).collect()
    };
    let (one, other) = (by_name(one), by_name(other));
    let mut names: Vec<&str> = one.keys().chain(other.keys()).copied().collect();
    names.sort_unstable();
    names.dedup();
    let difference = |name: &str| match (one.get(name), other.get(name)) {
        (Some(before), Some(after)) if before == after => None,
        (Some(before), Some(after)) => Some(Difference::Changed(before, after)),
        (Some(before), None) => Some(Difference::Removed(before)),
        (None, Some(after)) => Some(Difference::Added(after)),
        (None, None) => None,
    };
    names.into_iter().filter_map(difference).collect()
}

fn facts(difference: &Difference<'_>) -> Value {
    match difference {
        Difference::Added(entry) => json!({ "path": entry.path, "kind": "added", "bytes": entry.bytes }),
        Difference::Removed(entry) => json!({ "path": entry.path, "kind": "removed", "bytes": entry.bytes }),
        Difference::Changed(before, after) => {
            json!({ "path": before.path, "kind": "changed", "bytes": [before.bytes, after.bytes] })
        }
    }
}

/// A unified diff; nothing when there is no difference.
fn lines(name: &str, one: &str, other: &str) -> Vec<String> {
    if one == other {
        return Vec::new();
    }
    let name = harmless(name);
    let diff = TextDiff::from_lines(one, other);
    let text = diff.unified_diff().context_radius(CONTEXT).header(&name, &name).to_string();
    text.lines().map(harmless).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_compared_by_name() {
        let entry =
            |path: &str, sha256: &str| Entry { path: path.to_owned(), bytes: 1, sha256: sha256.to_owned() };
        let one = [entry("a", "1"), entry("b", "1"), entry("c", "1")];
        let other = [entry("c", "2"), entry("b", "1"), entry("d", "1")];
        assert_eq!(
            compare(&one, &other),
            [
                Difference::Removed(&one[0]),
                Difference::Changed(&one[2], &other[0]),
                Difference::Added(&other[2]),
            ]
        );
        assert_eq!(compare(&one, &one), []);
    }

    #[test]
    fn texts_are_compared_line_by_line() {
        assert_eq!(
            lines("a.txt", "one\ntwo\u{1b}\n", "one\nthree\n"),
            ["--- a.txt", "+++ a.txt", "@@ -1,2 +1,2 @@", " one", "-two ", "+three"]
        );
        assert_eq!(lines("a.txt", "one", "one"), [""; 0]);
    }
}
