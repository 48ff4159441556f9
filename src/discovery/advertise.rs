//! Telling the local network where a gateway is.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use mdns_sd::{IfKind, ServiceDaemon, ServiceInfo};

use super::browse::DiscoveryError;
use super::record::{Announcement, SERVICE};

/// How often the crate looks for interfaces that came or went, seconds.
const LOOK_S: u32 = 15;
/// How long a goodbye may take: it is one packet for each interface.
const GOODBYE: Duration = Duration::from_millis(50);

/// An announcement that stands until it is withdrawn.
pub struct Advertisement {
    daemon: ServiceDaemon,
    fullname: String,
    announcement: Announcement,
    addresses: Vec<IpAddr>,
}

impl fmt::Debug for Advertisement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Advertisement").field("fullname", &self.fullname).finish_non_exhaustive()
    }
}

impl Advertisement {
    /// Announces on the interfaces that have these addresses, and nowhere else. When another machine has the name
    /// already, a number is added to it.
    pub fn start(announcement: Announcement, addresses: Vec<IpAddr>) -> Result<Self, DiscoveryError> {
        let daemon = ServiceDaemon::new()?;
        daemon.set_ip_check_interval(LOOK_S)?;
        daemon.disable_interface(IfKind::All)?;
        let mut advertisement = Self { daemon, fullname: String::new(), announcement, addresses: Vec::new() };
        advertisement.follow(addresses)?;
        Ok(advertisement)
    }

    /// The gateway listens on these addresses now.
    pub fn follow(&mut self, addresses: Vec<IpAddr>) -> Result<(), DiscoveryError> {
        if addresses == self.addresses {
            return Ok(());
        }
        for gone in self.addresses.iter().filter(|address| !addresses.contains(address)) {
            self.daemon.disable_interface(IfKind::Addr(*gone))?;
        }
        for new in addresses.iter().filter(|address| !self.addresses.contains(address)) {
            self.daemon.enable_interface(IfKind::Addr(*new))?;
        }
        self.addresses = addresses;
        let Announcement { instance, host, port, txt } = &self.announcement;
        let info =
            ServiceInfo::new(SERVICE, instance, host, self.addresses.as_slice(), *port, txt.as_slice())?;
        info.get_fullname().clone_into(&mut self.fullname);
        Ok(self.daemon.register(info)?)
    }

    /// Says goodbye, so that nobody shows what is not there any more. Whoever misses it forgets it after a while.
    pub async fn withdraw(self) {
        if let Ok(said) = self.daemon.unregister(&self.fullname) {
            // Without an answer in time there is nothing else to be done.
            let _ = tokio::time::timeout(GOODBYE, said.recv_async()).await;
        }
    }
}

impl Drop for Advertisement {
    fn drop(&mut self) {
        // It has ended already, or ends with the process.
        let _ = self.daemon.shutdown();
    }
}
