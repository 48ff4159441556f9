//! The sockets of a bind plan: bound once, shared by every gateway that follows another one on the same address,
//! closed with the last one that names them.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Weak};

use crate::platform::net;
use crate::settings::{BindPlan, PlannedAddress};

/// Bound sockets and what they were asked for.
#[derive(Debug)]
pub struct Listeners {
    addresses: Vec<PlannedAddress>,
    port: u16,
    sockets: Arc<[TcpListener]>,
    missing: Vec<BindError>,
}

/// Every set of sockets that somebody still holds. An address that one of them holds cannot be bound again, and
/// need not be.
#[derive(Debug, Default)]
pub struct Bound {
    sets: Vec<Weak<Listeners>>,
}

/// An address that could not be bound.
#[derive(Debug, thiserror::Error)]
#[error("failed to bind {address}: {source}")]
pub struct BindError {
    /// The address.
    pub address: SocketAddr,
    /// Why.
    pub source: io::Error,
}

// === impl Bound ===

impl Bound {
    /// The sockets that `plan` asks for at `port`: those that are bound already, and the rest bound now. Every
    /// required address must be bound, an optional one may fail. With port 0 the system chooses one port for
    /// all, once.
    pub fn listen(&mut self, plan: &BindPlan, port: u16) -> Result<Arc<Listeners>, BindError> {
        self.sets.retain(|set| set.strong_count() > 0);
        let known: Vec<Arc<Listeners>> = self.sets.iter().rev().filter_map(Weak::upgrade).collect();
        // What could not be had before may be had now.
        let complete = |set: &&Arc<Listeners>| {
            set.port == port && set.addresses == plan.addresses && set.missing.is_empty()
        };
        if let Some(same) = known.iter().find(complete) {
            return Ok(Arc::clone(same));
        }
        let mut chosen = match known.iter().find(|set| set.port == port) {
            Some(set) if port == 0 => set.bound_port().unwrap_or(0),
            _ => port,
        };
        let mut sockets: Vec<TcpListener> = Vec::new();
        let mut missing = Vec::new();
        for planned in &plan.addresses {
            let address = SocketAddr::new(planned.address, chosen);
            match take_over(&known, address).unwrap_or_else(|| net::bind(address)) {
                Ok(socket) => {
                    if let Ok(bound) = socket.local_addr() {
                        chosen = bound.port();
                    }
                    sockets.push(socket);
                }
                Err(source) if planned.required => return Err(BindError { address, source }),
                Err(source) => missing.push(BindError { address, source }),
            }
        }
        let addresses = plan.addresses.clone();
        let listeners = Arc::new(Listeners { addresses, port, sockets: sockets.into(), missing });
        self.sets.push(Arc::downgrade(&listeners));
        Ok(listeners)
    }
}

/// A socket that is bound to `address` already.
fn take_over(known: &[Arc<Listeners>], address: SocketAddr) -> Option<io::Result<TcpListener>> {
    known
        .iter()
        .flat_map(|set| set.sockets.iter())
        .find(|socket| socket.local_addr().is_ok_and(|bound| bound == address))
        .map(TcpListener::try_clone)
}

// === impl Listeners ===

impl Listeners {
    /// Sockets that somebody else has bound.
    pub fn given(sockets: Vec<TcpListener>) -> Arc<Self> {
        Arc::new(Self { addresses: Vec::new(), port: 0, sockets: sockets.into(), missing: Vec::new() })
    }

    /// The sockets, the main one first.
    pub fn sockets(&self) -> &Arc<[TcpListener]> {
        &self.sockets
    }

    /// Optional addresses that could not be bound.
    pub fn missing(&self) -> &[BindError] {
        &self.missing
    }

    /// The port of the main socket.
    pub fn bound_port(&self) -> Option<u16> {
        Some(self.sockets.first()?.local_addr().ok()?.port())
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    fn plan(hosts: &[[u8; 4]]) -> BindPlan {
        let planned =
            |host: &[u8; 4]| PlannedAddress { address: IpAddr::V4(Ipv4Addr::from(*host)), required: true };
        BindPlan { addresses: hosts.iter().map(planned).collect(), note: None }
    }

    #[test]
    fn more_addresses_at_the_same_port_take_over_what_is_bound() {
        let mut bound = Bound::default();
        let one = bound.listen(&plan(&[[127, 0, 0, 1]]), 0).unwrap();
        let port = one.bound_port().unwrap();
        let both = bound.listen(&plan(&[[127, 0, 0, 2], [127, 0, 0, 1]]), port).unwrap();
        assert_eq!(both.sockets().len(), 2);
        assert_eq!(both.bound_port(), Some(port));
        drop(both);
        assert_eq!(bound.listen(&plan(&[[127, 0, 0, 1]]), port).unwrap().bound_port(), Some(port));
    }

    #[test]
    fn what_was_missing_is_tried_again() {
        let mut bound = Bound::default();
        let holder = net::bind(SocketAddr::from(([127, 0, 0, 2], 0))).unwrap();
        let port = holder.local_addr().unwrap().port();
        let mut wanted = plan(&[[127, 0, 0, 4], [127, 0, 0, 2]]);
        wanted.addresses[1].required = false;
        let one = bound.listen(&wanted, port).unwrap();
        assert_eq!((one.sockets().len(), one.missing().len()), (1, 1));
        drop(holder);
        let both = bound.listen(&wanted, port).unwrap();
        assert_eq!((both.sockets().len(), both.missing().len()), (2, 0));
    }

    #[test]
    fn a_port_that_was_left_can_be_returned_to_while_it_is_still_held() {
        let mut bound = Bound::default();
        let first = bound.listen(&plan(&[[127, 0, 0, 1]]), 0).unwrap();
        let port = first.bound_port().unwrap();
        let moved = bound.listen(&plan(&[[127, 0, 0, 3]]), port).unwrap();
        let back = bound.listen(&plan(&[[127, 0, 0, 1]]), port).unwrap();
        assert_eq!(back.bound_port(), Some(port));
        drop((first, moved, back));
        net::bind(SocketAddr::from(([127, 0, 0, 1], port))).unwrap();
    }
}
