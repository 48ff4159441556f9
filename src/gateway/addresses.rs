//! Addresses as people and clients see them.

use std::net::{IpAddr, SocketAddr};

use crate::platform::net::interfaces;

/// The addresses under which a listener on `address` is reached: itself, or every address of this machine's
/// interfaces when it stands for all of them.
pub(super) fn reachable(address: IpAddr) -> Vec<IpAddr> {
    if !address.is_unspecified() {
        return vec![address];
    }
    let all = interfaces().unwrap_or_default();
    all.into_iter()
        .filter(|found| found.up && is_served(address, found.address))
        .map(|found| found.address)
        .collect()
}

/// The URLs of a listener: one per address, loopback only when there is no other. `secure`: it speaks TLS.
pub(super) fn urls(address: SocketAddr, secure: bool) -> Vec<String> {
    let mut reached = reachable(address.ip());
    if reached.iter().any(|ip| !ip.is_loopback()) && address.ip().is_unspecified() {
        reached.retain(|ip| !ip.is_loopback());
    }
    let scheme = if secure { "wss" } else { "ws" };
    reached.into_iter().map(|ip| format!("{scheme}://{}", SocketAddr::new(ip, address.port()))).collect()
}

/// Whether a listener on all addresses is reached by this one: by its family, and not by addresses that need a
/// scope.
fn is_served(all: IpAddr, one: IpAddr) -> bool {
    match (all, one) {
        (IpAddr::V4(_), IpAddr::V4(_)) => true,
        (IpAddr::V6(_), IpAddr::V6(one)) => !one.is_unicast_link_local(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_one_address() {
        assert_eq!(urls("127.0.0.1:18789".parse().unwrap(), false), ["ws://127.0.0.1:18789"]);
        assert_eq!(urls("[::1]:5".parse().unwrap(), true), ["wss://[::1]:5"]);
    }

    #[test]
    fn nobody_is_sent_to_the_unspecified_address() {
        let urls = urls("0.0.0.0:5".parse().unwrap(), false);
        assert!(urls.iter().all(|url| !url.contains("0.0.0.0")), "{urls:?}");
    }
}
