//! Slowing down whoever guesses secrets (`product` decision 19). Pure: the time arrives as a value.
//!
//! A right secret is never made to wait; only the answer to a wrong one is. Somebody who does not care for answers
//! could guess on meanwhile, so every wrong guess also takes a place until its answer is due, whether or not
//! anybody still waits for that; with all places taken, nothing more is verified. Places belong to a [`Source`].
//! All programs of this machine share one address, and so do all clients behind a proxy that is not trusted,
//! therefore whoever proves a paired device is a source of its own: a flood of guesses from its address does not
//! concern it. Success forgets nothing, or a client that connects often would buy a neighbour new guesses.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use crate::auth::locality::PeerFacts;

/// Wrong secrets that cost nothing: a person who mistypes, a client with a stale token.
const FREE: u32 = 5;
/// The first delay; each further wrong secret doubles it.
const FIRST_MS: u64 = 100;
/// The longest delay, shorter than the time that a handshake has.
const LONGEST_MS: u64 = 6_000;
/// Wrong secrets are forgotten after this long without another one.
const FORGET_MS: u64 = 60_000;
/// Wrong secrets of one source whose answers are due at the same time.
const PLACES: usize = 4;
/// Sources remembered at most; a table that grows with an attack would be another one.
const SOURCES: usize = 512;

/// Whom a guess is counted against.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    /// The client's address; of an IPv6 address its network.
    Address(IpAddr),
    /// A proxy at this address, which hides whose guess it is.
    Proxy(IpAddr),
    /// A paired device that has proved itself.
    Device(String),
}

/// Wrong secrets by source.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    sources: BTreeMap<Source, Record>,
}

#[derive(Debug, Default)]
struct Record {
    failures: u32,
    last_ms: u64,
    /// When the answers to the latest wrong secrets are due.
    due_ms: Vec<u64>,
}

// === impl Source ===

impl Source {
    /// Whoever is behind a connection, as far as that is known.
    pub(crate) fn of(peer: &PeerFacts) -> Self {
        match peer.client_ip {
            Some(address) => Self::address(address),
            None => Self::Proxy(peer.peer),
        }
    }

    /// The source for an address. Whoever has an IPv6 address usually has all of its /64.
    pub(crate) fn address(address: IpAddr) -> Self {
        Self::Address(match address.to_canonical() {
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from(u128::from(address) >> 64 << 64)),
            address @ IpAddr::V4(_) => address,
        })
    }
}

// === impl Throttle ===

impl Throttle {
    /// Whether a secret from this source may be verified.
    pub(crate) fn admits(&mut self, source: &Source, now_ms: u64) -> bool {
        self.forget_old(now_ms);
        self.sources.get(source).is_none_or(|record| record.waiting(now_ms) < PLACES)
    }

    /// Notes a wrong secret; how long its answer has to wait.
    pub(crate) fn failed(&mut self, source: Source, now_ms: u64) -> Duration {
        if !self.sources.contains_key(&source) && self.sources.len() >= SOURCES {
            self.drop_oldest();
        }
        let record = self.sources.entry(source).or_default();
        record.failures = record.failures.saturating_add(1);
        record.last_ms = now_ms;
        let delay_ms = record.delay_ms();
        if delay_ms > 0 {
            record.due_ms.retain(|due_ms| *due_ms > now_ms);
            // More cannot be verified at the same time; if they were, the table would still be bounded.
            record.due_ms.truncate(PLACES - 1);
            record.due_ms.push(now_ms + delay_ms);
        }
        Duration::from_millis(delay_ms)
    }

    fn forget_old(&mut self, now_ms: u64) {
        self.sources.retain(|_, record| now_ms.abs_diff(record.last_ms) < FORGET_MS);
    }

    fn drop_oldest(&mut self) {
        let oldest = self.sources.iter().min_by_key(|(_, record)| record.last_ms);
        if let Some(source) = oldest.map(|(source, _)| source.clone()) {
            self.sources.remove(&source);
        }
    }
}

impl Record {
    /// How long the answer to the latest wrong secret has to wait.
    fn delay_ms(&self) -> u64 {
        match self.failures.checked_sub(FREE + 1) {
            None => 0,
            Some(doublings) => (FIRST_MS << doublings.min(10)).min(LONGEST_MS),
        }
    }

    fn waiting(&self, now_ms: u64) -> usize {
        self.due_ms.iter().filter(|due_ms| **due_ms > now_ms).count()
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn here() -> Source {
        Source::address(Ipv4Addr::LOCALHOST.into())
    }

    fn failed_often(times: u32) -> Throttle {
        let mut throttle = Throttle::default();
        (0..times).for_each(|_| _ = throttle.failed(here(), 0));
        throttle
    }

    #[test]
    fn delays_double_and_are_forgotten() {
        for (before, expect_ms) in [(0, 0), (4, 0), (5, 100), (6, 200), (10, 3200), (11, 6000), (99, 6000)] {
            let delay = failed_often(before).failed(here(), 0);
            assert_eq!(delay, Duration::from_millis(expect_ms), "{before}");
        }
        let mut throttle = failed_often(9);
        assert_eq!(throttle.failed(Source::address(Ipv4Addr::BROADCAST.into()), 0), Duration::ZERO);
        assert!(throttle.admits(&here(), FORGET_MS));
        assert_eq!(throttle.failed(here(), FORGET_MS), Duration::ZERO);
    }

    #[test]
    fn places_are_taken_until_the_answers_are_due() {
        let mut throttle = failed_often(8);
        assert!(throttle.admits(&here(), 0), "three of four places: due at 100, 200, 400");
        throttle.failed(here(), 0);
        assert!(!throttle.admits(&here(), 99));
        assert!(throttle.admits(&here(), 100));
        throttle.failed(here(), 100);
        assert!(!throttle.admits(&here(), 100), "due at 200, 400, 800, 1700");
    }

    #[test]
    fn a_proved_device_and_a_proxy_are_sources_of_their_own() {
        let mut throttle = failed_often(9);
        let proxy = Source::Proxy(Ipv4Addr::LOCALHOST.into());
        for other in [Source::Device("d1".to_owned()), proxy] {
            assert!(throttle.admits(&other, 0));
            assert_eq!(throttle.failed(other, 0), Duration::ZERO);
        }
    }

    #[test]
    fn an_ipv6_network_counts_as_one() {
        let of = |network, host| {
            Source::address(Ipv6Addr::new(0x2001, 0xdb8, 0, network, host, 0, 0, host).into())
        };
        let mut throttle = Throttle::default();
        (0..5).for_each(|host| _ = throttle.failed(of(1, host), 0));
        assert_eq!(throttle.failed(of(1, 9), 0), Duration::from_millis(100));
        assert_eq!(throttle.failed(of(2, 9), 0), Duration::ZERO);
    }

    #[test]
    fn the_table_is_bounded() {
        let mut throttle = Throttle::default();
        for number in 0..2000_u32 {
            throttle.failed(Source::address(IpAddr::V4(number.into())), u64::from(number));
        }
        assert_eq!(throttle.sources.len(), SOURCES);
        assert!(throttle.sources.contains_key(&Source::address(IpAddr::V4(1999.into()))));
        let mut throttle = Throttle::default();
        for now_ms in 0..10_000 {
            throttle.failed(here(), now_ms);
        }
        assert_eq!(throttle.sources[&here()].due_ms.len(), PLACES);
    }
}
