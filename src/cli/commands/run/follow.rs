//! Addresses of the machine that come and go, and the listeners that go with them. Whoever is connected elsewhere does
//! not notice.

use std::net::IpAddr;
use std::time::Duration;

use tokio::time::Instant;

use super::host::Host;
use super::reading;
use super::sockets;
use crate::cli::output::startup;
use crate::logging::subsystem;
use crate::platform::net::InterfaceChanges;
use crate::settings::{AuthMode, BindMode, GatewaySettings, InterfaceAddress};

/// After a change of the machine's addresses, further ones are waited for: an interface that comes up makes several.
pub(super) const SETTLED: Duration = Duration::from_millis(100);

impl Host<'_> {
    /// Listens for changes of the machine's addresses when the addresses to listen on follow from them.
    pub(super) fn follow_interfaces(&mut self) {
        if !self.sockets.are_own() || !depends_on_machine(self.edits.settings()) {
            self.interfaces = None;
        } else if self.interfaces.is_none() {
            self.interfaces = InterfaceChanges::listen()
                .inspect_err(
                    |error| tracing::warn!(target: subsystem::GATEWAY, %error, "changes of the network interfaces are not noticed"),
                )
                .ok();
            // What changed before this moment.
            self.settled = Some(Instant::now() + SETTLED);
        }
    }

    /// Opens what the plan asks for and is not open, and shuts the rest.
    pub(super) fn follow_addresses(&mut self) {
        let before = self.running.addresses();
        let settings = self.edits.settings();
        let found = reading::machine()
            .and_then(|machine| Ok((self.sockets.listen(settings, self.edits.paths())?, machine)));
        let ((listeners, note), machine) = match found {
            Ok(found) => found,
            Err(error) => {
                // An address that has just gone, perhaps; the next change looks again.
                tracing::warn!(target: subsystem::GATEWAY, %error, "kept the listening addresses");
                return;
            }
        };
        let now = sockets::addresses(&listeners);
        if let Some(note) = note
            && now.iter().any(|address| !before.contains(address))
        {
            self.printer.error(note);
        }
        sockets::say_newly_taken(&listeners, &self.listeners, self.printer);
        for socket in listeners.sockets().iter() {
            if socket.local_addr().is_ok_and(|address| before.contains(&address)) {
                continue;
            }
            match socket.try_clone().and_then(|socket| self.running.open(socket)) {
                Ok(urls) => urls.iter().for_each(|url| self.printer.tick(&startup::listening(url))),
                Err(error) => {
                    tracing::warn!(target: subsystem::GATEWAY, %error, "failed to use a new listening socket");
                }
            }
        }
        // Closed before that is said.
        self.listeners = listeners;
        for address in before.into_iter().filter(|address| !now.contains(address)) {
            let why = why_not(address.ip(), &machine);
            for url in self.running.shut(address) {
                self.printer.tick(&format!("stopped listening on {url}: {why}"));
            }
        }
    }
}

/// Why an address is not in the plan any more.
fn why_not(address: IpAddr, machine: &[InterfaceAddress]) -> &'static str {
    let mut found = machine.iter().filter(|found| found.address == address).peekable();
    if found.peek().is_none() {
        "the address is gone"
    } else if found.any(|found| found.up) {
        // Only loopback is ever in a plan for want of something better.
        "the tailnet's addresses take its place"
    } else {
        "its interface is down"
    }
}

fn depends_on_machine(settings: &GatewaySettings) -> bool {
    match settings.bind {
        BindMode::Lan | BindMode::Tailnet => true,
        BindMode::Auto => settings.auth.mode != AuthMode::None,
        BindMode::Loopback | BindMode::Custom => false,
    }
}
