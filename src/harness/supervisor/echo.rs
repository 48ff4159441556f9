//! A file that changes once after every reload, at once and nothing else with it, answers the reload: most likely
//! another harness watches what we write and writes what we watch. Acting on it would go on for ever.
//!
//! A person saves at other times, or several files, or one file several times in a row; an echo comes within
//! [`REPLY`] of the moment at which a generation served, in one piece, each time. After [`REPLIES`] of them the file
//! is held back for [`PAUSE`], and reported then, in case it was a person after all. Pure.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::notice::Trigger;
use crate::harness::watch::{Batch, Cause};

/// An echo comes this soon after the reload that it answers. People need longer to see that it happened.
const REPLY: Duration = Duration::from_millis(150);
/// A single write is seen within this time.
const ONE_WRITE: Duration = Duration::from_millis(10);
/// Replies that are believed.
const REPLIES: u32 = 2;
/// How long a file that replies is held back.
const PAUSE: Duration = Duration::from_secs(10);

/// Memory of replies, and what is held back.
#[derive(Debug, Default)]
pub(super) struct Echoes {
    served: Option<Instant>,
    path: Option<PathBuf>,
    streak: u32,
    held: Option<Held>,
}

#[derive(Debug)]
struct Held {
    triggers: Vec<Trigger>,
    at: Instant,
    until: Instant,
}

impl Echoes {
    /// A generation serves.
    pub(super) fn served(&mut self, now: Instant) {
        self.served = Some(now);
    }

    /// Whether a batch is one reply too many; the path if it is.
    pub(super) fn judge(&mut self, batch: &Batch) -> Option<PathBuf> {
        let lone = match batch.changes.as_slice() {
            [change] if matches!(change.cause, Cause::Workspace | Cause::Extra) => Some(&change.path),
            _ => None,
        };
        let replies = self.served.is_some_and(|served| {
            batch.first_event.saturating_duration_since(served) < REPLY
                && batch.last_event.saturating_duration_since(batch.first_event) < ONE_WRITE
        });
        let Some(path) = lone.filter(|_| replies) else {
            // An edit of something else does not make a reply a person's.
            if lone.is_some_and(|path| self.is_known(path)) {
                self.streak = 0;
            }
            return None;
        };
        self.streak = if self.is_known(path) { self.streak + 1 } else { 1 };
        self.path = Some(path.clone());
        (self.streak > REPLIES).then(|| path.clone())
    }

    /// Holds a change back; says whether nothing was held yet.
    pub(super) fn hold(&mut self, triggers: Vec<Trigger>, at: Instant, now: Instant) -> bool {
        let first = self.held.is_none();
        let until = self.held.as_ref().map_or(now + PAUSE, |held| held.until);
        self.held = Some(Held { triggers, at, until });
        first
    }

    /// When what is held is due.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.held.as_ref().map(|held| held.until)
    }

    /// Takes what is due: triggers, and when they were seen.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<(Vec<Trigger>, Instant)> {
        let held = self.held.take_if(|held| held.until <= now)?;
        Some((held.triggers, held.at))
    }

    fn is_known(&self, path: &Path) -> bool {
        self.path.as_deref() == Some(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::harness::watch::Change;

    const MS: Duration = Duration::from_millis(1);

    fn batch(names: &[&str], first_event: Instant, span: Duration) -> Batch {
        let change = |name: &&str| Change { path: name.into(), cause: Cause::Extra, removed: false };
        let changes = names.iter().map(change).collect();
        Batch { changes, first_event, last_event: first_event + span }
    }

    /// Feeds one batch per reload, `delay` after each; says which were held.
    #[track_caller]
    fn check(names: &[&str], delay: Duration, span: Duration, expect: [bool; 4]) {
        let mut echoes = Echoes::default();
        let mut now = Instant::now();
        let held = [(); 4].map(|()| {
            echoes.served(now);
            now += delay;
            let held = echoes.judge(&batch(names, now, span)).is_some();
            now += 300 * MS;
            held
        });
        assert_eq!(held, expect);
    }

    #[test]
    fn only_a_lone_prompt_single_write_each_time_is_an_echo() {
        check(&["a"], 20 * MS, Duration::ZERO, [false, false, true, true]);
        check(&["a"], 290 * MS, Duration::ZERO, [false; 4]);
        check(&["a"], 20 * MS, 60 * MS, [false; 4]);
        check(&["a", "b"], 20 * MS, Duration::ZERO, [false; 4]);
    }

    #[test]
    fn what_is_held_comes_out_once_with_its_last_cause() {
        let mut echoes = Echoes::default();
        let now = Instant::now();
        assert!(echoes.hold(vec![Trigger::Crash], now, now));
        assert!(!echoes.hold(vec![Trigger::Start], now + MS, now + MS));
        assert_eq!(echoes.deadline(), Some(now + PAUSE));
        assert!(echoes.take_due(now + 9_999 * MS).is_none());
        assert_eq!(echoes.take_due(now + PAUSE), Some((vec![Trigger::Start], now + MS)));
        assert_eq!(echoes.deadline(), None);
    }
}
