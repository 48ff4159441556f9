//! When a job runs next, whatever the clock did. Pure.
//!
//! A clock that is set forward skips moments; however many of a job were skipped, the job runs once for them. A clock
//! that is set back brings moments again. What has run already does not run for them again, unless the clock went back
//! by a whole period of the job or more: then the schedule holds as from now, for otherwise a clock that was a year
//! ahead for a minute would silence every job for a year.

use super::schedule::Schedule;

/// The next moment, Unix milliseconds; in the past when the job missed one. `last_ms` is when its last run began,
/// `changed_ms` when the job was made or last changed.
pub(crate) fn next_run(
    schedule: &Schedule,
    last_ms: Option<u64>,
    changed_ms: u64,
    now_ms: u64,
) -> Option<u64> {
    if let Schedule::At(at_ms) = schedule {
        return Some(*at_ms).filter(|at_ms| last_ms.is_none_or(|last_ms| last_ms < *at_ms));
    }
    let begin_ms = last_ms.map_or(changed_ms, |last_ms| last_ms.max(changed_ms));
    let from_ms = match last_ms {
        Some(last_ms) if last_ms > now_ms => {
            let period = schedule.next_after(last_ms, begin_ms).map_or(0, |next_ms| next_ms - last_ms);
            if last_ms - now_ms < period { last_ms } else { now_ms }
        }
        _ => now_ms,
    };
    schedule.next_after(from_ms, begin_ms)
}
