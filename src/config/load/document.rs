//! One reading of the configuration: file → text → tree → includes → variables → validation → snapshot.

use std::fmt::Write;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::super::dotted::Dotted;
use super::super::edit::ConfigPath;
use super::super::problem::Problem;
use super::super::tree::{Content, Node, Span};
use super::super::{Config, ConfigSnapshot, Issue, Outcome, Place, validate};
use super::file::{ReadFault, read};
use super::include::{Reading, expand};
use super::json5::parse;
use super::source::Sources;
use super::substitute::substitute;
use crate::profile::EnvMap;

/// Reads the configuration at `path`, which is absolute, and everything that it includes.
///
/// Never fails: what is wrong is in the snapshot, all of it at once. Only a file that is not there is `Missing`; a
/// file that cannot be read, or is empty, is `Invalid`.
pub fn load(path: &Path, env: &EnvMap) -> ConfigSnapshot {
    load_into(path, env, None)
}

/// The same, and the document with its includes as they are written, before substitution: what came from a
/// variable can be told by it.
pub(crate) fn load_with_references(path: &Path, env: &EnvMap) -> (ConfigSnapshot, Value) {
    let document = Document::load(path, env);
    (document.snapshot, document.written)
}

/// One reading, and what tells where everything in it came from.
#[derive(Debug)]
pub struct Document {
    /// What was found.
    pub snapshot: ConfigSnapshot,
    /// The document with its includes as they are written, before substitution.
    pub written: Value,
    origin: Origin,
}

/// Where the values of a document stand.
#[derive(Debug, Default)]
struct Origin {
    written: Value,
    root: Option<Node>,
    sources: Sources,
}

impl Document {
    /// Reads the configuration at `path`, like [`load`].
    pub fn load(path: &Path, env: &EnvMap) -> Self {
        let mut origin = Origin::default();
        let snapshot = load_into(path, env, Some(&mut origin));
        Self::new(snapshot, origin)
    }

    /// What would be read if the file at `path` had this text.
    pub fn of_text(path: &Path, text: String, env: &EnvMap) -> Self {
        let mut origin = Origin::default();
        let reading = Reading { files: vec![path.to_owned()], ..Reading::default() };
        let snapshot = read_text(path, text, env, reading, Some(&mut origin));
        Self::new(snapshot, origin)
    }

    fn new(snapshot: ConfigSnapshot, mut origin: Origin) -> Self {
        Self { snapshot, written: std::mem::take(&mut origin.written), origin }
    }

    /// Where the value at `path` stands: in the main file, or in one that it includes.
    pub fn place(&self, path: &ConfigPath) -> Option<Place> {
        let root = self.origin.root.as_ref()?;
        let node = path.segments().iter().try_fold(root, |node, segment| match &node.content {
            Content::Object(members) => {
                segment.as_key().and_then(|key| members.get(key)).map(|member| &member.value)
            }
            Content::List(items) => items.get(segment.as_index()?),
            _ => None,
        })?;
        self.origin.sources.place(node.span)
    }
}

fn load_into(path: &Path, env: &EnvMap, origin: Option<&mut Origin>) -> ConfigSnapshot {
    let mut reading = Reading { files: vec![path.to_owned()], ..Reading::default() };
    match read(path) {
        Ok(raw) => read_text(path, raw, env, reading, origin),
        Err(ReadFault::Missing) => unread(path, reading, Outcome::Missing),
        Err(fault) => {
            let issue = unreadable(path, fault, &mut reading);
            unread(path, reading, Outcome::Invalid(vec![issue]))
        }
    }
}

fn read_text(
    path: &Path,
    raw: String,
    env: &EnvMap,
    mut reading: Reading,
    origin: Option<&mut Origin>,
) -> ConfigSnapshot {
    let text = raw.strip_prefix('\u{feff}').unwrap_or(&raw);
    let file = reading.sources.add(path.to_owned(), text.to_owned());
    let parsed = match parse(text, file, &Dotted::default(), &mut reading.problems) {
        Ok(parsed) => parsed,
        Err(fault) => {
            reading.problems.push(Problem {
                path: String::new(),
                message: fault.message,
                suggestion: fault.cause,
                span: Some(fault.span),
            });
            let issues = reading.sources.locate(reading.problems);
            return ConfigSnapshot {
                path: path.to_owned(),
                hash: hash(&raw),
                raw: Some(raw),
                files: reading.files,
                parsed: Value::Null,
                resolved: empty(),
                outcome: Outcome::Invalid(issues),
                warnings: Vec::new(),
            };
        }
    };

    let rewritten = parsed.has_include || parsed.has_reference;
    let before = rewritten.then(|| parsed.root.to_value());
    let mut root = parsed.root;
    if parsed.has_include {
        root = expand(&mut reading, path, root);
    }
    let written = origin.is_some().then(|| (root.to_value(), root.clone()));
    if rewritten {
        substitute(&mut root, env, &mut reading.problems);
    }
    let findings = validate::validate(&root);
    reading.problems.extend(findings.problems);
    let place = root.span.head();
    let resolved = root.into_value();
    if reading.problems.is_empty() {
        reading.problems.extend(untypable(&resolved, place));
    }
    let issues = reading.sources.locate(reading.problems);
    let warnings = reading.sources.locate(findings.warnings);
    if let (Some(origin), Some((written, root))) = (origin, written) {
        *origin = Origin { written, root: Some(root), sources: reading.sources };
    }
    ConfigSnapshot {
        path: path.to_owned(),
        hash: hash(&raw),
        raw: Some(raw),
        files: reading.files,
        parsed: before.unwrap_or_else(|| resolved.clone()),
        resolved,
        outcome: if issues.is_empty() { Outcome::Valid } else { Outcome::Invalid(issues) },
        warnings,
    }
}

fn unread(path: &Path, reading: Reading, outcome: Outcome) -> ConfigSnapshot {
    ConfigSnapshot {
        path: path.to_owned(),
        raw: None,
        hash: hash(""),
        files: reading.files,
        parsed: empty(),
        resolved: empty(),
        outcome,
        warnings: Vec::new(),
    }
}

fn unreadable(path: &Path, fault: ReadFault, reading: &mut Reading) -> Issue {
    let message = format!("Cannot read {}: {fault}", path.display());
    let ReadFault::NotUtf8 { lossy, offset } = fault else {
        let suggestion = match fault {
            ReadFault::Io(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                Some("make the file and its directory readable for you".to_owned())
            }
            _ => None,
        };
        return Issue { path: String::new(), message, suggestion, place: None };
    };
    let file = reading.sources.add(path.to_owned(), lossy);
    let span = Span { file, start: offset, end: offset + '\u{fffd}'.len_utf8() };
    let suggestion = Some("save the file as UTF-8".to_owned());
    let problem = Problem { path: String::new(), message, suggestion, span: Some(span) };
    let fallback = Issue { path: String::new(), message: String::new(), suggestion: None, place: None };
    reading.sources.locate(vec![problem]).pop().unwrap_or(fallback)
}

/// A last line of defence: a document that passes validation and does not fit the typed sections would silently lose
/// its settings in `Config::from_resolved`.
fn untypable(resolved: &Value, place: Span) -> Option<Problem> {
    Config::deserialize(resolved).err()?;
    // The error itself may quote a secret.
    let message = "Invalid input: the configuration does not fit this program's types".to_owned();
    Some(Problem { path: String::new(), message, suggestion: None, span: Some(place) })
}

fn empty() -> Value {
    Value::Object(Map::new())
}

/// SHA-256 of a text in hexadecimal, by which clients tell whether a file has changed.
pub fn hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a text cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests;
