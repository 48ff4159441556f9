//! Keys that stand where they do not count, and the text of the configuration with them where they do.

use serde_json::Value;

use crate::config::edit::{ConfigPath, Edit, count_comments, lookup};
use crate::config::write::{WriteError, edited};
use crate::config::{Document, misplaced_keys};
use crate::profile::EnvMap;

/// The keys that can be moved: nothing stands in the right place yet.
pub(super) fn find(written: &Value) -> Vec<(ConfigPath, ConfigPath)> {
    let found = misplaced_keys(written).into_iter();
    found.filter(|(_, to)| lookup(written, to).is_none()).collect()
}

/// The text with the keys moved. Refused when a comment would be lost.
pub(super) fn perform(
    document: &Document,
    moves: &[(ConfigPath, ConfigPath)],
    env: &EnvMap,
) -> Result<String, WriteError> {
    let mut edits = Vec::new();
    for (from, to) in moves {
        let value = lookup(&document.written, from).cloned().unwrap_or_default();
        edits.push(Edit::Set { path: to.clone(), value });
        edits.push(Edit::Unset { path: from.clone() });
    }
    let text = edited(document, &edits, env)?;
    let before = document.snapshot.raw.as_deref().map_or(0, count_comments);
    if count_comments(&text) == before {
        Ok(text)
    } else {
        Err(WriteError::Refused("a comment would be lost".to_owned()))
    }
}
