//! Slowing down whoever guesses secrets (`product` decision 19). Pure: the time arrives as a value.
//!
//! After some wrong secrets from an address, each further attempt from it waits before it is decided, one after
//! the other: opening many connections at once gains nothing. Addresses without recent failures never wait.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

/// Failures that cost no waiting: a person who mistypes, a client with a stale token.
const FREE: u32 = 5;
/// The first delay; each further failure doubles it.
const FIRST_MS: u64 = 100;
/// The longest delay. As many as may wait have their turn within the time that a handshake has.
const LONGEST_MS: u64 = 3_000;
/// Failures are forgotten after this long without another one.
const FORGET_MS: u64 = 60_000;
/// Attempts that wait at the same time, per address.
const WAITING: u32 = 3;
/// Addresses remembered at most; a table that grows with an attack would be another one.
const ADDRESSES: usize = 512;

/// Failures by address.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    sources: BTreeMap<IpAddr, Source>,
}

/// When an attempt may be decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    /// Now.
    AtOnce,
    /// After this long; [`Throttle::leave`] has to follow.
    After(Duration),
    /// Not at all: enough others wait.
    Refused,
}

#[derive(Debug, Default)]
struct Source {
    failures: u32,
    last_ms: u64,
    /// When the next attempt has its turn.
    next_ms: u64,
    waiting: u32,
}

// === impl Throttle ===

impl Throttle {
    /// An attempt from this address.
    pub(crate) fn enter(&mut self, address: IpAddr, now_ms: u64) -> Admission {
        self.forget_old(now_ms);
        let Some(source) = self.sources.get_mut(&key(address)) else { return Admission::AtOnce };
        let delay_ms = source.delay_ms();
        if delay_ms == 0 {
            return Admission::AtOnce;
        }
        if source.waiting >= WAITING {
            return Admission::Refused;
        }
        source.waiting += 1;
        let turn_ms = source.next_ms.max(now_ms);
        source.next_ms = turn_ms + delay_ms;
        Admission::After(Duration::from_millis(turn_ms - now_ms))
    }

    /// An attempt that waited waits no longer.
    pub(crate) fn leave(&mut self, address: IpAddr) {
        if let Some(source) = self.sources.get_mut(&key(address)) {
            source.waiting = source.waiting.saturating_sub(1);
        }
    }

    /// Notes a wrong secret.
    pub(crate) fn failed(&mut self, address: IpAddr, now_ms: u64) {
        let key = key(address);
        if !self.sources.contains_key(&key) && self.sources.len() >= ADDRESSES && !self.drop_oldest() {
            return;
        }
        let source = self.sources.entry(key).or_default();
        source.failures = source.failures.saturating_add(1);
        source.last_ms = now_ms;
        source.next_ms = source.next_ms.max(now_ms + source.delay_ms());
    }

    /// Forgets the failures of an address that turned out to know the secret.
    pub(crate) fn succeeded(&mut self, address: IpAddr) {
        if let Some(source) = self.sources.get_mut(&key(address)) {
            *source = Source { waiting: source.waiting, ..Source::default() };
        }
    }

    fn forget_old(&mut self, now_ms: u64) {
        self.sources.retain(|_, source| {
            source.waiting > 0 || source.failures > 0 && now_ms.saturating_sub(source.last_ms) < FORGET_MS
        });
    }

    /// Makes room for another address; `false` when everybody waits.
    fn drop_oldest(&mut self) -> bool {
        let idle = self.sources.iter().filter(|(_, source)| source.waiting == 0);
        let oldest = idle.min_by_key(|(_, source)| source.last_ms).map(|(key, _)| *key);
        oldest.is_some_and(|key| self.sources.remove(&key).is_some())
    }
}

impl Source {
    /// How long the next attempt has to wait after the last one.
    fn delay_ms(&self) -> u64 {
        match self.failures.checked_sub(FREE) {
            None => 0,
            Some(doublings) => (FIRST_MS << doublings.min(10)).min(LONGEST_MS),
        }
    }
}

/// Whoever has an IPv6 address usually has all of its /64.
fn key(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from(u128::from(address) >> 64 << 64)),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    fn after(ms: u64) -> Admission {
        Admission::After(Duration::from_millis(ms))
    }

    fn failed_often(times: u32) -> Throttle {
        let mut throttle = Throttle::default();
        (0..times).for_each(|_| throttle.failed(HERE, 0));
        throttle
    }

    #[test]
    fn delays_double_and_are_forgotten() {
        for (failures, expect) in [
            (0, Admission::AtOnce),
            (4, Admission::AtOnce),
            (5, after(100)),
            (6, after(200)),
            (9, after(1600)),
            (10, after(3000)),
            (99, after(3000)),
        ] {
            assert_eq!(failed_often(failures).enter(HERE, 0), expect, "{failures}");
        }
        let mut throttle = failed_often(9);
        assert_eq!(throttle.enter(IpAddr::V4(Ipv4Addr::BROADCAST), 0), Admission::AtOnce);
        assert_eq!(throttle.enter(HERE, FORGET_MS), Admission::AtOnce);
        let mut throttle = failed_often(9);
        throttle.succeeded(HERE);
        assert_eq!(throttle.enter(HERE, 0), Admission::AtOnce);
    }

    #[test]
    fn attempts_at_the_same_time_wait_for_each_other() {
        let mut throttle = failed_often(6);
        let admissions = [(); 4].map(|()| throttle.enter(HERE, 50));
        assert_eq!(admissions, [after(150), after(350), after(550), Admission::Refused]);
        throttle.leave(HERE);
        assert_eq!(throttle.enter(HERE, 50), after(750));
    }

    #[test]
    fn an_ipv6_network_counts_as_one() {
        let mut throttle = Throttle::default();
        for host in 0..5_u16 {
            throttle.failed(Ipv6Addr::new(0x2001, 0xdb8, 0, 1, 0, 0, 0, host).into(), 0);
        }
        let of = |network| Ipv6Addr::new(0x2001, 0xdb8, 0, network, 9, 9, 9, 9).into();
        assert_eq!(throttle.enter(of(1), 0), after(100));
        assert_eq!(throttle.enter(of(2), 0), Admission::AtOnce);
    }

    #[test]
    fn the_table_is_bounded() {
        let mut throttle = Throttle::default();
        for number in 0..2000_u32 {
            throttle.failed(IpAddr::V4(number.into()), u64::from(number));
        }
        assert_eq!(throttle.sources.len(), ADDRESSES);
        assert!(throttle.sources.contains_key(&IpAddr::V4(1999.into())));
    }
}
