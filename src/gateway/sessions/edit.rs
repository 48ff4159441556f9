//! Changing a store: read, changed, and written while nobody else of this process changes it. Other gateways are
//! kept out by the lock of the state directory. Blocks.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use super::document::{Document, StoreError};
use super::store::Stores;

/// One lock for each store that was ever changed. It belongs to the process and not to a [`Stores`], of which a
/// reload of the configuration makes another one while changes of the old one may be under way.
static WRITERS: LazyLock<Mutex<BTreeMap<PathBuf, Arc<Mutex<()>>>>> = LazyLock::new(Mutex::default);

impl Stores {
    /// Lets `work` change the store of an agent. The file is read before, whatever is known of it, and written
    /// after if `work` changed something and did not fail.
    pub(crate) fn edit<T, E: From<StoreError>>(
        &self,
        agent: &str,
        work: impl FnOnce(&mut Document) -> Result<T, E>,
    ) -> Result<T, E> {
        let path = self.path(agent);
        let writer = writer(&path);
        let _writing = writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut document = Document::read(&path, agent)?;
        let result = work(&mut document)?;
        if document.write()? {
            self.forget(&path);
        }
        Ok(result)
    }
}

fn writer(path: &Path) -> Arc<Mutex<()>> {
    let mut writers = WRITERS.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(writers.entry(path.to_owned()).or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;

    #[test]
    fn changes_of_many_threads_are_all_there() {
        let state = tempfile::tempdir().unwrap();
        let put = |number: usize| {
            // As after a reload: stores of their own.
            let stores = Stores::new(state.path(), None, Path::new("/home/you"));
            stores.edit("dev", |document| {
                document.put(&format!("agent:dev:{number}"), Map::new());
                Ok::<_, StoreError>(())
            })
        };
        std::thread::scope(|scope| {
            for number in 0..8 {
                scope.spawn(move || put(number).unwrap());
            }
        });
        let stores = Stores::new(state.path(), None, Path::new("/home/you"));
        assert_eq!(stores.read("dev").entries.len(), 8);
    }

    #[test]
    fn a_change_is_seen_at_once_and_a_failed_one_never() {
        let state = tempfile::tempdir().unwrap();
        let stores = Stores::new(state.path(), None, Path::new("/home/you"));
        let failed: Result<(), StoreError> = stores.edit("dev", |document| {
            document.put("agent:dev:x", Map::new());
            Err(StoreError::Damaged { path: document.path().to_owned(), problem: "test".to_owned() })
        });
        assert!(failed.is_err() && stores.read("dev").entries.is_empty());
        for count in 1..4 {
            let key = format!("agent:dev:{count}");
            let put = |document: &mut Document| {
                document.put(&key, Map::new());
                Ok::<_, StoreError>(())
            };
            stores.edit("dev", put).unwrap();
            assert_eq!(stores.read("dev").entries.len(), count);
        }
    }
}
