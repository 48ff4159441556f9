//! A session store as it is on disk, to be changed: everything that is not understood stays, in its order. Reading
//! and writing block.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::entry::Entry;
use super::key;
use super::store::STORE_LIMIT;
use crate::platform::{atomic, regular};
use crate::protocol::json;

/// Why a store was not changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error(
        "the session store {} is damaged ({problem}) and was left as it is; repair it or move it aside",
        path.display()
    )]
    Damaged { path: PathBuf, problem: String },
    #[error("failed to read the session store {}: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("failed to write the session store {}: {source}", path.display())]
    Write { path: PathBuf, source: io::Error },
}

/// The content of a store file.
#[derive(Debug)]
pub(crate) struct Document {
    path: PathBuf,
    /// The agent of keys that name none.
    agent: String,
    entries: Map<String, Value>,
    is_changed: bool,
}

// === impl StoreError ===

impl StoreError {
    /// What is wrong, for whoever names the file themselves.
    pub(crate) fn problem(&self) -> String {
        match self {
            Self::Damaged { problem, .. } => problem.clone(),
            Self::Read { source, .. } | Self::Write { source, .. } => source.to_string(),
        }
    }
}

// === impl Document ===

impl Document {
    /// Reads a store; one that does not exist is empty.
    pub(crate) fn read(path: &Path, agent: &str) -> Result<Self, StoreError> {
        let damaged = |problem: String| StoreError::Damaged { path: path.to_owned(), problem };
        let entries = match regular::read(path, STORE_LIMIT) {
            Ok(bytes) => match json::from_slice(&bytes) {
                Ok(Value::Object(entries)) => entries,
                Ok(_) => return Err(damaged("not a JSON object".to_owned())),
                Err(error) => return Err(damaged(error.to_string())),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Map::new(),
            Err(source) => return Err(StoreError::Read { path: path.to_owned(), source }),
        };
        Ok(Self { path: path.to_owned(), agent: agent.to_owned(), entries, is_changed: false })
    }

    /// Writes it in the published format, if it was changed; says whether it was.
    pub(super) fn write(&self) -> Result<bool, StoreError> {
        if !self.is_changed {
            return Ok(false);
        }
        let write = || {
            if let Some(directory) = self.path.parent() {
                atomic::private_directory(directory)?;
            }
            let text = serde_json::to_string_pretty(&self.entries)?;
            atomic::replace(&self.path, text.as_bytes())
        };
        write().map_err(|source| StoreError::Write { path: self.path.clone(), source })?;
        Ok(true)
    }

    /// Its file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The entry of a canonical key. Of several spellings, the one used last.
    pub(crate) fn get(&self, key: &str) -> Option<&Map<String, Value>> {
        let spelled = self.entries.iter().filter(|(spelling, _)| self.is(spelling, key));
        spelled.filter_map(|(_, entry)| entry.as_object()).max_by(|one, other| {
            let used =
                |entry: &Map<String, Value>| entry.get("updatedAt").and_then(Value::as_f64).unwrap_or(0.0);
            // Of two that are equally old, the canonical spelling would be as good as the other.
            used(one).total_cmp(&used(other))
        })
    }

    /// What lists and paths need of an entry.
    pub(crate) fn entry(&self, key: &str) -> Option<Entry> {
        Entry::read(key, &self.agent, &Value::Object(self.get(key)?.clone()))
    }

    /// Puts an entry under its canonical key, and takes it away from under other spellings.
    pub(crate) fn put(&mut self, key: &str, entry: Map<String, Value>) {
        let agent = &self.agent;
        self.entries.retain(|spelling, _| spelling == key || key::in_store(spelling, agent) != key);
        self.entries.insert(key.to_owned(), entry.into());
        self.is_changed = true;
    }

    /// Removes a session; says whether it was there.
    pub(crate) fn remove(&mut self, key: &str) -> bool {
        let (before, agent) = (self.entries.len(), &self.agent);
        self.entries.retain(|spelling, _| key::in_store(spelling, agent) != key);
        let is_removed = self.entries.len() < before;
        self.is_changed |= is_removed;
        is_removed
    }

    /// Whether a session other than `key` has this text as member `name`.
    pub(crate) fn is_taken(&self, key: &str, name: &str, text: &str) -> bool {
        let mut others = self.entries.iter().filter(|(spelling, _)| !self.is(spelling, key));
        others.any(|(_, entry)| entry[name].as_str().is_some_and(|found| found.trim() == text))
    }

    fn is(&self, spelling: &str, key: &str) -> bool {
        spelling == key || key::in_store(spelling, &self.agent) == key
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const STORE: &str = r#"{
  "main": {
    "sessionId": "old",
    "updatedAt": 1
  },
  "x-unknown": 5,
  "agent:dev:main": {
    "sessionId": "new",
    "updatedAt": 2.5,
    "zzz": {
      "b": 1,
      "a": []
    }
  },
  "other": {
    "label": " Work "
  }
}"#;

    fn store() -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("new/sessions.json");
        fs::create_dir(path.parent().unwrap()).unwrap();
        fs::write(&path, STORE).unwrap();
        (directory, path)
    }

    #[test]
    fn what_is_not_changed_is_written_as_it_was_read() {
        let (_directory, path) = store();
        let mut document = Document::read(&path, "dev").unwrap();
        assert!(!document.write().unwrap());
        let mut entry = document.get("agent:dev:main").unwrap().clone();
        assert_eq!(entry["sessionId"], "new");
        entry.insert("label".to_owned(), "L".into());
        document.put("agent:dev:main", entry);
        assert!(document.write().unwrap());
        let expect = STORE
            .replace("  \"main\": {\n    \"sessionId\": \"old\",\n    \"updatedAt\": 1\n  },\n", "")
            .replace("      \"a\": []\n    }\n", "      \"a\": []\n    },\n    \"label\": \"L\"\n");
        assert_eq!(fs::read_to_string(&path).unwrap(), expect);
    }

    #[test]
    fn sessions_go_with_all_their_spellings() {
        let (_directory, path) = store();
        let mut document = Document::read(&path, "dev").unwrap();
        assert!(document.is_taken("agent:dev:main", "label", "Work"));
        assert!(!document.is_taken("agent:dev:other", "label", "Work"));
        assert!(document.remove("agent:dev:main") && !document.remove("agent:dev:main"));
        assert!(document.get("agent:dev:other").is_some());
        document.write().unwrap();
        let left: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        assert_eq!(left, serde_json::json!({ "x-unknown": 5, "other": { "label": " Work " } }));
    }

    #[test]
    fn numbers_that_nobody_changes_keep_their_last_digit() {
        let (_directory, path) = store();
        let text = "{\n  \"main\": {\n    \"zzz\": 8.533e+68,\n    \"cost\": 9.9538452227e-280\n  }\n}";
        fs::write(&path, text).unwrap();
        let mut document = Document::read(&path, "dev").unwrap();
        document.put("agent:dev:x", Map::new());
        assert!(document.remove("agent:dev:x"));
        document.write().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }

    #[test]
    fn half_a_character_does_not_make_a_store_unreadable() {
        let (_directory, path) = store();
        fs::write(&path, r#"{ "main": { "label": "cut \ud83d", "zzz": "\ud83d\ude00" } }"#).unwrap();
        let mut document = Document::read(&path, "dev").unwrap();
        document.put("agent:dev:x", Map::new());
        document.write().unwrap();
        let left: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        assert_eq!(left["main"], serde_json::json!({ "label": "cut \u{fffd}", "zzz": "😀" }));
    }

    #[test]
    fn a_damaged_store_is_refused_by_name_and_a_missing_one_is_made() {
        let (directory, path) = store();
        for damage in ["{ half", "[]", ""] {
            fs::write(&path, damage).unwrap();
            let error = Document::read(&path, "dev").unwrap_err().to_string();
            assert!(error.contains(&*path.to_string_lossy()) && error.contains("left as it is"), "{error}");
        }
        let fresh = directory.path().join("a/b/sessions.json");
        let mut document = Document::read(&fresh, "dev").unwrap();
        document.put("agent:dev:x", Map::new());
        document.write().unwrap();
        assert_eq!(fs::read_to_string(&fresh).unwrap(), "{\n  \"agent:dev:x\": {}\n}");
    }
}
