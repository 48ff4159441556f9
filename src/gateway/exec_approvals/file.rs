//! The file on disk. Reading and writing block.
//!
//! The published program keeps it in `~/.clawdbot` whatever the profile; here every profile has its own.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::rules;
use crate::config;
use crate::gateway::state_file;
use crate::platform::regular;
use crate::protocol::json;

/// The largest file that is read, in bytes.
const SIZE_LIMIT: u64 = 256 << 20;

/// Why the file was not read or replaced.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApprovalsError {
    /// It cannot be read.
    #[error("failed to read {path}: {problem}; mend it or move it away")]
    Unusable { path: String, problem: String },
    /// It cannot be written.
    #[error("failed to write {path}: {source}")]
    Write { path: String, source: io::Error },
    /// There is a file, and the client did not say which one it knows.
    #[error("exec approvals base hash required; re-run exec.approvals.get and retry")]
    NoHash,
    /// The client knows another one.
    #[error("exec approvals changed since last load; re-run exec.approvals.get and retry")]
    Changed,
}

// === impl ApprovalsError ===

impl ApprovalsError {
    /// What is wrong, for whoever names the file themselves.
    pub(crate) fn problem(&self) -> String {
        match self {
            Self::Unusable { problem, .. } => problem.clone(),
            error => error.to_string(),
        }
    }
}

/// Where it is kept.
pub(crate) fn path(state_dir: &Path) -> PathBuf {
    state_dir.join("exec-approvals.json")
}

/// The file as clients see it.
pub(crate) fn get(path: &Path) -> Result<Value, ApprovalsError> {
    let text = text(path)?;
    let file = match &text {
        Some(text) => parse(path, text)?,
        None => json!({ "version": 1 }),
    };
    Ok(answer(path, text.as_deref(), &file))
}

/// Replaces the file. A client takes nothing away that it was not shown, and a file that cannot be used is left
/// alone.
pub(crate) fn set(path: &Path, file: Value, base_hash: Option<&str>) -> Result<Value, ApprovalsError> {
    let mut old = Value::Null;
    if let Some(text) = text(path)? {
        let base = base_hash.ok_or(ApprovalsError::NoHash)?;
        if base != config::hash(&text) {
            return Err(ApprovalsError::Changed);
        }
        old = parse(path, &text)?;
    }
    let file = rules::complete(file, &old, || uuid::Uuid::new_v4().to_string());
    let written = state_file::write(path, &file);
    written.map_err(|source| ApprovalsError::Write { path: path.display().to_string(), source })?;
    Ok(answer(path, text(path)?.as_deref(), &file))
}

fn text(path: &Path) -> Result<Option<String>, ApprovalsError> {
    match regular::read_text(path, SIZE_LIMIT) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unusable(path, error.to_string())),
    }
}

fn parse(path: &Path, text: &str) -> Result<Value, ApprovalsError> {
    let file = json::from_str(text).map_err(|error| unusable(path, error.to_string()))?;
    match rules::problem(&file) {
        Some(problem) => Err(unusable(path, problem)),
        None => Ok(file),
    }
}

fn unusable(path: &Path, problem: String) -> ApprovalsError {
    ApprovalsError::Unusable { path: path.display().to_string(), problem }
}

fn answer(path: &Path, text: Option<&str>, file: &Value) -> Value {
    let hash = config::hash(text.unwrap_or_default());
    json!({ "path": path, "exists": text.is_some(), "hash": hash, "file": rules::shown(file) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_who_knows_another_file_replaces_nothing() {
        let state = tempfile::tempdir().unwrap();
        let path = path(state.path());
        let none = get(&path).unwrap();
        assert_eq!((&none["exists"], &none["hash"]), (&json!(false), &json!(config::hash(""))));
        assert!(!path.exists(), "reading writes nothing");
        let first = json!({ "version": 1, "socket": { "path": "/s", "token": "secret" } });
        let first = set(&path, first, None).unwrap();
        assert_eq!(first["file"]["socket"], json!({ "path": "/s" }));
        assert_eq!(get(&path).unwrap(), first);
        let hash = first["hash"].as_str().unwrap();
        let file = || json!({ "version": 1, "defaults": { "ask": "always" } });
        assert!(matches!(set(&path, file(), None), Err(ApprovalsError::NoHash)));
        assert!(matches!(set(&path, file(), Some("other")), Err(ApprovalsError::Changed)));
        set(&path, file(), Some(hash)).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains("\"secret\"") && text.contains("always"), "{text}");
        assert!(matches!(set(&path, file(), Some(hash)), Err(ApprovalsError::Changed)));
    }

    #[test]
    fn a_file_that_cannot_be_used_is_refused_and_stays() {
        let state = tempfile::tempdir().unwrap();
        let path = path(state.path());
        for bad in ["{ half", "[]", "{\"version\":2}"] {
            std::fs::write(&path, bad).unwrap();
            let hash = config::hash(bad);
            for refused in [get(&path), set(&path, json!({ "version": 1 }), Some(&hash))] {
                let error = refused.unwrap_err().to_string();
                assert!(
                    error.contains("exec-approvals.json") && error.ends_with("mend it or move it away"),
                    "{error}"
                );
            }
            assert_eq!(std::fs::read_to_string(&path).unwrap(), bad);
        }
    }
}
