//! Who else has what a service needs: the profile's state, the port.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use crate::cli::commands::instance;
use crate::cli::error::ExpectedError;
use crate::cli::output::listen;
use crate::platform::{lock, ports};
use crate::profile::ProfilePaths;

/// Why a start of a service that does not run would be refused: a gateway of this profile runs that is no service, or
/// somebody has the port.
pub(super) fn in_the_way(paths: &ProfilePaths, port: Option<u16>) -> Option<ExpectedError> {
    if let Some(holder) = running(paths) {
        return Some(instance::already_running(&holder));
    }
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port.filter(|port| *port != 0)?));
    let mut holders = ports::holders(address.port());
    holders.retain(|holder| holder.is_in_the_way_of(address));
    let taken = io::Error::from(io::ErrorKind::AddrInUse);
    (!holders.is_empty()).then(|| ExpectedError::Refused(listen::failed(address, &taken, &holders)))
}

/// What the profile's running gateway says about itself, service or not.
pub(super) fn running(paths: &ProfilePaths) -> Option<String> {
    lock::holder(&paths.gateway_lock).ok().flatten()
}
