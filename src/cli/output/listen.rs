//! What is said when an address cannot be bound: the published first line, who holds the port, the ways out.

use std::io;
use std::net::SocketAddr;

use crate::platform::ports::{PortHolder, port_in_use_message};

/// The text for an address that could not be bound. `holders` matters only when the port is taken.
pub(crate) fn failed(address: SocketAddr, error: &io::Error, holders: &[PortHolder]) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => format!("Error: {}", port_in_use_message(address, holders)),
        io::ErrorKind::PermissionDenied => format!(
            "Error: listen EACCES: permission denied {address}\n\
             Ports below 1024 are for the system. Use another one: --port N."
        ),
        io::ErrorKind::AddrNotAvailable => format!(
            "Error: listen EADDRNOTAVAIL: address not available {address}\n\
             This machine does not have that address. Check gateway.bind and gateway.customBindHost."
        ),
        _ => format!("Error: listen {address}: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: io::ErrorKind, holders: &[PortHolder], expected: &str) {
        let address = SocketAddr::from(([127, 0, 0, 1], 18_789));
        assert_eq!(failed(address, &kind.into(), holders), expected);
    }

    #[test]
    fn other_reasons_have_their_own_fix() {
        check(
            io::ErrorKind::PermissionDenied,
            &[],
            "Error: listen EACCES: permission denied 127.0.0.1:18789\n\
             Ports below 1024 are for the system. Use another one: --port N.",
        );
        check(
            io::ErrorKind::AddrNotAvailable,
            &[],
            "Error: listen EADDRNOTAVAIL: address not available 127.0.0.1:18789\n\
             This machine does not have that address. Check gateway.bind and gateway.customBindHost.",
        );
    }
}
