//! Proxies whose word about a client's address is taken: addresses and networks.

use std::fmt;
use std::net::IpAddr;

use super::locality::parse_ip;

/// An address, or a network in the form `10.0.0.0/8`. The published gateway knows addresses only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrustedProxy {
    network: IpAddr,
    prefix: u8,
}

// === impl TrustedProxy ===

impl TrustedProxy {
    /// Reads an address or a network; `None` for anything else, names included.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let Some((network, prefix)) = text.split_once('/') else {
            let network = parse_ip(text)?;
            return Some(Self { network, prefix: width(network) });
        };
        // As written: an IPv4 network inside IPv6 would have another prefix.
        let network: IpAddr = network.trim().parse().ok()?;
        let prefix: u8 = prefix.trim().parse().ok()?;
        (prefix <= width(network)).then_some(Self { network, prefix })
    }

    /// Whether the address is meant. IPv4 inside IPv6 counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        let distance = match (self.network, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => u128::from(network.to_bits() ^ address.to_bits()),
            (IpAddr::V6(network), IpAddr::V6(address)) => network.to_bits() ^ address.to_bits(),
            _ => return false,
        };
        let free = width(self.network) - self.prefix;
        distance.checked_shr(u32::from(free)).unwrap_or(0) == 0
    }
}

impl fmt::Display for TrustedProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network, self.prefix)
    }
}

/// Bits of an address of this kind.
fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_networks() {
        for (proxy, address, expected) in [
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "127.0.0.2", false),
            ("127.0.0.1", "::ffff:127.0.0.1", true),
            ("::1", "::1", true),
            ("[::1]", "::1", true),
            ("::1", "127.0.0.1", false),
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.0.0.7/32", "10.0.0.7", true),
            ("172.16.0.0/12", "172.31.255.255", true),
            ("172.16.0.0/12", "172.32.0.0", false),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "::1", false),
            ("::/0", "2001:db8::1", true),
            ("fd00::/8", "fdff::1", true),
            ("fd00::/8", "fe80::1", false),
        ] {
            let found = TrustedProxy::parse(proxy).unwrap().contains(address.parse().unwrap());
            assert_eq!(found, expected, "{proxy} {address}");
        }
    }

    #[test]
    fn anything_else_is_none() {
        for text in
            ["", " ", "localhost", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "::/129", "10.0.0/8", "*"]
        {
            assert_eq!(TrustedProxy::parse(text), None, "{text:?}");
        }
    }
}
