//! How long anything is kept. Pure.

/// How long an event is kept, and a client that has gone.
pub(super) const MAX_AGE_MS: u64 = 300_000;

/// Whether something from then is worth nothing any more. What is dated in the future was dated by a clock that was
/// set back since.
pub(super) fn is_old(at_ms: u64, now_ms: u64) -> bool {
    now_ms.abs_diff(at_ms) > MAX_AGE_MS
}
