//! Addresses of the machine's network interfaces.

use std::io;
use std::net::IpAddr;

/// One address of one interface; an interface with three addresses appears three times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Name, for example `eth0`.
    pub name: String,
    /// The address.
    pub address: IpAddr,
    /// Whether the interface is up.
    pub up: bool,
    /// Whether this is a loopback interface.
    pub loopback: bool,
    /// Whether this is a point-to-point link, as tunnels are.
    pub point_to_point: bool,
}

/// Every IPv4 and IPv6 address of this machine, in the system's order.
#[cfg(unix)]
pub fn interfaces() -> io::Result<Vec<Interface>> {
    use nix::ifaddrs::getifaddrs;
    use nix::net::if_::InterfaceFlags;

    let found = getifaddrs()?.filter_map(|entry| {
        let storage = entry.address?;
        let address = match (storage.as_sockaddr_in(), storage.as_sockaddr_in6()) {
            (Some(four), _) => IpAddr::V4(four.ip()),
            (None, Some(six)) => IpAddr::V6(six.ip()),
            (None, None) => return None,
        };
        Some(Interface {
            name: entry.interface_name,
            address,
            up: entry.flags.contains(InterfaceFlags::IFF_UP),
            loopback: entry.flags.contains(InterfaceFlags::IFF_LOOPBACK),
            point_to_point: entry.flags.contains(InterfaceFlags::IFF_POINTOPOINT),
        })
    });
    Ok(found.collect())
}

/// Only loopback: nothing here asks Windows for its interfaces yet.
#[cfg(not(unix))]
pub fn interfaces() -> io::Result<Vec<Interface>> {
    Ok(vec![Interface {
        name: "loopback".to_owned(),
        address: std::net::Ipv4Addr::LOCALHOST.into(),
        up: true,
        loopback: true,
        point_to_point: false,
    }])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_among_them_and_marked() {
        let found = interfaces().unwrap();
        let loopback = found.iter().find(|interface| interface.address.is_loopback()).unwrap();
        assert!(loopback.loopback && loopback.up, "{loopback:?}");
    }
}
