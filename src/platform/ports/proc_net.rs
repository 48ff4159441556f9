//! The kernel's socket tables, `/proc/net/tcp` and `/proc/net/tcp6` (`proc_pid_net(5)`). Pure.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// State of a socket that listens.
const LISTEN: &str = "0A";

/// A listening socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Listening {
    /// What it listens on.
    pub(super) address: SocketAddr,
    /// Who opened it.
    pub(super) uid: u32,
    /// What links it to its processes.
    pub(super) inode: u64,
}

/// The listening sockets of one table. Lines that make no sense are skipped, as the heading is.
pub(super) fn listening(table: &str) -> impl Iterator<Item = Listening> {
    table.lines().filter_map(|line| {
        let mut fields = line.split_whitespace();
        let local = fields.nth(1)?;
        // The address of the other side stands in between.
        let state = fields.nth(1)?;
        let uid = fields.nth(3)?.parse().ok()?;
        let inode = fields.nth(1)?.parse().ok()?;
        (state == LISTEN).then_some(Listening { address: address(local)?, uid, inode })
    })
}

/// Who opened the socket that is bound to `local` and connected to `remote`.
pub(super) fn owner(table: &str, local: SocketAddr, remote: SocketAddr) -> Option<u32> {
    let is = |field: &str, wanted: SocketAddr| {
        address(field).is_some_and(|found| {
            found.port() == wanted.port() && found.ip().to_canonical() == wanted.ip().to_canonical()
        })
    };
    table.lines().find_map(|line| {
        let mut fields = line.split_whitespace();
        let ends = (fields.nth(1)?, fields.next()?);
        // The state, and what is queued, stand in between.
        let uid = fields.nth(4)?;
        (is(ends.0, local) && is(ends.1, remote)).then(|| uid.parse().ok()).flatten()
    })
}

/// `ADDRESS:PORT`, both hexadecimal; the address in 32-bit words, each as this machine's processor reads it.
fn address(text: &str) -> Option<SocketAddr> {
    let (address, port) = text.split_once(':')?;
    let mut bytes = Vec::with_capacity(16);
    for start in (0..address.len()).step_by(8) {
        let word = u32::from_str_radix(address.get(start..start + 8)?, 16).ok()?;
        bytes.extend(word.to_ne_bytes());
    }
    let ip = match bytes.len() {
        4 => IpAddr::from(Ipv4Addr::from(<[u8; 4]>::try_from(bytes).ok()?)),
        _ => IpAddr::from(Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?)),
    };
    Some(SocketAddr::new(ip, u16::from_str_radix(port, 16).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(table: &str, expect: &[(&str, u32)]) {
        let found: Vec<_> = listening(table).map(|found| (found.address.to_string(), found.uid)).collect();
        let expect: Vec<_> = expect.iter().map(|(address, uid)| ((*address).to_owned(), *uid)).collect();
        assert_eq!(found, expect);
        assert!(listening(table).all(|found| found.inode != 0));
    }

    // Recorded on a little-endian machine.
    #[cfg(target_endian = "little")]
    #[test]
    fn reads_recorded_tables() {
        check(
            include_str!("../../../fixtures/ports/tcp"),
            &[("127.0.0.1:18789", 1000), ("0.0.0.0:19001", 0)],
        );
        check(include_str!("../../../fixtures/ports/tcp6"), &[("[::]:19001", 0), ("[::1]:18789", 1000)]);
    }

    #[cfg(target_endian = "little")]
    #[test]
    fn finds_an_end_of_a_connection() {
        let table = include_str!("../../../fixtures/ports/tcp");
        let of = |local: &str, remote: &str| owner(table, local.parse().unwrap(), remote.parse().unwrap());
        assert_eq!(of("127.0.0.1:33484", "127.0.0.1:18789"), Some(0));
        assert_eq!(of("[::ffff:127.0.0.1]:33484", "127.0.0.1:18789"), Some(0));
        assert_eq!(of("127.0.0.1:33484", "127.0.0.1:18790"), None);
        assert_eq!(of("127.0.0.2:33484", "127.0.0.1:18789"), None);
        assert_eq!(of("127.0.0.1:18789", "0.0.0.0:0"), Some(1000));
    }

    #[test]
    fn nonsense_is_skipped() {
        check("", &[]);
        check("  sl  local_address rem_address   st", &[]);
        check("0: 01:4965 00000000:0000 0A 0:0 0:0 0 0 0 17", &[]);
        check("0: ÿÿÿÿÿÿÿÿ:4965 00000000:0000 0A 0:0 0:0 0 0 0 17", &[]);
    }
}
