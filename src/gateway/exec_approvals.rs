//! Which commands agents may run without asking: `<STATE>/exec-approvals.json` (`wire-protocol` D.8). Reading and
//! writing block.
//!
//! The published program keeps the file in `~/.clawdbot` whatever the profile; here every profile has its own.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::state_file;
use crate::config;

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

/// Where it is kept.
pub(crate) fn path(state_dir: &Path) -> PathBuf {
    state_dir.join("exec-approvals.json")
}

/// The file as clients see it: without the token of the socket.
pub(crate) fn get(path: &Path) -> Result<Value, ApprovalsError> {
    let text = text(path)?;
    let file = match &text {
        Some(text) => parse(path, text)?,
        None => json!({ "version": 1 }),
    };
    Ok(shown(path, text.as_deref(), file))
}

/// Replaces the file. A client that was shown no token does not take it away.
pub(crate) fn set(path: &Path, file: Value, base_hash: Option<&str>) -> Result<Value, ApprovalsError> {
    let old = text(path)?;
    if let Some(old) = &old {
        let known = base_hash.ok_or(ApprovalsError::NoHash)?;
        if known != config::hash(old) {
            return Err(ApprovalsError::Changed);
        }
    }
    let old_file = old.as_deref().and_then(|old| serde_json::from_str(old).ok()).unwrap_or(Value::Null);
    let file = complete(file, &old_file, || uuid::Uuid::new_v4().to_string());
    let written = state_file::write(path, &file);
    written.map_err(|source| ApprovalsError::Write { path: path.display().to_string(), source })?;
    let text = text(path)?;
    Ok(shown(path, text.as_deref(), file))
}

fn text(path: &Path) -> Result<Option<String>, ApprovalsError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            Err(ApprovalsError::Unusable { path: path.display().to_string(), problem: error.to_string() })
        }
    }
}

fn parse(path: &Path, text: &str) -> Result<Value, ApprovalsError> {
    let unusable = |problem| ApprovalsError::Unusable { path: path.display().to_string(), problem };
    match serde_json::from_str(text) {
        Ok(file @ Value::Object(_)) => Ok(file),
        Ok(_) => Err(unusable("not a JSON object".to_owned())),
        Err(error) => Err(unusable(error.to_string())),
    }
}

fn shown(path: &Path, text: Option<&str>, mut file: Value) -> Value {
    if let Some(socket) = file["socket"].as_object_mut() {
        socket.remove("token");
    }
    for name in ["defaults", "agents"] {
        if !file[name].is_object() {
            file[name] = json!({});
        }
    }
    let hash = config::hash(text.unwrap_or_default());
    json!({ "path": path, "exists": text.is_some(), "hash": hash, "file": file })
}

/// What a client sent, as it is kept: the old token, an id for every entry of an allow list, and the agent `main`
/// under that name.
fn complete(mut file: Value, old: &Value, mut fresh_id: impl FnMut() -> String) -> Value {
    for name in ["defaults", "agents"] {
        if !file[name].is_object() {
            file[name] = json!({});
        }
    }
    let socket = old["socket"].as_object();
    if let Some(socket) = socket {
        if !file["socket"].is_object() {
            file["socket"] = json!({});
        }
        for (name, value) in socket {
            if file["socket"][name].is_null() {
                file["socket"][name] = value.clone();
            }
        }
    }
    if let Some(agents) = file["agents"].as_object_mut() {
        if let Some(usual) = agents.shift_remove("default") {
            let main = agents.entry("main").or_insert_with(|| json!({}));
            adopt(main, usual);
        }
        for entry in agents.values_mut().filter_map(|agent| agent["allowlist"].as_array_mut()).flatten() {
            if entry["id"].is_null() {
                entry["id"] = fresh_id().into();
            }
        }
    }
    file
}

/// Fills in what `agent` does not say itself.
fn adopt(agent: &mut Value, usual: Value) {
    let usual: Map<String, Value> = match usual {
        Value::Object(usual) => usual,
        _ => return,
    };
    for (name, value) in usual {
        if agent[&name].is_null() {
            agent[&name] = value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_completed() {
        let sent = json!({ "version": 1, "agents": {
            "default": { "ask": "off", "allowlist": [{ "pattern": "ls" }, { "id": "a", "pattern": "cat" }] },
            "main": { "security": "full" },
        } });
        let old = json!({ "version": 1, "socket": { "path": "/s", "token": "t" } });
        let mut ids = ["1", "2"].into_iter();
        let kept = complete(sent, &old, || ids.next().unwrap().to_owned());
        let expect = json!({ "version": 1, "defaults": {}, "socket": { "path": "/s", "token": "t" }, "agents": {
            "main": { "security": "full", "ask": "off",
                "allowlist": [{ "pattern": "ls", "id": "1" }, { "id": "a", "pattern": "cat" }] },
        } });
        assert_eq!(kept, expect);
    }

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
    fn a_file_that_cannot_be_read_is_refused_and_stays() {
        let state = tempfile::tempdir().unwrap();
        let path = path(state.path());
        std::fs::write(&path, "{ half").unwrap();
        let error = get(&path).unwrap_err().to_string();
        assert!(
            error.contains("exec-approvals.json") && error.ends_with("mend it or move it away"),
            "{error}"
        );
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "{ half");
    }
}
