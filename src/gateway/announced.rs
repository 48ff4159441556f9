//! The gateway's announcement in the local network, as long as others can reach it there.

use std::net::{IpAddr, SocketAddr};

use super::addresses;
use super::context::Gateway;
use crate::discovery::{Advertisement, Announcement, DiscoveryError, Facts, is_disabled};
use crate::logging::subsystem;
use crate::platform::{exe, host};

/// Announced or not.
#[derive(Debug, Default)]
pub(super) struct Announced(Option<Advertisement>);

impl Announced {
    /// The gateway listens on these addresses now. Dev mode is not announced: its gateway is nobody else's business.
    /// What listens on loopback alone is not either: who would hear of it cannot connect.
    pub(super) fn follow(
        &mut self,
        gateway: &Gateway,
        listening: impl IntoIterator<Item = SocketAddr>,
        fingerprint: Option<&str>,
    ) {
        let listening: Vec<SocketAddr> = listening.into_iter().collect();
        if gateway.paths.dev_mode || is_disabled(&gateway.live().env) {
            return;
        }
        let reached = outside(listening.iter().flat_map(|address| addresses::reachable(address.ip())));
        let done = match (&mut self.0, listening.first()) {
            (Some(advertisement), _) => advertisement.follow(reached),
            (None, Some(first)) if !reached.is_empty() => begin(gateway, first.port(), fingerprint, reached)
                .map(|advertisement| {
                    tracing::info!(target: subsystem::GATEWAY, "announced in the local network");
                    self.0 = Some(advertisement);
                }),
            (None, _) => Ok(()),
        };
        if let Err(error) = done {
            // Whoever knows the address connects all the same.
            tracing::warn!(target: subsystem::GATEWAY, %error, "not announced in the local network");
        }
    }

    /// Says goodbye.
    pub(super) async fn withdraw(&mut self) {
        if let Some(advertisement) = self.0.take() {
            advertisement.withdraw().await;
        }
    }
}

fn begin(
    gateway: &Gateway,
    port: u16,
    fingerprint: Option<&str>,
    reached: Vec<IpAddr>,
) -> Result<Advertisement, DiscoveryError> {
    let program = exe::current().ok();
    let announcement = Announcement::new(&Facts {
        machine: &host::facts().name,
        port,
        fingerprint,
        program: program.as_deref(),
        env: &gateway.live().env,
    });
    Advertisement::start(announcement, reached)
}

/// The addresses that others can use.
fn outside(addresses: impl Iterator<Item = IpAddr>) -> Vec<IpAddr> {
    let mut outside: Vec<IpAddr> =
        addresses.filter(|address| !address.to_canonical().is_loopback()).collect();
    outside.sort_unstable();
    outside.dedup();
    outside
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_not_outside() {
        let all = ["192.0.2.2", "127.0.0.1", "::1", "::ffff:127.0.0.1", "192.0.2.1", "192.0.2.2"];
        let found = outside(all.iter().map(|address| address.parse().unwrap()));
        assert_eq!(found, ["192.0.2.1", "192.0.2.2"].map(|address| address.parse::<IpAddr>().unwrap()));
    }
}
