//! Gateways that announce themselves in the local network. Each is looked at, and told nothing: anybody can announce
//! anything.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use futures_util::future::join_all;

use super::candidates::{Candidate, Way};
use super::look::look;
use crate::cli::commands::reach::Known;
use crate::cli::output::gateway_probe::{Discovery, Kind, Seen};
use crate::client::target::{is_loopback, port_of};
use crate::discovery::{Beacon, Browsing, browse, is_disabled};
use crate::platform::net::{Interface, interfaces};
use crate::platform::ssh::Server;
use crate::profile::vars;

/// At most this long, as in the published program.
const LISTENING: Duration = Duration::from_millis(1_200);
/// No longer than this after the last answer: who is asked answers within 120 ms (RFC 6762, 6).
const QUIET: Duration = Duration::from_millis(150);

/// What the network says.
#[derive(Debug)]
pub(super) struct Network {
    pub(super) discovery: Discovery,
    own: Vec<IpAddr>,
}

impl Network {
    /// Listens, for at most `limit`. Not where there is nothing but this machine.
    pub(super) async fn listen(known: &Known<'_>, limit: Duration) -> Self {
        let found = interfaces().unwrap_or_default();
        let is_outside = |found: &Interface| found.up && !found.loopback;
        let off = if is_disabled(&known.env) {
            Some(format!("switched off by {}", vars::DISABLE_BONJOUR))
        } else if !found.iter().any(is_outside) {
            Some("this machine is in no network".to_owned())
        } else {
            None
        };
        let own = found.into_iter().map(|found| found.address).collect();
        let discovery = match off {
            Some(why) => Discovery::Off(why),
            None => match browse(Browsing { limit: limit.min(LISTENING), quiet: QUIET }).await {
                Ok(beacons) => Discovery::Found(beacons),
                Err(error) => Discovery::Failed(error.to_string()),
            },
        };
        Self { discovery, own }
    }

    /// Looks at those that are in no other list, for what is left of `limit` since `begin`.
    pub(super) async fn look(
        &self,
        urls: &[String],
        known: &Known<'_>,
        begin: Instant,
        limit: Duration,
    ) -> Vec<Seen> {
        let new = self.discovery.beacons().iter().filter_map(|beacon| {
            let url = beacon.ws_url.clone().filter(|_| !self.is_known(beacon, urls))?;
            let kind = Kind::Announced(beacon.name().to_owned());
            Some(Candidate { kind, url, pid: None, way: Way::Greet(None) })
        });
        let left = || limit.saturating_sub(begin.elapsed());
        join_all(new.map(|candidate| look(candidate, known, left()))).await
    }

    /// The server of the first gateway that is on another machine.
    pub(super) fn server(&self) -> Option<(Server, u16)> {
        self.discovery.beacons().iter().filter(|beacon| !self.is_own(beacon)).find_map(|beacon| {
            let host = beacon.lan_host.as_deref().unwrap_or(&beacon.host);
            let server = Server::parse(&format!("{host}:{}", beacon.ssh_port?)).ok()?;
            Some((server, beacon.port))
        })
    }

    fn is_own(&self, beacon: &Beacon) -> bool {
        beacon.addresses.iter().any(|address| self.own.contains(address))
    }

    fn is_known(&self, beacon: &Beacon, urls: &[String]) -> bool {
        let is_own = self.is_own(beacon);
        urls.iter().any(|url| {
            beacon.ws_url.as_ref() == Some(url)
                || (is_own && port_of(url) == Some(beacon.port) && (is_loopback(url) || self.is_here(url)))
        })
    }

    /// Whether a URL names an address of this machine.
    fn is_here(&self, url: &str) -> bool {
        self.own.iter().any(|address| match address {
            IpAddr::V4(address) => url.contains(&format!("//{address}:")),
            IpAddr::V6(address) => url.contains(&format!("//[{address}]:")),
        })
    }
}
