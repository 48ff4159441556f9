//! Changes that generations cause themselves. Each would ask for another generation, which causes the next, without
//! end. Pure.
//!
//! **Files that the gateway writes into its own workspace while it boots.**
//! A write during a boot is not proof: a person may save at that moment, and a save is never lost. So files that
//! somebody has been seen to edit between boots are trusted; a stranger's change is held until the boot is over
//! and then reported once. When the generation that follows changes it again, the file is named, and ignored
//! while a generation boots. The first such change is still reported, but late, in case it was a person after
//! all.
//!
//! **Files that somebody else writes in answer to a generation**, as a second harness does that watches this one's
//! workspace. Such a file changes within [`NEAR`] after the boot, generation after generation. The changes of
//! [`SUSPECT`] generations in a row, less than [`PAUSE`] apart, make it a suspect, and then silence decides: the
//! last change is held, so no generation starts. Who only answers generations has nothing to answer; a person goes
//! on saving, and the first save outside the time after a boot is reported at once and lifts the suspicion for as
//! long as no pause is made. After [`SILENCE`] the file is named. From then on a change of it close to a boot is
//! reported [`LATE`] after that boot, so once in that time at most; any other is reported at once. Saves that are
//! [`PAUSE`] or more apart never make a suspect.

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::{Boot, Change};

/// After the end of a boot, how long a first change by a stranger is held.
const FIRST: Duration = Duration::from_millis(100);
/// After the end of a boot, how long a change is held that is most likely no person's.
const LATE: Duration = Duration::from_secs(10);
/// A trusted file that changes in this many boots in a row is trusted no more.
const TRUST: u32 = 4;
/// A change that comes so soon after the end of a boot may answer it.
const NEAR: Duration = Duration::from_secs(1);
/// A file that changes so soon after, or in, this many boots in a row is a suspect.
const SUSPECT: u32 = 3;
/// Changes that are further apart have nothing to do with each other.
const PAUSE: Duration = Duration::from_secs(2);
/// After the end of a boot, how long a suspect must be silent to be named.
const SILENCE: Duration = Duration::from_millis(1500);

/// What to do with a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Report it.
    Report,
    /// Keep it back; [`OwnWrites::release`] gives it out.
    Hold(Duration),
    /// The same, and [`OwnWrites::name`] names the file unless it changes by itself before.
    Suspect(Duration),
    /// Keep it back, and say that the file is quarantined.
    Quarantine(Duration),
    /// The generation's own.
    Drop,
}

/// Memory of boots and of what changed in them.
#[derive(Debug, Default)]
pub(super) struct OwnWrites {
    boots: u32,
    /// The last few boots.
    windows: VecDeque<Window>,
    files: HashMap<u64, Habits>,
    held: Vec<Held>,
}

#[derive(Debug)]
struct Window {
    number: u32,
    started: Instant,
    ended: Option<Instant>,
}

#[derive(Debug, Default)]
struct Habits {
    trusted: bool,
    /// The boot in which the file changed last.
    window: u32,
    /// Boots in a row in which it changed.
    streak: u32,
    answers: Answers,
}

/// How the changes of a file follow the boots.
#[derive(Debug, Default)]
struct Answers {
    standing: Standing,
    /// When the file changed last, and the last boot that had started then.
    last: Option<(u32, Instant)>,
    /// Boots in a row in or soon after which it changed.
    streak: u32,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Standing {
    #[default]
    Unknown,
    /// Its last change is held.
    Suspect,
    /// It changed by itself, and has made no pause since.
    Acquitted,
    /// It was quarantined.
    Named,
}

impl Answers {
    /// Takes note of a change after `boot`; says whether it has to wait. `near`: it may answer that boot.
    fn wait(&mut self, boot: u32, near: bool, at: Instant) -> bool {
        let last = self.last.replace((boot, at));
        let follows = last.filter(|(_, before)| at.saturating_duration_since(*before) < PAUSE);
        self.streak = match follows {
            _ if !near => 0,
            Some((before, _)) if before == boot => self.streak.max(1),
            Some((before, _)) if before + 1 == boot => self.streak + 1,
            _ => 1,
        };
        self.standing = match self.standing {
            Standing::Named => Standing::Named,
            Standing::Suspect if !near => Standing::Acquitted,
            Standing::Acquitted if follows.is_some() => Standing::Acquitted,
            _ if self.streak >= SUSPECT => Standing::Suspect,
            _ => Standing::Unknown,
        };
        near && matches!(self.standing, Standing::Suspect | Standing::Named)
    }
}

#[derive(Debug)]
struct Held {
    change: Change,
    at: Instant,
    wait: Duration,
}

impl Habits {
    /// Judges a change in a boot, or in none, by the boots in which the file changed before.
    fn judge(&mut self, boot: Option<u32>) -> Verdict {
        let Some(window) = boot else {
            (self.trusted, self.window, self.streak) = (true, 0, 0);
            return Verdict::Report;
        };
        if self.window != window {
            self.streak = if self.window + 1 == window { self.streak + 1 } else { 1 };
            self.window = window;
        }
        if self.trusted && self.streak >= TRUST {
            (self.trusted, self.streak) = (false, 2);
        }
        match self {
            Self { trusted: true, .. } => Verdict::Report,
            Self { streak: 1, .. } => Verdict::Hold(FIRST),
            Self { streak: 2, .. } => Verdict::Quarantine(LATE),
            _ => Verdict::Drop,
        }
    }
}

impl OwnWrites {
    /// A generation starts or ends its boot.
    pub(super) fn note(&mut self, boot: Boot, now: Instant) {
        match boot {
            Boot::Started => {
                self.boots += 1;
                self.windows.push_back(Window { number: self.boots, started: now, ended: None });
                if self.windows.len() > 4 {
                    self.windows.pop_front();
                }
                // The new generation reads these files itself.
                self.held.clear();
            }
            Boot::Ended => {
                if let Some(window) = self.windows.back_mut() {
                    window.ended.get_or_insert(now);
                }
            }
        }
    }

    /// Judges a change whose first event came `at`.
    pub(super) fn judge(&mut self, path: &Path, at: Instant) -> Verdict {
        let booting = self
            .windows
            .iter()
            .find(|window| window.started <= at && window.ended.is_none_or(|ended| at < ended))
            .map(|window| window.number);
        let before = self.windows.iter().rfind(|window| window.started <= at);
        let near = booting.is_some()
            || before.and_then(|window| window.ended).is_some_and(|ended| at < ended + NEAR);
        let boot = booting.or(before.map(|window| window.number)).unwrap_or_default();
        let habits = self.files.entry(key(path)).or_default();
        let waits = habits.answers.wait(boot, near, at);
        match habits.judge(booting) {
            Verdict::Report if waits && habits.answers.standing == Standing::Named => Verdict::Hold(LATE),
            Verdict::Report if waits => Verdict::Suspect(LATE),
            verdict => verdict,
        }
    }

    /// Keeps a change back until so long after the end of the boot, unless another generation starts before.
    pub(super) fn hold(&mut self, change: Change, at: Instant, wait: Duration) {
        self.held.retain(|held| held.change.path != change.path);
        self.held.push(Held { change, at, wait });
    }

    /// When [`Self::name`] or [`Self::release`] has something.
    pub(super) fn due(&self) -> Option<Instant> {
        let ended = self.windows.back()?.ended?;
        let wait = |held: &Held| if self.is_suspect(held) { held.wait.min(SILENCE) } else { held.wait };
        self.held.iter().map(|held| ended + wait(held)).min()
    }

    /// The suspects that have been silent for long enough to be named, each once.
    pub(super) fn name(&mut self, now: Instant) -> Vec<PathBuf> {
        let Some(ended) = self.windows.back().and_then(|window| window.ended) else { return Vec::new() };
        if now < ended + SILENCE {
            return Vec::new();
        }
        let silent: Vec<PathBuf> = self
            .held
            .iter()
            .filter(|held| self.is_suspect(held))
            .map(|held| held.change.path.clone())
            .collect();
        for path in &silent {
            self.files.entry(key(path)).or_default().answers.standing = Standing::Named;
        }
        silent
    }

    fn is_suspect(&self, held: &Held) -> bool {
        let habits = self.files.get(&key(&held.change.path));
        habits.is_some_and(|habits| habits.answers.standing == Standing::Suspect)
    }

    /// Gives out the changes that were held long enough, each with the moment of its first event.
    pub(super) fn release(&mut self, now: Instant) -> Vec<(Change, Instant)> {
        let Some(ended) = self.windows.back().and_then(|window| window.ended) else { return Vec::new() };
        self.held.extract_if(.., |held| ended + held.wait <= now).map(|held| (held.change, held.at)).collect()
    }
}

fn key(path: &Path) -> u64 {
    let mut hasher = DefaultHasher::new();
    path.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests;
