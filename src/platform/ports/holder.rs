//! Who listens on a port, as facts.

use std::net::SocketAddr;
use std::time::Duration;

use super::origin::Origin;

/// Somebody who listens on a port. Several may share one socket: whoever inherited it holds it too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortHolder {
    /// What it listens on, at that port.
    pub addresses: Vec<SocketAddr>,
    /// User id: of the process when it can be seen, else of who opened the socket. `None` where there are none.
    pub uid: Option<u32>,
    /// Name of that user, if it has one.
    pub user: Option<String>,
    /// The process, as far as this user may see it.
    pub process: Option<HolderProcess>,
}

/// A process that has the socket open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HolderProcess {
    /// Process id.
    pub pid: u32,
    /// Short name, for example `node`.
    pub command: String,
    /// The whole command line. May contain secrets.
    pub cmdline: Vec<String>,
    /// How long it has been running.
    pub age: Option<Duration>,
    /// When it started, as the system writes it: a number that is used again later is another process.
    pub started: Option<String>,
    /// How it was started, when that can still be seen.
    pub origin: Option<Origin>,
}

// === impl PortHolder ===

impl PortHolder {
    /// Its process id, when it can be seen.
    pub fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(|process| process.pid)
    }

    /// Whose it is, for people.
    pub fn owner(&self) -> String {
        match (&self.user, self.uid) {
            (Some(name), _) => format!("user {name}"),
            (None, Some(uid)) => format!("user id {uid}"),
            (None, None) => "a user who cannot be seen from here".to_owned(),
        }
    }

    /// Whether it keeps others from listening on `wanted`.
    pub fn is_in_the_way_of(&self, wanted: SocketAddr) -> bool {
        self.addresses.iter().any(|listening| conflict(*listening, wanted))
    }
}

// === impl HolderProcess ===

impl HolderProcess {
    /// Whether both are the same process, and not two that had the same number one after the other.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.pid == other.pid && self.started == other.started
    }
}

/// Whether two sockets cannot both listen. One on all IPv6 addresses may take IPv4 connections too; the tables do
/// not say whether it does.
fn conflict(listening: SocketAddr, wanted: SocketAddr) -> bool {
    let (held, asked) = (listening.ip().to_canonical(), wanted.ip().to_canonical());
    listening.port() == wanted.port()
        && (held == asked
            || (held.is_unspecified() && (held.is_ipv6() || asked.is_ipv4()))
            || (asked.is_unspecified() && held.is_ipv4() == asked.is_ipv4()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(listening: &str, wanted: &str, expected: bool) {
        assert_eq!(conflict(listening.parse().unwrap(), wanted.parse().unwrap()), expected);
    }

    #[test]
    fn which_sockets_exclude_each_other() {
        check("127.0.0.1:1", "127.0.0.1:1", true);
        check("127.0.0.1:1", "127.0.0.1:2", false);
        check("127.0.0.1:1", "127.0.0.2:1", false);
        check("0.0.0.0:1", "127.0.0.1:1", true);
        check("0.0.0.0:1", "[::1]:1", false);
        check("[::]:1", "[::1]:1", true);
        check("[::]:1", "127.0.0.1:1", true);
        check("127.0.0.1:1", "0.0.0.0:1", true);
        check("[::1]:1", "0.0.0.0:1", false);
        check("[::1]:1", "127.0.0.1:1", false);
        check("[::ffff:127.0.0.1]:1", "127.0.0.1:1", true);
    }
}
