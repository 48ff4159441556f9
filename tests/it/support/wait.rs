//! Letting time pass. The only place of the tests that does: everything waits for a condition with a deadline,
//! or checks that a condition holds for a while.

use std::fmt;
use std::thread;
use std::time::{Duration, Instant};

/// How long a test waits for what must happen. Far above what it takes, so that a loaded machine fails no test.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// How long a test watches for what must not happen. Ten times the longest quiet time of the harness.
pub(crate) const VIGIL: Duration = Duration::from_millis(600);

/// Repeats `probe` until it returns a value. Panics with `what` after `patience`.
///
/// A poll, for states that announce themselves to nobody: whether a foreign process is gone, or what a port
/// answers.
#[track_caller]
pub(crate) fn until<T>(
    what: impl fmt::Display,
    patience: Duration,
    mut probe: impl FnMut() -> Option<T>,
) -> T {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(value) = probe() {
            return value;
        }
        assert!(Instant::now() < deadline, "not within {patience:?}: {what}");
        pass(Duration::from_millis(1));
    }
}

/// Checks that `probe` returns `None` for the whole `period`; what it returns otherwise is the panic's text.
#[track_caller]
pub(crate) fn never(what: &str, period: Duration, mut probe: impl FnMut() -> Option<String>) {
    let end = Instant::now() + period;
    while Instant::now() < end {
        if let Some(found) = probe() {
            panic!("must not happen: {what}: {found}");
        }
        pass(Duration::from_millis(5));
    }
}

/// Lets `period` pass. For the pace of traffic that a test makes, never for what it waits for.
pub(crate) fn pass(period: Duration) {
    let end = Instant::now() + period;
    // `park_timeout` may return early; nobody unparks this thread, so the loop ends with the period.
    while let Some(rest) = end.checked_duration_since(Instant::now()) {
        if rest.is_zero() {
            return;
        }
        thread::park_timeout(rest);
    }
}
