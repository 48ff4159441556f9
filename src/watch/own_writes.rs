//! Files that the gateway writes into its own workspace while it boots. Each would ask for another generation,
//! which writes again, without end. Pure.
//!
//! A write during a boot is not proof: a person may save at that moment, and a save is never lost. So files that
//! somebody has been seen to edit between boots are trusted; a stranger's change is held until the boot is over
//! and then reported once. When the generation that follows changes it again, the file is named, and ignored
//! while a generation boots. The first such change is still reported, but late, in case it was a person after
//! all.

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::time::{Duration, Instant};

use super::{Boot, Change};

/// After the end of a boot, how long a first change by a stranger is held.
const FIRST: Duration = Duration::from_millis(100);
/// After the end of a boot, how long a second one is held.
const SECOND: Duration = Duration::from_secs(10);
/// A trusted file that changes in this many boots in a row is trusted no more.
const TRUST: u32 = 4;

/// What to do with a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Report it.
    Report,
    /// Keep it back; [`OwnWrites::release`] gives it out.
    Hold(Duration),
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
}

#[derive(Debug)]
struct Held {
    change: Change,
    at: Instant,
    wait: Duration,
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
        let window = self
            .windows
            .iter()
            .find(|window| window.started <= at && window.ended.is_none_or(|ended| at < ended))
            .map(|window| window.number);
        let habits = self.files.entry(key(path)).or_default();
        let Some(window) = window else {
            *habits = Habits { trusted: true, ..Habits::default() };
            return Verdict::Report;
        };
        if habits.window != window {
            habits.streak = if habits.window + 1 == window { habits.streak + 1 } else { 1 };
            habits.window = window;
        }
        if habits.trusted && habits.streak >= TRUST {
            *habits = Habits { trusted: false, window, streak: 2 };
        }
        match habits {
            Habits { trusted: true, .. } => Verdict::Report,
            Habits { streak: 1, .. } => Verdict::Hold(FIRST),
            Habits { streak: 2, .. } => Verdict::Quarantine(SECOND),
            _ => Verdict::Drop,
        }
    }

    /// Keeps a change back until so long after the end of the boot, unless another generation starts before.
    pub(super) fn hold(&mut self, change: Change, at: Instant, wait: Duration) {
        self.held.retain(|held| held.change.path != change.path);
        self.held.push(Held { change, at, wait });
    }

    /// When [`Self::release`] has something.
    pub(super) fn due(&self) -> Option<Instant> {
        let ended = self.windows.back()?.ended?;
        self.held.iter().map(|held| ended + held.wait).min()
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
mod tests {
    use super::*;
    use crate::watch::Cause;

    /// `S` a boot starts, `E` it ends, a lower-case letter: that file changes; 10 ms between each. Returns the
    /// verdicts.
    #[track_caller]
    fn check(script: &str, expect: &[Verdict]) {
        let start = Instant::now();
        let mut own = OwnWrites::default();
        let mut verdicts = Vec::new();
        for (index, step) in (0_u32..).zip(script.chars()) {
            let now = start + index * Duration::from_millis(10);
            match step {
                'S' => own.note(Boot::Started, now),
                'E' => own.note(Boot::Ended, now),
                file => verdicts.push(own.judge(Path::new(&file.to_string()), now)),
            }
        }
        assert_eq!(verdicts, expect, "{script}");
    }

    const HELD: Verdict = Verdict::Hold(FIRST);
    const NAMED: Verdict = Verdict::Quarantine(SECOND);
    use Verdict::{Drop, Report};

    #[test]
    fn a_file_that_every_boot_writes_is_named_at_the_second() {
        check("SaESaESaESaE", &[HELD, NAMED, Drop, Drop]);
        check("SaaESaaE", &[HELD, HELD, NAMED, NAMED]);
    }

    #[test]
    fn a_person_outside_a_boot_is_reported_and_trusted() {
        check("aSaESaE", &[Report, Report, Report]);
        check("SaESaEaSaE", &[HELD, NAMED, Report, Report]);
    }

    #[test]
    fn boots_that_do_not_follow_each_other_are_no_proof() {
        check("SaESESaE", &[HELD, HELD]);
        check("SaESbE", &[HELD, HELD]);
    }

    #[test]
    fn trust_ends_with_the_fourth_boot_in_a_row() {
        check("aSaESaESaESaESaE", &[Report, Report, Report, Report, NAMED, Drop]);
    }

    #[test]
    fn a_held_change_comes_after_the_boot() {
        let start = Instant::now();
        let mut own = OwnWrites::default();
        let change = Change { path: "/w/a".into(), cause: Cause::Workspace, removed: false };
        own.note(Boot::Started, start);
        own.hold(change.clone(), start, FIRST);
        assert_eq!(own.due(), None, "while it boots");
        let ended = start + Duration::from_secs(1);
        own.note(Boot::Ended, ended);
        assert_eq!(own.due(), Some(ended + FIRST));
        assert!(own.release(ended).is_empty());
        assert_eq!(own.release(ended + FIRST), [(change.clone(), start)]);
        own.hold(change, start, FIRST);
        own.note(Boot::Started, ended);
        assert_eq!(own.due(), None, "the next generation reads it itself");
    }
}
