//! How long to wait before the next attempt. Pure: time and chance come in as values.
//!
//! As the published client does it: one second, doubled up to thirty, from the start again after `hello-ok`. Up to a
//! fifth less by chance, so that the clients of one gateway do not come back all at once. A gateway that said that it
//! restarts is different: it is there again in a moment, and is asked again in milliseconds for that long.

use std::time::Duration;

/// The first wait.
const FIRST: Duration = Duration::from_secs(1);
/// The longest wait.
const LONGEST: Duration = Duration::from_secs(30);
/// The first wait during a restart; the attempt before it is made at once.
const RESTART_FIRST: Duration = Duration::from_millis(10);
/// The longest wait during a restart.
const RESTART_LONGEST: Duration = Duration::from_millis(250);
/// How long a restart takes when the gateway did not say.
pub(super) const RESTART: Duration = Duration::from_millis(1500);
/// The longest restart that is believed.
const RESTART_MOST: Duration = Duration::from_mins(1);

/// The waits between attempts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Backoff {
    next: Duration,
    restart: Option<Restart>,
}

/// A restart that was announced.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Restart {
    left: Duration,
    next: Duration,
}

impl Backoff {
    /// After an end that nobody announced.
    pub(super) fn new() -> Self {
        Self { next: FIRST, restart: None }
    }

    /// After a restart was announced, which is to take as long as the gateway said.
    pub(super) fn restart(expected: Duration) -> Self {
        // Twice: what was measured is an expectation, not a promise.
        let left = expected.min(RESTART_MOST) * 2;
        Self { next: FIRST, restart: Some(Restart { left, next: Duration::ZERO }) }
    }

    /// The next wait. `chance` is between 0 and 1.
    pub(super) fn wait(&mut self, chance: f64) -> Duration {
        let less = 1.0 - 0.2 * chance.clamp(0.0, 1.0);
        if let Some(restart) = &mut self.restart {
            let wait = restart.next;
            restart.next = (wait * 2).clamp(RESTART_FIRST, RESTART_LONGEST);
            if wait <= restart.left {
                restart.left -= wait;
                return wait.mul_f64(less);
            }
            self.restart = None;
        }
        let wait = self.next;
        self.next = (wait * 2).min(LONGEST);
        wait.mul_f64(less)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(backoff: &mut Backoff, count: usize) -> Vec<u128> {
        (0..count).map(|_| backoff.wait(0.0).as_millis()).collect()
    }

    #[test]
    fn it_doubles_up_to_thirty_seconds() {
        let expected = [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000];
        assert_eq!(waits(&mut Backoff::new(), 7), expected);
    }

    #[test]
    fn chance_takes_off_a_fifth_at_most() {
        assert_eq!(Backoff::new().wait(1.0), Duration::from_millis(800));
        assert_eq!(Backoff::new().wait(7.0), Duration::from_millis(800));
    }

    #[test]
    fn a_restart_is_bridged_at_once_and_not_forever() {
        let mut backoff = Backoff::restart(Duration::from_millis(40));
        assert_eq!(waits(&mut backoff, 6), [0, 10, 20, 40, 1000, 2000]);
        let total: u128 = waits(&mut Backoff::restart(RESTART), 16).iter().sum();
        assert!(total < 4_000, "{total}");
        let mut huge = Backoff::restart(Duration::MAX);
        let quick = std::iter::repeat_with(|| huge.wait(0.0)).take_while(|wait| *wait < FIRST).count();
        assert!(quick < 1000, "{quick}");
    }
}
