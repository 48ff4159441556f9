//! Where the session stores are, and reading them for lists. Blocks; a store that has not changed is not read
//! again. What cannot be read counts as empty here, and is never written over (`document.rs`).

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use super::entry::Entry;
use super::transcript;
use crate::gateway::agents::{Roster, expand_home, normalize_id};
use crate::platform::regular;
use crate::platform::stamp::{self, Stamp};
use crate::protocol::json;

/// The largest store that is read, in bytes.
pub(super) const STORE_LIMIT: u64 = 1 << 30;

/// The content of one store.
#[derive(Debug, Clone, Default)]
pub(crate) struct Store {
    /// Its file, which need not exist.
    pub(crate) path: PathBuf,
    /// Its sessions, last used first.
    pub(crate) entries: Vec<Entry>,
}

/// All stores.
#[derive(Debug)]
pub(crate) struct Stores {
    state_dir: PathBuf,
    /// `session.store`, home expanded; may contain `{agentId}`.
    template: Option<PathBuf>,
    cache: Mutex<BTreeMap<PathBuf, (Stamp, Arc<Store>)>>,
}

// === impl Store ===

impl Store {
    /// The session of a canonical key.
    pub(crate) fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// The transcript of one of its sessions; `None` when the session has none, or its id is no file name.
    pub(crate) fn transcript(&self, entry: &Entry) -> Option<PathBuf> {
        transcript::path(&self.path, entry)
    }
}

// === impl Stores ===

impl Stores {
    /// The stores below `state_dir`, or where `session.store` says.
    pub(crate) fn new(state_dir: &Path, template: Option<&str>, home: &Path) -> Self {
        let template = template.map(str::trim).filter(|template| !template.is_empty());
        Self {
            state_dir: state_dir.to_owned(),
            template: template.map(|template| expand_home(template, home)),
            cache: Mutex::default(),
        }
    }

    /// The store file of an agent.
    pub(crate) fn path(&self, agent: &str) -> PathBuf {
        match &self.template {
            Some(template) => template.to_string_lossy().replace("{agentId}", agent).into(),
            None => self.agents_dir().join(agent).join("sessions").join("sessions.json"),
        }
    }

    /// The agents that have sessions or may have: those of the configuration, or, when it lists none, the
    /// default agent and every agent with a directory. Blocks.
    pub(crate) fn agents(&self, roster: &Roster) -> Vec<String> {
        let mut ids: Vec<String> = roster.agents().iter().map(|agent| agent.id.clone()).collect();
        if !roster.is_listed {
            let directories = std::fs::read_dir(self.agents_dir()).into_iter().flatten().flatten();
            let mut found: Vec<String> = directories
                .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
                .filter_map(|entry| entry.file_name().into_string().ok())
                .filter(|name| normalize_id(name) == *name && !ids.contains(name))
                .collect();
            found.sort();
            ids.append(&mut found);
        }
        ids
    }

    /// Reads an agent's store; one that is missing or cannot be read is empty. Blocks.
    pub(crate) fn read(&self, agent: &str) -> Arc<Store> {
        let path = self.path(agent);
        let Some(stamp) = stamp::of(&path) else {
            return Arc::new(Store { path, entries: Vec::new() });
        };
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, store)) = cache.get(&path)
            && *known == stamp
        {
            return Arc::clone(store);
        }
        let store = Arc::new(Store { entries: read_entries(&path, agent), path: path.clone() });
        cache.insert(path, (stamp, Arc::clone(&store)));
        store
    }

    /// Has a store read again, whatever its stamp says.
    pub(super) fn forget(&self, path: &Path) {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner).remove(path);
    }

    fn agents_dir(&self) -> PathBuf {
        self.state_dir.join("agents")
    }
}

fn read_entries(path: &Path, agent: &str) -> Vec<Entry> {
    let read = regular::read(path, STORE_LIMIT).map_err(|error| error.to_string());
    let parsed = read.and_then(|bytes| json::from_slice(&bytes).map_err(|error| error.to_string()));
    match parsed {
        Ok(Value::Object(object)) => {
            let read = |(key, value): (&String, &Value)| Entry::read(key, agent, value);
            let mut entries: Vec<Entry> = object.iter().filter_map(read).collect();
            entries.sort_by_key(|entry| std::cmp::Reverse(entry.updated_at));
            // A session may be there under several spellings of its key; the one used last is it.
            let mut seen = HashSet::new();
            let is_first: Vec<bool> = entries.iter().map(|entry| seen.insert(entry.key.as_str())).collect();
            let mut is_first = is_first.into_iter();
            entries.retain(|_| is_first.next().unwrap_or(true));
            entries
        }
        Ok(_) => {
            tracing::warn!(path = %path.display(), "session store is not an object");
            Vec::new()
        }
        Err(error) => {
            tracing::warn!(path = %path.display(), error, "session store cannot be read");
            Vec::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::config::schema::Config;

    #[test]
    fn sessions_are_read_newest_first_and_again_when_the_file_changes() {
        let state = tempfile::tempdir().unwrap();
        let stores = Stores::new(state.path(), None, Path::new("/home/you"));
        assert!(stores.read("dev").entries.is_empty());
        let path = stores.path("dev");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(
            &path,
            r#"{"main":{"updatedAt":1},"other":{"updatedAt":2},"none":{},"agent:Dev:main":{"updatedAt":0}}"#,
        )
        .unwrap();
        let keys = |store: &Store| store.entries.iter().map(|entry| entry.key.clone()).collect::<Vec<_>>();
        let first = stores.read("dev");
        assert_eq!(keys(&first), ["agent:dev:other", "agent:dev:main", "agent:dev:none"]);
        assert!(Arc::ptr_eq(&first, &stores.read("dev")));
        assert_eq!(first.get("agent:dev:main").unwrap().updated_at, Some(1));
        fs::write(&path, r#"{"main":{"updatedAt":1}}"#).unwrap();
        assert_eq!(keys(&stores.read("dev")), ["agent:dev:main"]);
        fs::write(&path, "{ half").unwrap();
        assert!(stores.read("dev").entries.is_empty());
    }

    #[test]
    fn agents_come_from_the_configuration_or_from_the_disk() {
        let state = tempfile::tempdir().unwrap();
        fs::create_dir_all(state.path().join("agents/extra/sessions")).unwrap();
        let stores = Stores::new(state.path(), Some("~/s/{agentId}.json"), Path::new("/home/you"));
        assert_eq!(stores.path("dev"), Path::new("/home/you/s/dev.json"));
        let config: Config = serde_json::from_str(r#"{"agents":{"list":[{"id":"dev"}]}}"#).unwrap();
        assert_eq!(stores.agents(&Roster::of(&config)), ["dev"]);
        assert_eq!(stores.agents(&Roster::of(&Config::default())), ["main", "extra"]);
    }
}
