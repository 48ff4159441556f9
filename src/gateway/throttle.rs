//! Slowing down whoever guesses secrets (`product` decision 19). Pure: the time arrives as a value.
//!
//! A refusal for a wrong secret is answered later the more of them came from the same address. Nobody is
//! locked out: the right secret is answered at once.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

/// Failures that are answered at once: a person who mistypes, a client with a stale token.
const FREE: u32 = 5;
/// The first delay; each further failure doubles it.
const FIRST: Duration = Duration::from_millis(100);
/// The longest delay.
const LONGEST: Duration = Duration::from_secs(3);
/// Failures are forgotten after this long without another one.
const FORGET_MS: u64 = 60_000;
/// Addresses remembered at most.
const ADDRESSES: usize = 512;

/// Failures by address.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    failures: BTreeMap<IpAddr, Failures>,
}

#[derive(Debug, Default)]
struct Failures {
    count: u32,
    last_ms: u64,
}

impl Throttle {
    /// Notes a failure; returns how long its answer has to wait.
    pub(crate) fn failed(&mut self, address: IpAddr, now_ms: u64) -> Duration {
        self.failures.retain(|_, failures| now_ms.saturating_sub(failures.last_ms) < FORGET_MS);
        if self.failures.len() >= ADDRESSES && !self.failures.contains_key(&address) {
            // So many addresses at once are an attack; a table that grows with it would be another one.
            return LONGEST;
        }
        let failures = self.failures.entry(address).or_default();
        failures.count += 1;
        failures.last_ms = now_ms;
        match failures.count.checked_sub(FREE + 1) {
            None => Duration::ZERO,
            Some(doublings) => FIRST.saturating_mul(1 << doublings.min(10)).min(LONGEST),
        }
    }

    /// Forgets the failures of an address that turned out to know the secret.
    pub(crate) fn succeeded(&mut self, address: IpAddr) {
        self.failures.remove(&address);
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn delays_double_and_are_forgotten() {
        let mut throttle = Throttle::default();
        let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let delays: Vec<u128> = (0..12).map(|at| throttle.failed(address, at).as_millis()).collect();
        assert_eq!(delays, [0, 0, 0, 0, 0, 100, 200, 400, 800, 1600, 3000, 3000]);
        assert_eq!(throttle.failed(IpAddr::V4(Ipv4Addr::BROADCAST), 12), Duration::ZERO);
        assert_eq!(throttle.failed(address, 12 + FORGET_MS), Duration::ZERO);
        for at in 0..10 {
            throttle.failed(address, FORGET_MS + at);
        }
        throttle.succeeded(address);
        assert_eq!(throttle.failed(address, FORGET_MS + 20), Duration::ZERO);
    }

    #[test]
    fn the_table_is_bounded() {
        let mut throttle = Throttle::default();
        for number in 0..2000_u32 {
            throttle.failed(IpAddr::V4(number.into()), 0);
        }
        assert_eq!(throttle.failures.len(), ADDRESSES);
    }
}
