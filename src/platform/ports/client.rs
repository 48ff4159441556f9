//! Whose program is at the other end of a connection on this machine.

use std::net::SocketAddr;

#[cfg(target_os = "linux")]
use super::proc_net;

/// Who opened the other end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client {
    /// The user that this program runs as.
    Own,
    /// Root.
    Root,
    /// Another user, by their number.
    Other(u32),
    /// There is no such connection any more.
    Gone,
    /// This system does not tell.
    Untold,
}

/// Looks for the socket that is bound to `peer` and connected to `own`. Reads the table of all sockets; blocks.
#[cfg(target_os = "linux")]
pub fn client(peer: SocketAddr, own: SocketAddr) -> Client {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(std::fs::read_to_string);
    if tables.iter().all(Result::is_err) {
        return Client::Untold;
    }
    let uid = tables.iter().flatten().find_map(|table| proc_net::owner(table, peer, own));
    match uid {
        None => Client::Gone,
        Some(uid) if uid == rustix::process::geteuid().as_raw() => Client::Own,
        Some(0) => Client::Root,
        Some(uid) => Client::Other(uid),
    }
}

/// Looks for nothing: only Linux has a table of all sockets that everybody may read.
#[cfg(not(target_os = "linux"))]
pub fn client(_peer: SocketAddr, _own: SocketAddr) -> Client {
    Client::Untold
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn a_connection_of_our_own() {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            // Without IPv6 there is nothing to show for it.
            let Ok(listener) = TcpListener::bind(address) else { continue };
            let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            let (peer, own) = (stream.local_addr().unwrap(), stream.peer_addr().unwrap());
            assert_eq!(client(peer, own), Client::Own);
            assert_eq!(client(peer, SocketAddr::new(own.ip(), 1)), Client::Gone, "connected elsewhere");
        }
    }
}
