//! One watcher of the root, while somebody listens. Without listeners there is neither thread nor watch.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{mpsc, watch};
use tokio_util::task::AbortOnDropHandle;

use crate::platform::fs::Stamp;
use crate::settings::CanvasSettings;
use crate::watch::{self as watcher, WatchEvent, WatchHandle, WatchSpec};

/// Notices that may wait for the pump; the watcher merges what comes meanwhile.
const NOTICES: usize = 4;

/// The watcher, if there is one.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    current: Mutex<Weak<Watched>>,
}

/// A root that is watched, shared by all who listen. Ends with the last of them.
#[derive(Debug)]
struct Watched {
    settings: CanvasSettings,
    /// How often something has changed.
    count: Arc<watch::Sender<u64>>,
    _pump: AbortOnDropHandle<()>,
    /// Dropped last: its end waits for the watcher's thread.
    _watcher: WatchHandle,
}

/// Somebody who listens.
#[derive(Debug)]
pub(crate) struct Listening {
    count: watch::Receiver<u64>,
    _watched: Arc<Watched>,
}

// === impl Changes ===

impl Changes {
    /// Listens to changes below the root. `None` when the system refuses to watch, which is logged.
    pub(super) fn listen(&self, settings: &CanvasSettings, state_dir: &Path) -> Option<Listening> {
        let mut current = self.lock();
        let known = current.upgrade().filter(|watched| watched.settings == *settings);
        let watched = if let Some(watched) = known {
            watched
        } else {
            let watched = Arc::new(Watched::start(settings, state_dir)?);
            *current = Arc::downgrade(&watched);
            watched
        };
        Some(Listening { count: watched.count.subscribe(), _watched: watched })
    }

    /// The canvas is elsewhere now, or configured in another way: whoever listens is told that something has changed,
    /// comes back, and is served from there.
    pub(crate) fn configured(&self, settings: Option<&CanvasSettings>) {
        let mut current = self.lock();
        if let Some(watched) = current.upgrade().filter(|watched| Some(&watched.settings) != settings) {
            watched.count.send_modify(|count| *count += 1);
            *current = Weak::new();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Weak<Watched>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Watched ===

impl Watched {
    fn start(settings: &CanvasSettings, state_dir: &Path) -> Option<Self> {
        let (sender, notices) = mpsc::channel(NOTICES);
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
            started: Stamp::now(),
            known: Vec::new(),
        };
        let watcher = watcher::start(spec, sender)
            .inspect_err(|error| tracing::warn!(%error, "changes of the canvas are not noticed"))
            .ok()?;
        let count = Arc::new(watch::Sender::new(0));
        let pump = tokio::spawn(pump(notices, Arc::clone(&count)));
        Some(Self {
            settings: settings.clone(),
            count,
            _pump: AbortOnDropHandle::new(pump),
            _watcher: watcher,
        })
    }
}

/// Counts what the watcher reports.
async fn pump(mut notices: mpsc::Receiver<WatchEvent>, count: Arc<watch::Sender<u64>>) {
    while let Some(event) = notices.recv().await {
        match event {
            WatchEvent::Batch(_) => count.send_modify(|count| *count += 1),
            WatchEvent::Degraded { message, .. } => tracing::warn!("canvas: {message}"),
            WatchEvent::Armed { .. } | WatchEvent::Quarantined { .. } => {}
        }
    }
}

// === impl Listening ===

impl Listening {
    /// Resolves when something has changed since the last time. Cancel-safe.
    pub(super) async fn changed(&mut self) {
        if self.count.changed().await.is_err() {
            // The sender lives as long as we listen.
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

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
        let mut first = changes.listen(&settings, scratch.path()).unwrap();
        let mut second = changes.listen(&settings, scratch.path()).unwrap();
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
        let mut listening = changes.listen(&here, scratch.path()).unwrap();
        changes.configured(Some(&here));
        assert!(!listening.count.has_changed().unwrap());
        changes.configured(Some(&there));
        told(&mut listening).await;
        let next = changes.listen(&there, scratch.path()).unwrap();
        assert_eq!(changes.lock().upgrade().unwrap().settings, there);
        changes.configured(None);
        assert!(next.count.has_changed().unwrap());
    }
}
