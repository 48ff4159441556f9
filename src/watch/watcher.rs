//! The watcher's thread: reads its mail, walks what is left to walk, fires what is ripe, and sleeps.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::mem;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::anchor::{self, Target};
use super::debounce::{Debounce, Touch};
use super::directories::Directories;
use super::fingerprint::Fingerprint;
use super::judge::Grave;
use super::mailbox::{Mail, Mailbox};
use super::outbox::Outbox;
use super::own_writes::OwnWrites;
use super::prehash::Prehash;
use super::source::Source;
use super::upkeep::Upkeep;
use super::walk::{Item, Link};
use super::{Cause, Change, Loaded, Update, WatchEvent, WatchSpec};
use crate::platform::fs::{self, Identity, Stamp};

/// How long the thread walks or reads before it looks at its mail again.
pub(super) const SLICE: Duration = Duration::from_millis(5);

/// What can be dirty.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Subject {
    /// A path of its own: configuration, `.env`, executable, a link in a tree.
    Target(PathBuf),
    /// A file of a tree, under the name of its watched directory.
    File(PathBuf),
    /// A directory of a tree that has gone, under the name by which it was watched.
    Gone(PathBuf),
}

/// Everything that the thread owns.
#[derive(Debug)]
pub(super) struct Watcher {
    pub(super) mailbox: Arc<Mailbox>,
    pub(super) outbox: Outbox,
    pub(super) source: Source,
    pub(super) state_dir: PathBuf,
    pub(super) state_identity: Option<Identity>,
    pub(super) ignore: Vec<String>,
    pub(super) extensions: Rc<[String]>,
    pub(super) loaded: HashMap<PathBuf, Option<Fingerprint>>,
    pub(super) targets: BTreeMap<PathBuf, Target>,
    /// Names whose events concern targets, under the names of their watched directories.
    pub(super) hinges: HashMap<PathBuf, Vec<PathBuf>>,
    /// Hinges are to be looked for again.
    pub(super) unhinged: bool,
    /// Some watches may not be needed any more.
    pub(super) loose: bool,
    pub(super) directories: Directories,
    pub(super) graves: BTreeMap<PathBuf, Grave>,
    pub(super) unreadable: HashSet<PathBuf>,
    /// What is left to walk; the last comes first.
    pub(super) walk: Vec<Item>,
    /// Directories whose files are still to be looked at.
    pub(super) survey: Vec<PathBuf>,
    /// Files that were met on the first way.
    pub(super) files: usize,
    /// Links that were met on the way, to be followed when everything is walked.
    pub(super) links: Vec<Link>,
    pub(super) debounce: Debounce<Subject>,
    pub(super) own: OwnWrites,
    pub(super) prehash: Prehash,
    pub(super) upkeep: Upkeep,
    /// Nothing was loaded before.
    pub(super) mark: Stamp,
    pub(super) armed: bool,
    born: Instant,
}

/// Runs until the mailbox is closed or nobody listens any more.
pub(super) fn run(spec: WatchSpec, mailbox: Arc<Mailbox>, outbox: Outbox) {
    let born = Instant::now();
    let mut watcher = Watcher {
        source: Source::none(),
        outbox,
        state_identity: fs::identity(&spec.state_dir).ok(),
        state_dir: spec.state_dir,
        ignore: spec.ignore,
        extensions: spec.extensions.into(),
        loaded: loaded(spec.known),
        targets: BTreeMap::new(),
        hinges: HashMap::new(),
        unhinged: false,
        loose: false,
        directories: Directories::default(),
        graves: BTreeMap::new(),
        unreadable: HashSet::new(),
        walk: Vec::new(),
        survey: Vec::new(),
        files: 0,
        links: Vec::new(),
        debounce: Debounce::new(born, spec.quiet),
        own: OwnWrites::default(),
        prehash: Prehash::default(),
        upkeep: Upkeep::default(),
        mark: spec.started,
        armed: false,
        born,
        mailbox,
    };
    watcher.open_source();
    let config = spec.config_files.into_iter().map(|path| (path, Cause::Config));
    let rest = [
        (Some(spec.dotenv), Cause::Env),
        (spec.executable, Cause::Executable),
        (spec.workspace, Cause::Workspace),
    ];
    let rest = rest.into_iter().filter_map(|(path, cause)| Some((path?, cause)));
    let extra = spec.extra.into_iter().map(|path| (path, Cause::Extra));
    for (path, cause) in config.chain(rest).chain(extra) {
        watcher.follow(&path, cause, spec.started);
    }
    watcher.live();
}

impl Watcher {
    fn live(&mut self) {
        loop {
            let mail = self.mailbox.take(self.deadline());
            if mail.closed {
                return;
            }
            self.read(mail);
            self.work();
            self.fire(Instant::now());
            if !self.outbox.send() {
                return;
            }
        }
    }

    /// When there is something to do without any mail.
    fn deadline(&self) -> Option<Instant> {
        if !self.walk.is_empty() || !self.survey.is_empty() || !self.armed {
            return Some(self.born);
        }
        // What is held comes with the burst that is under way.
        let judged = self.debounce.due().or_else(|| self.own.due());
        let due = [judged, self.outbox.due(), self.prehash.due(), self.upkeep.due()];
        due.into_iter().flatten().min()
    }

    fn read(&mut self, mail: Mail) {
        for (boot, at) in mail.boots {
            self.own.note(boot, at);
        }
        if let Some(reason) = mail.failure {
            self.source_failed(&reason);
        }
        if let Some(update) = mail.update {
            self.apply(update);
        }
        for signal in mail.signals {
            self.sort(signal);
        }
        if mail.lost {
            self.compare_everything();
        }
        self.mend();
    }

    /// Follows every path again when a directory that one of them led through has gone.
    fn mend(&mut self) {
        for _ in 0..anchor::ATTEMPTS {
            if !mem::take(&mut self.unhinged) {
                break;
            }
            self.anchor_all();
        }
        if mem::take(&mut self.loose) {
            self.drop_anchors();
        }
    }

    /// Walks for a while, or reads ahead when there is nothing to walk.
    fn work(&mut self) {
        let started = Instant::now();
        while let Some(item) = self.walk.pop() {
            self.walk_one(item);
            if started.elapsed() > SLICE || self.mailbox.has_mail() {
                break;
            }
        }
        self.mend();
        if !self.walk.is_empty() {
            return;
        }
        self.follow_links();
        if !self.armed {
            self.armed = true;
            self.outbox.add(WatchEvent::Armed {
                directories: self.directories.len(),
                files: self.files,
                took: self.born.elapsed(),
            });
            self.prehash.begin(Instant::now(), self.files);
        }
        self.report_refusals();
        self.survey_slice(started);
        if !self.survey.is_empty() || !self.walk.is_empty() {
            return;
        }
        // What was loaded is known now, by the watcher's own memory.
        self.loaded = HashMap::new();
        self.prehash_slice(started);
        self.look_after(started);
    }

    /// Reports what is ripe and differs from what is known.
    fn fire(&mut self, now: Instant) {
        let mut first_event = now;
        let mut last_event = None;
        let mut changes: Vec<Change> = Vec::new();
        if let Some(ripe) = self.debounce.take(now) {
            first_event = first_event.min(ripe.first);
            last_event = Some(ripe.last);
            for (subject, at) in ripe.paths {
                let Some(change) = self.judge(subject, at) else { continue };
                changes.push(change);
            }
        }
        // Afterwards, and not in the middle of a burst, so that what was held comes with the rest of it.
        let held = if self.debounce.due().is_none() { self.own.release(now) } else { Vec::new() };
        for (change, at) in held {
            first_event = first_event.min(at);
            if changes.iter().all(|again| again.path != change.path) {
                changes.push(change);
            }
        }
        if !changes.is_empty() {
            self.debounce.note_emitted(now);
            self.outbox.add_changes(changes, first_event, last_event.unwrap_or(first_event));
        }
    }

    pub(super) fn touch(&mut self, subject: Subject, at: Instant, touch: Touch) {
        self.debounce.touch(subject, at, touch);
    }

    fn apply(&mut self, update: Update) {
        self.loaded.extend(loaded(update.known));
        let wanted: Vec<(PathBuf, Cause)> = update
            .config_files
            .into_iter()
            .map(|path| (path, Cause::Config))
            .chain(update.workspace.map(|path| (path, Cause::Workspace)))
            .collect();
        let is_wanted = |path: &Path, cause| wanted.iter().any(|it| it.0 == path && it.1 == cause);
        let unwanted: Vec<PathBuf> = self
            .targets
            .iter()
            .filter(|(path, target)| {
                let replaced = matches!(target.cause, Cause::Config | Cause::Workspace) && !target.is_link;
                replaced && !is_wanted(path, target.cause)
            })
            .map(|(path, _)| path.clone())
            .collect();
        let is_tree = |path: &PathBuf| self.targets.get(path).is_some_and(|target| target.tree.is_some());
        let leaves_tree = unwanted.iter().any(is_tree);
        for path in unwanted {
            self.unfollow(&path);
        }
        for (path, cause) in wanted {
            self.follow(&path, cause, update.started);
        }
        if leaves_tree {
            // What the old workspace had in common with another tree belongs to that one now.
            self.walk_again();
        }
    }
}

fn loaded(known: Vec<Loaded>) -> HashMap<PathBuf, Option<Fingerprint>> {
    known.into_iter().map(|loaded| (loaded.path, loaded.content)).collect()
}
