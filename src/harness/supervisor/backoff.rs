//! How long to wait before a crashed generation is started again.

use std::time::Duration;

/// First delay that is not zero.
const FIRST: Duration = Duration::from_millis(100);
/// Longest delay.
const CAP: Duration = Duration::from_secs(10);

/// Delay before retry number `attempt` (from 0): none, then 100 ms doubling up to 10 s, each shortened by up to a
/// quarter so that harnesses which crashed together do not retry together. Advances `jitter` (xorshift, not 0).
pub(super) fn delay(attempt: u32, jitter: &mut u64) -> Duration {
    let Some(doublings) = attempt.checked_sub(1) else { return Duration::ZERO };
    *jitter ^= *jitter << 13;
    *jitter ^= *jitter >> 7;
    *jitter ^= *jitter << 17;
    let full = FIRST.saturating_mul(1 << doublings.min(7)).min(CAP);
    let permille = u32::try_from(*jitter % 251).unwrap_or(0);
    full.saturating_sub(full * permille / 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_to_the_cap_and_jitters_downwards() {
        let mut jitter = 1;
        assert_eq!(delay(0, &mut jitter), Duration::ZERO);
        for (attempt, full) in [(1, 100), (2, 200), (3, 400), (7, 6_400), (8, 10_000), (60, 10_000)] {
            let full = Duration::from_millis(full);
            let got = delay(attempt, &mut jitter);
            assert!(got <= full && got >= full * 3 / 4, "attempt {attempt}: {got:?}");
        }
    }
}
