//! Edits → the new text of the main file. Pure but for included files, which are read to see what comes of it.

use serde_json::{Map, Value};

use super::super::Outcome;
use super::super::edit::{ConfigPath, Edit, apply, is_blank, lookup, rewrite, same};
use super::super::load::{Document, tree};
use super::WriteError;
use crate::profile::EnvMap;

/// The text of the main file after `edits`.
///
/// Only the main file is changed, never one that it includes: others may include that too, another profile for one.
/// A value that stands there is refused with its place. Beside an `$include`, new keys may be set; when merging makes
/// something else of them, that is refused as well.
pub fn edited(document: &Document, edits: &[Edit], env: &EnvMap) -> Result<String, WriteError> {
    let snapshot = &document.snapshot;
    let raw = snapshot.raw.as_deref().unwrap_or_default();
    let mut main = match (tree(raw.strip_prefix('\u{feff}').unwrap_or(raw)), &snapshot.outcome) {
        (Some(root), _) => root.to_value(),
        // An empty file is a fresh start, though the gateway refuses it.
        (None, _) if is_blank(raw) => Value::Object(Map::new()),
        (None, Outcome::Invalid(issues)) => return Err(WriteError::Unreadable(issues.clone())),
        (None, _) => return Err(WriteError::Unreadable(Vec::new())),
    };
    let includes = snapshot.files.len() > 1;
    for edit in edits {
        // What is so already stays where it stands.
        if is_so(document, edit) {
            continue;
        }
        if includes && let Edit::Set { path, .. } | Edit::Unset { path } = edit {
            refuse_included(document, path)?;
        }
        apply(&mut main, edit)?;
    }
    let text = rewrite(raw, &main)?;
    if includes {
        check_merged(document, edits, &text, env)?;
    }
    Ok(text)
}

/// `text`, made to say `value` by changing as little of it as possible.
pub fn saying(text: &str, value: &Value) -> Result<String, WriteError> {
    Ok(rewrite(text, value)?)
}

/// Whether the document, with what it includes, says already what an edit would make it say.
fn is_so(document: &Document, edit: &Edit) -> bool {
    match edit {
        Edit::Set { path, value } => lookup(&document.written, path).is_some_and(|found| same(found, value)),
        Edit::Unset { .. } => false,
        Edit::Merge(_) => {
            let mut merged = document.written.clone();
            apply(&mut merged, edit).is_ok() && same(&merged, &document.written)
        }
    }
}

fn refuse_included(document: &Document, path: &ConfigPath) -> Result<(), WriteError> {
    match document.place(path) {
        Some(place) if place.file != document.snapshot.path => {
            Err(WriteError::Included { path: path.clone(), place: Box::new(place) })
        }
        _ => Ok(()),
    }
}

/// The merged document has to change like the main file.
fn check_merged(document: &Document, edits: &[Edit], text: &str, env: &EnvMap) -> Result<(), WriteError> {
    let mut wanted = document.written.clone();
    let applied = edits.iter().try_for_each(|edit| apply(&mut wanted, edit));
    let found = Document::of_text(&document.snapshot.path, text.to_owned(), env).written;
    if applied.is_ok() && same(&wanted, &found) {
        return Ok(());
    }
    Err(WriteError::Merged { files: document.snapshot.files.iter().skip(1).cloned().collect() })
}
