//! A temporary profile with a running watcher, and ways to wait for what it reports.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::runtime::Runtime;
use tokio::sync::mpsc;

use crate::platform::fs::Stamp;
use crate::watch::{Batch, Cause, Change, Loaded, Update, WatchEvent, WatchHandle, WatchSpec, start};

/// Nothing here takes this long unless it never comes.
pub(super) const DEADLINE: Duration = Duration::from_secs(20);

/// `state/clawdbot.json`, `state/.env`, `workspace/`, and `bin/program` in a temporary directory.
pub(super) struct Scene {
    pub root: PathBuf,
    pub spec: WatchSpec,
    handle: Option<WatchHandle>,
    events: mpsc::Receiver<WatchEvent>,
    runtime: Runtime,
    marker: u32,
    _scratch: tempfile::TempDir,
}

impl Scene {
    /// The directories and files, and no watcher yet.
    pub(super) fn new() -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let root = scratch.path().canonicalize().unwrap();
        for directory in ["state", "workspace", "bin"] {
            fs::create_dir(root.join(directory)).unwrap();
        }
        fs::write(root.join("state/clawdbot.json"), "{}").unwrap();
        fs::write(root.join("bin/program"), "1").unwrap();
        let spec = WatchSpec {
            config_files: vec![root.join("state/clawdbot.json")],
            dotenv: root.join("state/.env"),
            executable: Some(root.join("bin/program")),
            workspace: Some(root.join("workspace")),
            extra: Vec::new(),
            ignore: Vec::new(),
            extensions: Vec::new(),
            quiet: None,
            state_dir: root.join("state"),
            started: Stamp::MIN,
            known: Vec::new(),
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        Self { root, spec, handle: None, events: mpsc::channel(1).1, runtime, marker: 0, _scratch: scratch }
    }

    /// With files in the workspace, and watched.
    pub(super) fn with(files: &[&str]) -> Self {
        let mut scene = Self::new();
        for file in files {
            scene.write(file, "old");
        }
        scene.start();
        scene
    }

    /// Starts the watcher; what is there now is old. Returns when everything is armed.
    pub(super) fn start(&mut self) {
        wait_for_tick();
        self.start_without_waiting(16, Stamp::now());
        let armed = self.wait(|event| matches!(event, WatchEvent::Armed { .. }).then_some(()));
        assert!(armed.is_some(), "never armed");
    }

    /// Starts the watcher with a channel of this capacity; what changed since the mark is new.
    pub(super) fn start_without_waiting(&mut self, capacity: usize, mark: Stamp) {
        let (sender, events) = mpsc::channel(capacity);
        self.events = events;
        self.spec.started = mark;
        self.handle = Some(start(self.spec.clone(), sender).unwrap());
    }

    pub(super) fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Writes a file, with the directories it needs.
    pub(super) fn write(&self, path: &str, content: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(super) fn rename(&self, from: &str, to: &str) {
        fs::rename(self.path(from), self.path(to)).unwrap();
    }

    pub(super) fn handle(&self) -> &WatchHandle {
        self.handle.as_ref().unwrap()
    }

    /// Ends the watcher.
    pub(super) fn stop(&mut self) {
        self.handle = None;
    }

    /// An update that keeps what is watched.
    pub(super) fn update(&self) -> Update {
        Update {
            config_files: self.spec.config_files.clone(),
            workspace: self.spec.workspace.clone(),
            started: Stamp::now(),
            known: Vec::<Loaded>::new(),
        }
    }

    /// The next event that `wanted` takes; others are dropped.
    pub(super) fn wait<T>(&mut self, mut wanted: impl FnMut(WatchEvent) -> Option<T>) -> Option<T> {
        let events = &mut self.events;
        self.runtime.block_on(async {
            tokio::time::timeout(DEADLINE, async {
                while let Some(event) = events.recv().await {
                    if let Some(found) = wanted(event) {
                        return Some(found);
                    }
                }
                None
            })
            .await
            .expect("an event before the deadline")
        })
    }

    /// The next batch.
    #[track_caller]
    pub(super) fn batch(&mut self) -> Batch {
        let batch = self.wait(|event| match event {
            WatchEvent::Batch(batch) => Some(batch),
            _ => None,
        });
        batch.expect("the watcher lives")
    }

    /// Expects changes, in however many batches, and nothing else: `-path` for a removed one. Returns the number
    /// of batches.
    #[track_caller]
    pub(super) fn expect(&mut self, changes: &[&str]) -> usize {
        let expected: BTreeSet<String> = changes.iter().map(|&change| change.to_owned()).collect();
        let mut seen = BTreeSet::new();
        let mut batches = 0;
        while !expected.is_subset(&seen) {
            let batch = self.batch();
            batches += 1;
            for change in &batch.changes {
                seen.insert(self.render(change));
            }
            let strange: Vec<_> = seen.difference(&expected).collect();
            assert!(strange.is_empty(), "not expected: {strange:?}");
        }
        batches + self.expect_nothing_but(&expected)
    }

    /// Expects that nothing else was reported: saves a file of its own, and sees that alone.
    #[track_caller]
    pub(super) fn expect_nothing(&mut self) {
        self.expect_nothing_but(&BTreeSet::new());
    }

    /// The same, but `expected` changes may come a second time; returns the number of batches with them.
    #[track_caller]
    fn expect_nothing_but(&mut self, expected: &BTreeSet<String>) -> usize {
        self.marker += 1;
        let marker = format!("bin/marker-{}", self.marker);
        let path = self.path(&marker);
        let mut update = self.update();
        update.config_files.push(path.clone());
        self.spec.config_files = update.config_files.clone();
        update.known.push(Loaded { path: path.clone(), content: None });
        self.handle().update(update);
        // Complete from its first moment: a file that is written to where it stands may be reported twice, the
        // second time to the next who expects nothing.
        let aside = self.path("marker");
        fs::write(&aside, &marker).unwrap();
        fs::rename(&aside, &path).unwrap();
        let mut batches = 0;
        loop {
            let batch = self.batch();
            let changes: BTreeSet<String> =
                batch.changes.iter().filter(|change| change.path != path).map(|it| self.render(it)).collect();
            let strange: Vec<_> = changes.difference(expected).collect();
            assert!(strange.is_empty(), "not expected: {strange:?}");
            batches += usize::from(!changes.is_empty());
            if batch.changes.iter().any(|change| change.path == path && !change.removed) {
                return batches;
            }
        }
    }

    fn render(&self, change: &Change) -> String {
        let path = change.path.strip_prefix(&self.root).unwrap_or(&change.path).display();
        if change.removed { format!("-{path}") } else { path.to_string() }
    }

    /// The cause that is reported for a path.
    #[track_caller]
    pub(super) fn expect_cause(&mut self, path: &str, cause: Cause) {
        let path = self.path(path);
        let found = self.wait(|event| match event {
            WatchEvent::Batch(batch) => batch.changes.into_iter().find(|change| change.path == path),
            _ => None,
        });
        assert_eq!(found.unwrap().cause, cause);
    }
}

/// Waits until the clock of file times is past everything that was written before. It may lag behind the stamps
/// of files by a tick or two; what was written then could be old or new.
pub(super) fn wait_for_tick() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
    while u128::try_from(Stamp::now().nanoseconds()).unwrap() <= now {
        thread::yield_now();
    }
}

/// Runs git in a directory.
pub(super) fn git(directory: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=t", "-c", "user.email=t@localhost", "-c", "commit.gpgsign=false"];
    run(directory, "git", &[&identity, arguments].concat());
}

/// Runs a program in a directory.
pub(super) fn run(directory: &Path, program: &str, arguments: &[&str]) {
    #[expect(clippy::disallowed_methods, reason = "a test edits with programs as a person does")]
    let status = std::process::Command::new(program)
        .current_dir(directory)
        .args(arguments)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .status();
    assert!(status.unwrap().success(), "{program} {arguments:?}");
}
