//! Room for connections: so many at a time, and so many of one address, so that nobody takes every place. It counts
//! and knows no sockets.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Connections of one address at a time. Above every household behind one address, and a sixteenth of all places.
pub(crate) const PER_ADDRESS: usize = 1024;

/// How much room there is, and who takes it.
#[derive(Debug)]
pub(crate) struct Room {
    most: usize,
    most_per_address: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    /// Whether the log says that it is full.
    is_told: bool,
    /// Addresses with at least one place.
    by_address: HashMap<IpAddr, OfAddress>,
}

#[derive(Debug, Default)]
struct OfAddress {
    places: usize,
    is_told: bool,
}

/// One connection's place; given back when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    room: Arc<Room>,
    /// Whose it is; `None` when its address does not count.
    address: Option<IpAddr>,
}

/// What is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Full {
    /// Every place is taken.
    #[error("too many connections")]
    Gateway,
    /// The address has all the places that it may have.
    #[error("too many connections from this address")]
    Address,
}

/// A place that was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refused {
    /// Why.
    pub(crate) full: Full,
    /// Whether it is the first since there was room: worth a line of the log.
    pub(crate) is_first: bool,
}

// === impl Room ===

impl Room {
    /// Nobody is there yet.
    pub(crate) fn new(most: usize, most_per_address: usize) -> Arc<Self> {
        Arc::new(Self { most, most_per_address, taken: Mutex::default() })
    }

    /// Takes a place for a peer, which has no address when it speaks for many. The addresses of this machine are not
    /// counted apart either.
    pub(crate) fn enter(self: &Arc<Self>, peer: Option<IpAddr>) -> Result<Place, Refused> {
        let address = peer.and_then(counted);
        let mut guard = self.lock();
        let taken = &mut *guard;
        if taken.all >= self.most {
            let is_first = !std::mem::replace(&mut taken.is_told, true);
            return Err(Refused { full: Full::Gateway, is_first });
        }
        if let Some(address) = address {
            let of_address = taken.by_address.entry(address).or_default();
            if of_address.places >= self.most_per_address {
                let is_first = !std::mem::replace(&mut of_address.is_told, true);
                return Err(Refused { full: Full::Address, is_first });
            }
            of_address.places += 1;
        }
        taken.all += 1;
        Ok(Place { room: Arc::clone(self), address })
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an address counts as. One customer has a whole /64 of IPv6.
fn counted(peer: IpAddr) -> Option<IpAddr> {
    match peer.to_canonical() {
        address if address.is_loopback() => None,
        IpAddr::V4(address) => Some(address.into()),
        IpAddr::V6(address) => Some(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into()),
    }
}

// === impl Place ===

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.room.lock();
        taken.all -= 1;
        // Not at every place that comes free: at the limit that is all the time.
        taken.is_told &= taken.all > self.room.most / 2;
        let Some(address) = self.address else { return };
        if let Some(of_address) = taken.by_address.get_mut(&address) {
            of_address.places -= 1;
            of_address.is_told &= of_address.places > self.room.most_per_address / 2;
            if of_address.places == 0 {
                taken.by_address.remove(&address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn what_counts_as_one_address() {
        for (peer, expect) in [
            ("127.0.0.1", None),
            ("127.9.9.9", None),
            ("::1", None),
            ("::ffff:127.0.0.1", None),
            ("192.0.2.7", Some("192.0.2.7")),
            ("::ffff:192.0.2.7", Some("192.0.2.7")),
            ("2001:db8:1:2:3:4:5:6", Some("2001:db8:1:2::")),
        ] {
            assert_eq!(counted(ip(peer)), expect.map(ip), "{peer}");
        }
    }

    #[test]
    fn an_address_has_its_share_and_no_more() {
        let room = Room::new(5, 2);
        let [one, two, here] = ["192.0.2.1", "192.0.2.2", "127.0.0.1"].map(ip);
        let mut places = vec![room.enter(Some(one)).unwrap(), room.enter(Some(one)).unwrap()];
        let refused = |full, is_first| Some(Refused { full, is_first });
        assert_eq!(room.enter(Some(one)).err(), refused(Full::Address, true));
        assert_eq!(room.enter(Some(one)).err(), refused(Full::Address, false));
        places.push(room.enter(Some(two)).unwrap());
        places.extend([room.enter(Some(here)).unwrap(), room.enter(Some(here)).unwrap()]);
        assert_eq!(room.enter(Some(here)).err(), refused(Full::Gateway, true));
        assert_eq!(room.enter(Some(two)).err(), refused(Full::Gateway, false));
        places.clear();
        assert!(room.lock().by_address.is_empty() && room.lock().all == 0);
    }

    #[test]
    fn that_it_is_full_is_told_again_after_there_was_room() {
        let room = Room::new(2, 2);
        let here = ip("127.0.0.1");
        let mut places = vec![room.enter(Some(here)).unwrap(), room.enter(Some(here)).unwrap()];
        assert!(room.enter(Some(here)).unwrap_err().is_first);
        assert!(!room.enter(Some(here)).unwrap_err().is_first);
        places.pop();
        places.push(room.enter(Some(here)).unwrap());
        assert!(room.enter(Some(here)).unwrap_err().is_first);
    }
}
