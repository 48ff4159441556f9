//! Being told that something has changed in a directory, without looking.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher};

use super::fs::{Identity, identity, silent_file_system};

/// Watches directories that may come and go. What has changed is not said; that is seen by looking.
pub struct Stirring {
    watcher: Option<RecommendedWatcher>,
    directories: Vec<PathBuf>,
    /// What is watched: a directory, or while it is missing the nearest one above it that is there.
    watched: BTreeMap<PathBuf, Identity>,
    tell: Arc<dyn Fn() + Send + Sync>,
}

impl Stirring {
    /// Starts. `tell` is called from another thread, and must not wait.
    pub fn watch(
        directories: impl IntoIterator<Item = PathBuf>,
        tell: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        let tell: Arc<dyn Fn() + Send + Sync> = Arc::new(tell);
        let told = Arc::clone(&tell);
        let receive = move |event: notify::Result<notify::Event>| {
            if event.map_or(true, |event| is_change(event.kind)) {
                told();
            }
        };
        let watcher = RecommendedWatcher::new(receive, notify::Config::default()).ok();
        // The one above tells when it is moved away.
        let with_parent = |directory: PathBuf| [directory.parent().map(Path::to_owned), Some(directory)];
        let mut directories: Vec<PathBuf> = directories.into_iter().flat_map(with_parent).flatten().collect();
        directories.sort();
        directories.dedup();
        let mut stirring = Self { watcher, directories, watched: BTreeMap::new(), tell };
        stirring.renew();
        stirring
    }

    /// Watches what has come since, and tells when that is something new. Whether every change is announced; where it is
    /// not, one has to look from time to time. Called after each look.
    pub fn renew(&mut self) -> bool {
        let Some(watcher) = &mut self.watcher else { return false };
        let mut is_complete = true;
        let mut now = BTreeMap::new();
        for directory in &self.directories {
            let Some((place, identity)) = nearest(directory) else {
                is_complete = false;
                continue;
            };
            let is_known = self.watched.get(&place) == Some(&identity) || now.contains_key(&place);
            if !is_known && watcher.watch(&place, RecursiveMode::NonRecursive).is_err() {
                is_complete = false;
                continue;
            }
            is_complete &= silent_file_system(&place).is_none();
            now.insert(place, identity);
        }
        for gone in self.watched.keys().filter(|place| !now.contains_key(*place)) {
            // A directory that is gone has taken its watch with it.
            let _ = watcher.unwatch(gone);
        }
        if self.watched != now {
            self.watched = now;
            (self.tell)();
        }
        is_complete
    }
}

/// The directory, or the nearest one above it that is there.
fn nearest(directory: &Path) -> Option<(PathBuf, Identity)> {
    directory.ancestors().find_map(|place| Some((place.to_owned(), identity(place).ok()?)))
}

/// Reading is none; looking would never end.
fn is_change(kind: EventKind) -> bool {
    !matches!(kind, EventKind::Access(kind) if kind != AccessKind::Close(AccessMode::Write))
}

impl fmt::Debug for Stirring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stirring").field("watched", &self.watched).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::mpsc::{Receiver, channel};
    use std::time::Duration;

    use super::*;

    fn wait(told: &Receiver<()>) {
        told.recv_timeout(Duration::from_secs(10)).expect("a change is announced");
    }

    #[test]
    fn directories_that_come_and_go_are_watched() {
        let root = tempfile::tempdir().unwrap();
        let logs = root.path().join("state/logs");
        let (sender, told) = channel();
        let mut stirring = Stirring::watch([logs.clone()], move || _ = sender.send(()));
        wait(&told);
        for round in 0..2 {
            fs::create_dir_all(&logs).unwrap();
            while !stirring.watched.contains_key(&logs) {
                wait(&told);
                stirring.renew();
            }
            while told.recv_timeout(Duration::from_millis(200)).is_ok() {}
            fs::write(logs.join("log"), format!("{round}")).unwrap();
            wait(&told);
            fs::remove_dir_all(root.path().join("state")).unwrap();
            while stirring.watched.contains_key(&logs) {
                wait(&told);
                stirring.renew();
            }
        }
    }

    #[test]
    fn reading_is_no_change() {
        let root = tempfile::tempdir().unwrap();
        let logs = root.path().join("logs");
        fs::create_dir(&logs).unwrap();
        fs::write(logs.join("log"), "text").unwrap();
        let (sender, told) = channel();
        let mut stirring = Stirring::watch([logs.clone()], move || _ = sender.send(()));
        wait(&told);
        fs::read(logs.join("log")).unwrap();
        assert!(stirring.renew(), "a temporary directory announces its changes");
        assert!(told.recv_timeout(Duration::from_millis(100)).is_err());
    }
}
