//! Changes of a running gateway that need no restart: another configuration, other addresses.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};

use super::addresses;
use super::cron::Wanted;
use super::live::Live;
use super::shutdown::Running;
use crate::config::ConfigSnapshot;
use crate::profile::{EnvMap, ProfilePaths};
use crate::settings::GatewaySettings;

impl Running {
    /// Paths of the profile.
    pub fn paths(&self) -> &ProfilePaths {
        &self.gateway.paths
    }

    /// Takes another configuration over. What is fixed at start (sockets, secrets, limits) has to be the same in it.
    pub fn apply(&self, env: EnvMap, snapshot: ConfigSnapshot, settings: GatewaySettings) {
        let gateway = &self.gateway;
        gateway.metrics.reloaded();
        let live = Live::new(env, snapshot, settings, &gateway.paths);
        gateway.cron.reconfigure(Wanted::of(&live, &gateway.paths));
        gateway.set_live(live);
        gateway.mark_config();
        // Clients show agents and sessions from it.
        gateway.health.want();
    }

    /// Accepts from one more listener as well; the URLs under which it is reached.
    pub fn open(&mut self, listener: TcpListener) -> io::Result<Vec<String>> {
        let address = listener.local_addr()?;
        listener.set_nonblocking(true)?;
        self.doors.open(tokio::net::TcpListener::from_std(listener)?, address);
        self.addresses_changed();
        Ok(addresses::urls(address, self.report.tls_fingerprint.is_some()))
    }

    /// Stops accepting at `address`; connections that came through it stay. The URLs that lead nowhere now.
    pub fn shut(&mut self, address: SocketAddr) -> Vec<String> {
        self.doors.shut(address);
        self.addresses_changed();
        addresses::urls(address, self.report.tls_fingerprint.is_some())
    }

    /// Where it is accepted.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.doors.addresses().collect()
    }

    fn addresses_changed(&mut self) {
        let own: Vec<IpAddr> =
            self.doors.addresses().flat_map(|address| addresses::reachable(address.ip())).collect();
        self.gateway.set_own_addresses(own);
        let tls = self.report.tls_fingerprint.is_some();
        self.report.urls = self.doors.addresses().flat_map(|address| addresses::urls(address, tls)).collect();
        self.runtime_file.urls.clone_from(&self.report.urls);
        self.runtime_file.url = self.report.urls.first().cloned().unwrap_or_default();
        self.runtime_file.write(&self.gateway.paths);
        let fingerprint = self.report.tls_fingerprint.as_deref();
        self.announced.follow(&self.gateway, self.doors.addresses(), fingerprint);
    }
}
