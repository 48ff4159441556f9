//! The sockets of the foreground gateway: bound here, or given by a service manager; and what is said when an address
//! cannot be had.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use super::reading;
use crate::cli::commands::force;
use crate::cli::commands::instance::{self, already_running};
use crate::cli::error::ExpectedError;
use crate::cli::output::{Printer, listen};
use crate::listeners::{BindError, Bound, Listeners};
use crate::platform::ports::{self, PortHolder};
use crate::platform::{lock, net};
use crate::profile::ProfilePaths;
use crate::settings::{self, GatewaySettings};

/// Every set of sockets, and where they come from.
#[derive(Debug)]
pub(super) enum Sockets {
    /// Bound by this process.
    Own(Bound),
    /// Inherited from a service manager, for the life of the process.
    Given(Arc<Listeners>),
}

// === impl Sockets ===

impl Sockets {
    /// Takes what a service manager handed over, if anything (`sd_listen_fds(3)`).
    pub(super) fn open(env: &std::collections::BTreeMap<String, String>) -> Result<Self, ExpectedError> {
        let given = net::inherited(env).map_err(|error| ExpectedError::Refused(sentence(&error)))?;
        Ok(if given.is_empty() { Self::Own(Bound::default()) } else { Self::Given(Listeners::given(given)) })
    }

    /// Whether the addresses follow from the configuration.
    pub(super) fn are_own(&self) -> bool {
        matches!(self, Self::Own(_))
    }

    /// `--force`: ends whoever holds the port of these settings.
    pub(super) fn free_port(
        &self,
        settings: &GatewaySettings,
        paths: &ProfilePaths,
        printer: &Printer,
    ) -> Result<(), ExpectedError> {
        if !self.are_own() {
            return Ok(());
        }
        let plan = reading::bind_plan(settings)?;
        let addresses: Vec<SocketAddr> =
            plan.addresses.iter().map(|planned| SocketAddr::new(planned.address, settings.port)).collect();
        force::free_port(&addresses, Some(&paths.gateway_lock), already_running, printer)
    }

    /// The sockets for these settings, and why they are fewer than the bind mode promises. A required address that
    /// cannot be had is refused.
    pub(super) fn listen(
        &mut self,
        settings: &GatewaySettings,
        paths: &ProfilePaths,
    ) -> Result<(Arc<Listeners>, Option<&'static str>), ExpectedError> {
        match self {
            Self::Given(given) => {
                let addresses = given.sockets().iter().filter_map(|socket| socket.local_addr().ok());
                settings::guard_given(settings, addresses.map(|address| address.ip()))?;
                Ok((Arc::clone(given), None))
            }
            Self::Own(bound) => {
                let plan = reading::bind_plan(settings)?;
                let listeners = bound.listen(&plan, settings.port).map_err(|error| refused(&error, paths))?;
                Ok((listeners, plan.note))
            }
        }
    }
}

/// Says what a bind mode promises and this machine does not give.
pub(super) fn say_shortfall(listeners: &Listeners, note: Option<&str>, printer: &Printer) {
    if let Some(note) = note {
        printer.error(note);
    }
    listeners.missing().iter().for_each(|error| say_missing(error, printer));
}

/// Says which addresses somebody else has taken, unless that was said before.
pub(super) fn say_newly_taken(listeners: &Listeners, before: &Listeners, printer: &Printer) {
    let known = |address: SocketAddr| before.missing().iter().any(|error| error.address == address);
    listeners
        .missing()
        .iter()
        .filter(|error| error.source.kind() == io::ErrorKind::AddrInUse && !known(error.address))
        .for_each(|error| say_missing(error, printer));
}

fn say_missing(error: &BindError, printer: &Printer) {
    let BindError { address, source } = error;
    match source.kind() {
        // Somebody else answers there, also to those who say `localhost`.
        io::ErrorKind::AddrInUse => {
            printer.error(&listen::failed(*address, source, &ports::holders(address.port())));
        }
        // Machines without IPv6 are ordinary.
        _ if address.ip().is_loopback() => {}
        _ => printer.error(&listen::failed(*address, source, &[])),
    }
}

/// A taken port is usually taken by this profile's own gateway, which is the better thing to say.
fn refused(error: &BindError, paths: &ProfilePaths) -> ExpectedError {
    let BindError { address, source } = error;
    if source.kind() != io::ErrorKind::AddrInUse {
        return ExpectedError::Refused(listen::failed(*address, source, &[]));
    }
    // While this process serves, the holder is itself.
    if paths.state_dir.is_dir()
        && let Some(holder) = lock::holder(&paths.gateway_lock).ok().flatten()
        && instance::pid(&holder) != Some(std::process::id())
    {
        return already_running(&holder);
    }
    let holders = ports::holders(address.port());
    let own = |holder: &PortHolder| {
        holder.process.as_ref().is_some_and(|process| process.pid == std::process::id())
    };
    ExpectedError::Refused(if holders.iter().any(own) {
        let port = address.port();
        format!(
            "Error: listen EADDRINUSE: address already in use {address}\n             This gateway itself listens at port {port}. Stop it and start it again."
        )
    } else {
        listen::failed(*address, source, &holders)
    })
}

fn sentence(error: &net::InheritError) -> String {
    format!("Error: {error}")
}

/// The addresses of a set of sockets.
pub(super) fn addresses(listeners: &Listeners) -> Vec<SocketAddr> {
    listeners.sockets().iter().filter_map(|socket| socket.local_addr().ok()).collect()
}

/// The port of the first of them.
pub(super) fn port(listeners: &Listeners, settings: &GatewaySettings) -> u16 {
    addresses(listeners).first().map_or(settings.port, SocketAddr::port)
}
