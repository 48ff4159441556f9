//! One watcher of the root, while somebody listens. Without listeners there is neither thread nor watch.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio_util::task::AbortOnDropHandle;

use crate::platform::fs::Stamp;
use crate::settings::CanvasSettings;
use crate::watch::{self as watcher, WatchEvent, WatchHandle, WatchSpec};

/// Reports that may wait for the pump; the watcher merges what comes meanwhile.
const REPORTS: usize = 4;

/// A page that was read longer ago is out of date, whatever has changed since.
const LONG_AGO: Duration = Duration::from_mins(10);

/// The watcher, if there is one.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    current: Mutex<Weak<Watched>>,
}

/// A root that is watched, shared by all who listen. Ends with the last of them.
#[derive(Debug)]
struct Watched {
    settings: CanvasSettings,
    /// What has changed since is noticed.
    since: Stamp,
    /// When a change was noticed last.
    noticed: Arc<watch::Sender<Stamp>>,
    _pump: AbortOnDropHandle<()>,
    /// Dropped last: its end waits for the watcher's thread.
    _watcher: WatchHandle,
}

/// Somebody who listens.
#[derive(Debug)]
pub(crate) struct Listening {
    noticed: watch::Receiver<Stamp>,
    _watched: Arc<Watched>,
}

// === impl Changes ===

impl Changes {
    /// Listens to changes below the root, for a page that was read at `seen`: what has changed before it listens is told
    /// as well. `None` when the system refuses to watch, which is logged.
    pub(super) fn listen(
        &self,
        settings: &CanvasSettings,
        state_dir: &Path,
        seen: Option<Stamp>,
    ) -> Option<Listening> {
        let now = Stamp::now();
        let is_late = seen.is_some_and(|seen| seen < now.minus(LONG_AGO));
        // Nobody has seen what is to come.
        let seen = seen.filter(|_| !is_late).map_or(now, |seen| seen.min(now));
        let mut current = self.lock();
        let known = current.upgrade().filter(|watched| watched.settings == *settings);
        let watched = if let Some(watched) = known {
            watched
        } else {
            let watched = Arc::new(Watched::start(settings, state_dir, seen)?);
            *current = Arc::downgrade(&watched);
            watched
        };
        let mut noticed = watched.noticed.subscribe();
        if is_late || seen < watched.since || *noticed.borrow() >= seen {
            noticed.mark_changed();
        }
        Some(Listening { noticed, _watched: watched })
    }

    /// The canvas is elsewhere now, or configured in another way: whoever listens is told that something has changed,
    /// comes back, and is served from there.
    pub(crate) fn configured(&self, settings: Option<&CanvasSettings>) {
        let mut current = self.lock();
        if let Some(watched) = current.upgrade().filter(|watched| Some(&watched.settings) != settings) {
            watched.noticed.send_replace(Stamp::now());
            *current = Weak::new();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Weak<Watched>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Watched ===

impl Watched {
    fn start(settings: &CanvasSettings, state_dir: &Path, since: Stamp) -> Option<Self> {
        let (sender, reports) = mpsc::channel(REPORTS);
        let spec = WatchSpec {
            config_files: Vec::new(),
            // Below the root, so that nothing else is watched.
            dotenv: settings.root.join(".env"),
            executable: None,
            workspace: None,
            extra: vec![settings.root.clone()],
            ignore: vec!["node_modules/".to_owned()],
            extensions: Vec::new(),
            quiet: None,
            state_dir: state_dir.to_owned(),
            started: since,
            known: Vec::new(),
        };
        let watcher = watcher::start(spec, sender)
            .inspect_err(|error| tracing::warn!(%error, "changes of the canvas are not noticed"))
            .ok()?;
        let noticed = Arc::new(watch::Sender::new(Stamp::MIN));
        let pump = tokio::spawn(pump(reports, Arc::clone(&noticed)));
        Some(Self {
            settings: settings.clone(),
            since,
            noticed,
            _pump: AbortOnDropHandle::new(pump),
            _watcher: watcher,
        })
    }
}

/// Tells what the watcher reports.
async fn pump(mut reports: mpsc::Receiver<WatchEvent>, noticed: Arc<watch::Sender<Stamp>>) {
    while let Some(event) = reports.recv().await {
        match event {
            WatchEvent::Batch(_) => drop(noticed.send_replace(Stamp::now())),
            WatchEvent::Degraded { message, .. } => tracing::warn!("canvas: {message}"),
            WatchEvent::Armed { .. } | WatchEvent::Quarantined { .. } => {}
        }
    }
}

// === impl Listening ===

impl Listening {
    /// Resolves when something has changed since the last time. Cancel-safe.
    pub(super) async fn changed(&mut self) {
        if self.noticed.changed().await.is_err() {
            // The sender lives as long as we listen.
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn settings(root: &Path) -> CanvasSettings {
        CanvasSettings { root: root.to_owned(), within: None, live_reload: true }
    }

    async fn told(listening: &mut Listening) {
        tokio::time::timeout(Duration::from_secs(20), listening.changed()).await.expect("a change is told");
    }

    #[tokio::test]
    async fn there_is_one_watcher_and_only_while_somebody_listens() {
        let scratch = tempfile::tempdir().unwrap();
        let root = scratch.path().join("canvas");
        let (changes, settings) = (Changes::default(), settings(&root));
        let mut first = changes.listen(&settings, scratch.path(), None).unwrap();
        let mut second = changes.listen(&settings, scratch.path(), None).unwrap();
        let holders = || changes.lock().strong_count();
        assert_eq!(holders(), 2);
        // Made only now, and found all the same.
        fs::create_dir(&root).unwrap();
        fs::write(root.join("index.html"), "1").unwrap();
        told(&mut first).await;
        told(&mut second).await;
        drop((first, second));
        assert_eq!(holders(), 0, "somebody still watches");
    }

    #[tokio::test]
    async fn whoever_listens_is_told_of_another_canvas() {
        let scratch = tempfile::tempdir().unwrap();
        let changes = Changes::default();
        let (here, there) = (settings(scratch.path()), settings(&scratch.path().join("x")));
        let mut listening = changes.listen(&here, scratch.path(), None).unwrap();
        changes.configured(Some(&here));
        assert!(!listening.noticed.has_changed().unwrap());
        changes.configured(Some(&there));
        told(&mut listening).await;
        let next = changes.listen(&there, scratch.path(), None).unwrap();
        assert_eq!(changes.lock().upgrade().unwrap().settings, there);
        changes.configured(None);
        assert!(next.noticed.has_changed().unwrap());
    }

    #[tokio::test]
    async fn what_changes_before_a_page_listens_is_told() {
        let scratch = tempfile::tempdir().unwrap();
        let root = scratch.path().join("canvas");
        fs::create_dir(&root).unwrap();
        let (changes, settings) = (Changes::default(), settings(&root));
        let page = root.join("index.html");
        fs::write(&page, "1").unwrap();
        let read = Stamp::now();
        fs::write(&page, "2").unwrap();
        let mut first = changes.listen(&settings, scratch.path(), Some(read)).unwrap();
        told(&mut first).await;
        // Another page, read before that was noticed.
        let mut second = changes.listen(&settings, scratch.path(), Some(read)).unwrap();
        told(&mut second).await;
        // And one that was read before anybody watched, or long ago.
        for seen in [read.minus(Duration::from_secs(1)), read.minus(LONG_AGO * 2)] {
            told(&mut changes.listen(&settings, scratch.path(), Some(seen)).unwrap()).await;
        }
        // One that was read since is up to date.
        let noticed = *first.noticed.borrow();
        while Stamp::now() <= noticed {
            tokio::task::yield_now().await;
        }
        let last = changes.listen(&settings, scratch.path(), Some(Stamp::now())).unwrap();
        assert!(!last.noticed.has_changed().unwrap());
    }
}
