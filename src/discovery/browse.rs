//! Looking for gateways in the local network.

use std::collections::BTreeMap;
use std::time::Duration;

use mdns_sd::{ResolvedService, ServiceDaemon, ServiceEvent};
use tokio::time::{Instant, timeout_at};

use super::beacon::Beacon;
use super::record::SERVICE;

/// More gateways than a person can read about; a network that names more is not believed.
const MOST: usize = 256;

/// Why nothing can be announced or found.
#[derive(Debug, thiserror::Error)]
#[error("multicast DNS is not available: {0}")]
pub struct DiscoveryError(#[from] mdns_sd::Error);

/// How long is looked.
#[derive(Debug, Clone, Copy)]
pub struct Browsing {
    /// At most so long.
    pub limit: Duration,
    /// No longer than this after the last news.
    pub quiet: Duration,
}

/// Looks, on every interface, and returns what was found, by name.
pub async fn browse(browsing: Browsing) -> Result<Vec<Beacon>, DiscoveryError> {
    let end = Instant::now() + browsing.limit;
    let daemon = ServiceDaemon::new()?;
    let news = daemon.browse(SERVICE)?;
    let mut found: BTreeMap<String, Beacon> = BTreeMap::new();
    let mut quiet = Instant::now() + browsing.quiet;
    while let Ok(Ok(event)) = timeout_at(end.min(quiet), news.recv_async()).await {
        match event {
            ServiceEvent::ServiceResolved(service) if found.len() < MOST => {
                found.insert(service.fullname.clone(), beacon(&service));
            }
            ServiceEvent::ServiceRemoved(_, fullname) => {
                found.remove(&fullname);
            }
            ServiceEvent::ServiceFound(..) => {}
            _ => continue,
        }
        quiet = Instant::now() + browsing.quiet;
    }
    // It has ended already, or ends with the process.
    let _ = daemon.shutdown();
    Ok(found.into_values().collect())
}

fn beacon(service: &ResolvedService) -> Beacon {
    let addresses = service.addresses.iter().map(mdns_sd::ScopedIp::to_ip_addr);
    Beacon::read((&service.fullname, SERVICE), &service.host, service.port, addresses, |key| {
        service.get_property_val_str(key)
    })
}
