//! Binding a listening TCP socket that can be handed from process to process.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

use socket2::{Domain, Protocol, Socket, Type};

/// Longest queue to ask for. The system shortens it to its own limit (`net.core.somaxconn`, usually 4096).
/// Connections wait in it while one generation hands over to the next; the 128 of the standard library
/// overflow after 130 ms at one connection per millisecond.
const BACKLOG: i32 = i32::MAX;

/// Binds and listens: address reuse on, IPv6 sockets take IPv6 only, closed on exec, non-blocking.
///
/// Never `SO_REUSEPORT`: connections that wait in the queue of one socket would be lost when that socket is
/// closed, and a second gateway could bind the same port unnoticed.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = bound(address)?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Whether somebody else listens where [`bind`] would. Nobody can connect to what this tries.
pub fn is_taken(address: SocketAddr) -> bool {
    bound(address).is_err_and(|error| error.kind() == io::ErrorKind::AddrInUse)
}

/// A port that nobody listens on at this machine's own addresses, for a program that binds it itself. Nobody keeps it
/// until then.
pub fn free_port() -> io::Result<u16> {
    let four = bound((Ipv4Addr::LOCALHOST, 0).into())?;
    let port = four.local_addr()?.as_socket().map_or(0, |address| address.port());
    match bound((Ipv6Addr::LOCALHOST, port).into()) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => free_port(),
        // There may be no IPv6.
        Ok(_) | Err(_) => Ok(port),
    }
}

fn bound(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    // On Windows this option would let another process take the port over; there a port in TIME_WAIT binds
    // without it.
    if cfg!(unix) {
        socket.set_reuse_address(true)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::*;

    #[test]
    fn the_queue_is_longer_than_the_standard_library_asks_for() {
        let listener = bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let address = listener.local_addr().unwrap();
        let waiting: Vec<_> = (0..300).map(|_| TcpStream::connect(address).unwrap()).collect();
        let accepted = (0..).map_while(|_| listener.accept().ok()).count();
        assert_eq!(accepted, waiting.len());
    }

    #[test]
    fn a_busy_port_is_refused_and_a_port_in_time_wait_is_not() {
        let listener = bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let address = listener.local_addr().unwrap();
        assert_eq!(bind(address).unwrap_err().kind(), io::ErrorKind::AddrInUse);
        assert!(is_taken(address));

        // The side that closes first, here the server's, is the one that stays in TIME_WAIT.
        let client = TcpStream::connect(address).unwrap();
        drop(listener.accept().unwrap());
        drop(client);
        drop(listener);
        assert!(!is_taken(address));
        bind(address).unwrap();
    }

    #[test]
    fn both_families_can_have_the_same_port() {
        let Ok(six) = bind((Ipv6Addr::LOCALHOST, 0).into()) else { return };
        let port = six.local_addr().unwrap().port();
        bind((Ipv4Addr::LOCALHOST, port).into()).unwrap();
    }
}
