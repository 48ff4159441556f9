//! What requests and the timer share: the jobs, the files, and the order in which both change.
//!
//! Reading never waits for a run or for the disk. Changes are made one after the other: decided, written down, and only
//! then seen by anybody.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::book::{Book, Change};
use super::store::{Page, Store};
use crate::gateway::agents::expand_home;
use crate::gateway::live::Live;
use crate::profile::{ProfilePaths, vars};

/// How long the file may lag behind the journal, and how many times longer than writing it took.
const LAG: Duration = Duration::from_millis(500);
const LAG_FACTOR: u32 = 20;
/// Pause after a write that failed.
pub(super) const RETRY: Duration = Duration::from_secs(5);

/// The scheduler of a gateway.
#[derive(Debug)]
pub(crate) struct Scheduler {
    clock: fn() -> u64,
    wanted: Mutex<Wanted>,
    book: Mutex<Book>,
    /// Held while something is changed. `None` before the files were read, and when they belong to somebody else.
    files: tokio::sync::Mutex<Option<Store>>,
    /// Held while the file is written beside everything else.
    writing: tokio::sync::Mutex<()>,
    /// Held while jobs run: one at a time.
    pub(crate) running: tokio::sync::Mutex<()>,
    phase: watch::Sender<Phase>,
    /// Something changed that the timer has to know.
    pub(super) changed: Notify,
    /// The journal holds what the file does not.
    unwritten: Notify,
    /// No run begins any more.
    pub(super) closing: CancellationToken,
    /// Changes that are made to their end, whether somebody waits for them or not.
    work: TaskTracker,
}

/// What the configuration says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Whether jobs run when they are due.
    pub(crate) is_enabled: bool,
    /// The file of the jobs.
    pub(crate) store: PathBuf,
}

/// Whether the files can be worked with.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Phase {
    Unread,
    /// They cannot be read, and why; it is tried again.
    Broken(String),
    Open,
    Closed,
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CronError {
    /// The state belongs to the next generation, or soon will.
    #[error("gateway restarting; reconnect and retry")]
    Closed,
    /// It cannot be written down, so it is not so.
    #[error("Error: failed to write {path}: {source}", path = path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It makes no sense; the text is an answer.
    #[error("{0}")]
    Refused(String),
}

/// Where the jobs are, when the configuration says this about it.
pub(crate) fn store_path(configured: Option<&str>, paths: &ProfilePaths) -> PathBuf {
    match configured.map(str::trim).filter(|store| !store.is_empty()) {
        Some(store) => expand_home(store, &paths.home),
        None => paths.state_dir.join("cron").join("jobs.json"),
    }
}

// === impl CronError ===

impl CronError {
    /// There is no such job.
    pub(crate) fn unknown(id: &str) -> Self {
        Self::Refused(format!("Error: unknown cron job id: {id}"))
    }
}

// === impl Wanted ===

impl Wanted {
    /// What a configuration says. `CLAWDBOT_SKIP_CRON=1` keeps jobs from running, whatever it says.
    pub(crate) fn of(live: &Live, paths: &ProfilePaths) -> Self {
        let cron = &live.config.cron;
        let is_skipped = live.env.get(vars::SKIP_CRON) == Some("1");
        Self {
            is_enabled: cron.enabled.unwrap_or(true) && !is_skipped,
            store: store_path(cron.store.as_deref(), paths),
        }
    }
}

// === impl Scheduler ===

impl Scheduler {
    /// A scheduler that has read nothing.
    pub(crate) fn new(wanted: Wanted, clock: fn() -> u64) -> Self {
        Self {
            clock,
            wanted: Mutex::new(wanted),
            book: Mutex::default(),
            files: tokio::sync::Mutex::default(),
            writing: tokio::sync::Mutex::default(),
            running: tokio::sync::Mutex::default(),
            phase: watch::Sender::new(Phase::Unread),
            changed: Notify::new(),
            unwritten: Notify::new(),
            closing: CancellationToken::new(),
            work: TaskTracker::new(),
        }
    }

    /// Now, Unix milliseconds.
    pub(super) fn now_ms(&self) -> u64 {
        (self.clock)()
    }

    /// What the configuration says now.
    pub(crate) fn wanted(&self) -> Wanted {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The configuration says something else.
    pub(crate) fn reconfigure(&self, wanted: Wanted) {
        *self.wanted.lock().unwrap_or_else(PoisonError::into_inner) = wanted;
        self.changed.notify_one();
    }

    /// The jobs. Do not hold them across anything that takes time.
    pub(crate) fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When the timer has to look again, Unix milliseconds.
    pub(crate) fn next_ms(&self) -> Option<u64> {
        if self.wanted().is_enabled { self.book().next_ms() } else { None }
    }

    /// Waits until the jobs have been read.
    pub(crate) async fn ready(&self) -> Result<(), CronError> {
        let mut phase = self.phase.subscribe();
        // The sender lives in `self`, so waiting cannot fail.
        let reached = phase.wait_for(|phase| *phase != Phase::Unread).await;
        match reached.as_deref() {
            Ok(Phase::Open) => Ok(()),
            Ok(Phase::Broken(problem)) => Err(CronError::Refused(format!("Error: {problem}"))),
            _ => Err(CronError::Closed),
        }
    }

    /// Does something to its end, also when whoever asked for it goes away.
    pub(crate) async fn see_through<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, CronError>> + Send + 'static,
    ) -> Result<T, CronError> {
        self.work.spawn(work).await.unwrap_or(Err(CronError::Closed))
    }

    /// Reads the jobs of the file that the configuration names; what was open is written and left. Says whether there is
    /// another book now.
    pub(super) async fn open(&self) -> Result<bool, String> {
        let path = self.wanted().store;
        let opened = self.open_at(path.clone()).await;
        opened.map_err(|error| {
            let problem = format!("failed to use the jobs in {}: {error}", path.display());
            self.phase.send_replace(Phase::Broken(problem.clone()));
            problem
        })
    }

    async fn open_at(&self, path: PathBuf) -> io::Result<bool> {
        let mut files = self.files.lock().await;
        if self.closing.is_cancelled() {
            return Ok(false);
        }
        if files.as_ref().is_some_and(|store| store.path() == path) {
            // The configuration may name it again, after another one that could not be used.
            self.phase.send_if_modified(|phase| std::mem::replace(phase, Phase::Open) != Phase::Open);
            return Ok(false);
        }
        self.fold_while(&mut files).await?;
        let now_ms = self.now_ms();
        let opened = tokio::task::spawn_blocking(move || {
            let (store, mut book) = Store::open(&path, now_ms)?;
            book.catch_up(now_ms);
            Ok::<_, io::Error>((store, book))
        });
        let (store, book) = opened.await.map_err(io::Error::other).flatten()?;
        *files = Some(store);
        *self.book() = book;
        self.phase.send_replace(Phase::Open);
        Ok(true)
    }

    /// Changes jobs: `decide` sees them as they are, and says what is to change and what to answer.
    pub(crate) async fn change<T>(
        &self,
        decide: impl FnOnce(&Book, u64) -> Result<(Vec<Change>, T), CronError>,
    ) -> Result<T, CronError> {
        let mut files = self.files.lock().await;
        if files.is_none() {
            return Err(CronError::Closed);
        }
        let (changes, answer) = decide(&self.book(), self.now_ms())?;
        if changes.is_empty() {
            return Ok(answer);
        }
        let path = self.write_down(&mut files, changes.clone()).await;
        path.map_err(|(path, source)| CronError::Write { path, source })?;
        self.apply(changes);
        Ok(answer)
    }

    /// The same for what has happened, and is so whether it can be written down or not.
    pub(super) async fn record(&self, decide: impl FnOnce(&Book, u64) -> Vec<Change>) {
        let mut files = self.files.lock().await;
        let changes = decide(&self.book(), self.now_ms());
        if let Err((path, error)) = self.write_down(&mut files, changes.clone()).await {
            tracing::error!(path = %path.display(), %error, "failed to write down what became of a run");
        }
        self.apply(changes);
    }

    async fn write_down(
        &self,
        files: &mut Option<Store>,
        changes: Vec<Change>,
    ) -> Result<(), (PathBuf, io::Error)> {
        let Some(mut store) = files.take() else {
            return Err((self.wanted().store, io::Error::other("it belongs to somebody else")));
        };
        let path = store.path().to_owned();
        let written = tokio::task::spawn_blocking(move || (store.append(&changes), store)).await;
        let (written, store) = written.map_err(|error| (path.clone(), io::Error::other(error)))?;
        *files = Some(store);
        written.map_err(|error| (path, error))
    }

    fn apply(&self, changes: Vec<Change>) {
        let mut book = self.book();
        for change in changes {
            book.apply(change);
        }
        drop(book);
        self.changed.notify_one();
        self.unwritten.notify_one();
    }

    /// Writes the file after changes, until it is cancelled. [`Scheduler::close`] writes the rest.
    pub(crate) async fn write_behind(&self) {
        let mut lag = LAG;
        loop {
            self.unwritten.notified().await;
            tokio::time::sleep(lag).await;
            let begin = Instant::now();
            let written = self.fold().await;
            lag = LAG.max(begin.elapsed() * LAG_FACTOR);
            if let Err(error) = written {
                tracing::error!(%error, "failed to write the jobs");
                lag = RETRY;
                self.unwritten.notify_one();
            }
        }
    }

    /// Writes the file when the journal has something that it has not. Jobs run and change meanwhile, but for the moment
    /// in which the new file takes the place of the old one.
    async fn fold(&self) -> io::Result<()> {
        let _writing = self.writing.lock().await;
        let (path, written, content) = {
            let files = self.files.lock().await;
            let Some(store) = files.as_ref().filter(|store| store.unwritten() > 0) else { return Ok(()) };
            (store.path().to_owned(), store.unwritten(), self.book().content())
        };
        let target = path.clone();
        let page = tokio::task::spawn_blocking(move || Page::write(&target, &content)).await;
        let page = page.map_err(io::Error::other).flatten()?;
        let mut files = self.files.lock().await;
        // It may have been left for another one meanwhile, with everything written.
        let Some(mut store) = files.take_if(|store| store.path() == path) else { return Ok(()) };
        let turned = tokio::task::spawn_blocking(move || (store.turn(page, written), store)).await;
        let (turned, store) = turned.map_err(io::Error::other)?;
        *files = Some(store);
        turned
    }

    /// The same for whoever holds the files, and lets nothing happen meanwhile.
    async fn fold_while(&self, files: &mut Option<Store>) -> io::Result<()> {
        let Some(mut store) = files.take_if(|store| store.unwritten() > 0) else { return Ok(()) };
        let content = self.book().content();
        let folded = tokio::task::spawn_blocking(move || (store.fold(&content), store)).await;
        let (folded, store) = folded.map_err(io::Error::other)?;
        *files = Some(store);
        folded
    }

    /// Lets the run that is under way end, writes everything, and leaves the files to whoever comes next.
    pub(crate) async fn close(&self) {
        self.closing.cancel();
        self.work.close();
        self.work.wait().await;
        let _no_run = self.running.lock().await;
        let _no_write = self.writing.lock().await;
        let mut files = self.files.lock().await;
        if let Err(error) = self.fold_while(&mut files).await {
            // The journal has it.
            tracing::warn!(%error, "failed to write the jobs");
        }
        *files = None;
        self.phase.send_replace(Phase::Closed);
    }
}

/// Reading and writing of run logs needs no order: a job runs once at a time.
pub(super) async fn off_thread<T: Send + 'static>(
    store: PathBuf,
    work: impl FnOnce(&Path) -> T + Send + 'static,
) -> Option<T> {
    tokio::task::spawn_blocking(move || work(&store)).await.ok()
}
