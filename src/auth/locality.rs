//! Where a connection really comes from (`wire-protocol` C.7, C.9).
//!
//! Deliberately stricter than the published gateway, which takes the first entry of `X-Forwarded-For`: that one
//! is written by the client itself, so that anybody could name 127.0.0.1 and be local. Here a client that came
//! through a proxy is never local, and its address is the last one that no trusted proxy has.

use std::net::{IpAddr, SocketAddr};

use super::proxy::TrustedProxy;
use super::tailscale::TailscaleClaim;

/// What the socket and the upgrade request say.
#[derive(Debug, Clone, Copy)]
pub struct PeerRequest<'a> {
    /// Address of the other end of the TCP connection.
    pub peer: IpAddr,
    /// `Host`.
    pub host: Option<&'a str>,
    /// `X-Forwarded-For`.
    pub forwarded_for: Option<&'a str>,
    /// `X-Forwarded-Host`.
    pub forwarded_host: Option<&'a str>,
    /// `X-Forwarded-Proto`.
    pub forwarded_proto: Option<&'a str>,
    /// `X-Real-IP`.
    pub real_ip: Option<&'a str>,
    /// `Forwarded`.
    pub forwarded: Option<&'a str>,
    /// `Tailscale-User-Login`.
    pub tailscale_login: Option<&'a str>,
    /// `Tailscale-Funnel-Request`.
    pub tailscale_funnel: Option<&'a str>,
}

/// Both ends of a TCP connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ends {
    /// The other end: the client's or a proxy's.
    pub peer: SocketAddr,
    /// Ours.
    pub own: SocketAddr,
}

/// What follows from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerFacts {
    /// Address of the other end of the TCP connection: the client's or a proxy's.
    pub peer: IpAddr,
    /// Address of the client, behind a trusted proxy the one that the proxy names; `None` when nobody who is
    /// trusted names it.
    pub client_ip: Option<IpAddr>,
    /// Whether the client is on this machine: pairing is silent and the nonce may be absent.
    pub is_local: bool,
    /// Whether it is on this machine and no proxy stands between; Tailscale headers are then not looked at.
    pub is_local_direct: bool,
    /// Proxy headers from a peer that is not a trusted proxy: nothing about the client's address is known.
    pub untrusted_proxy: bool,
    /// What the Tailscale headers claim.
    pub tailscale: TailscaleClaim,
    /// The connection, when there is one.
    pub ends: Option<Ends>,
    /// How the client has addressed the gateway, when it says so.
    pub reached: Option<Reached>,
}

/// How a client has addressed the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// `Host` as it was sent.
    pub host: String,
    /// Whether a proxy says that the client speaks TLS.
    pub is_https: bool,
}

impl PeerFacts {
    /// Draws the conclusions. `own_addresses` are this machine's addresses in the tailnet.
    pub fn resolve(
        request: &PeerRequest<'_>,
        trusted_proxies: &[TrustedProxy],
        own_addresses: &[IpAddr],
    ) -> Self {
        let peer = request.peer.to_canonical();
        let is_trusted = |address: IpAddr| trusted_proxies.iter().any(|proxy| proxy.contains(address));
        // Their presence alone counts: what is blank or cannot be read was written by somebody too.
        let is_proxied = [
            request.forwarded,
            request.forwarded_for,
            request.forwarded_host,
            request.forwarded_proto,
            request.real_ip,
        ]
        .iter()
        .any(Option::is_some);
        let untrusted_proxy = is_proxied && !is_trusted(peer);
        let client_ip = match (is_proxied, untrusted_proxy) {
            (false, _) => Some(peer),
            (true, false) => named_by_proxy(request, is_trusted),
            (true, true) => None,
        };
        let on_this_machine = peer.is_loopback() || own_addresses.contains(&peer);
        Self {
            peer,
            client_ip,
            is_local: on_this_machine && !is_proxied,
            is_local_direct: peer.is_loopback()
                && !is_proxied
                && request.host.is_some_and(names_this_machine),
            untrusted_proxy,
            tailscale: TailscaleClaim::resolve(request, peer),
            ends: None,
            reached: request.host.map(|host| Reached {
                host: host.to_owned(),
                is_https: request
                    .forwarded_proto
                    .is_some_and(|proto| proto.trim().eq_ignore_ascii_case("https")),
            }),
        }
    }

    /// A client on this machine with nothing between, for tests and in-process callers.
    pub fn local() -> Self {
        let peer = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
        Self {
            peer,
            client_ip: Some(peer),
            is_local: true,
            is_local_direct: true,
            untrusted_proxy: false,
            tailscale: TailscaleClaim::NoUser,
            ends: None,
            reached: None,
        }
    }

    /// The client's address, unless a proxy hides it.
    pub fn known_ip(&self) -> Option<String> {
        self.client_ip.map(|ip| ip.to_string())
    }

    /// Whom failures are counted against: the client, or whoever hides it.
    pub fn responsible(&self) -> IpAddr {
        self.client_ip.unwrap_or(self.peer)
    }

    /// The address of a client that is not on this machine: what presence shows.
    pub fn remote_ip(&self) -> Option<String> {
        self.known_ip().filter(|_| !self.is_local)
    }
}

/// The address that trusted proxies name: the last of `X-Forwarded-For` that is not a trusted proxy itself, for
/// what stands before it was written by who knows whom; without that header `X-Real-IP`.
fn named_by_proxy(request: &PeerRequest<'_>, is_trusted: impl Fn(IpAddr) -> bool) -> Option<IpAddr> {
    let Some(list) = request.forwarded_for else { return request.real_ip.and_then(parse_ip) };
    for entry in list.rsplit(',') {
        let ip = parse_ip(entry)?;
        if !is_trusted(ip) {
            return Some(ip);
        }
    }
    None
}

/// Reads an address with or without port and brackets; IPv4 inside IPv6 becomes IPv4.
pub(super) fn parse_ip(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = match text.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(rest),
        // One colon separates a port; more than one are an IPv6 address.
        None if text.matches(':').count() == 1 => text.split(':').next().unwrap_or(text),
        None => text,
    };
    bare.parse::<IpAddr>().ok().map(|ip| ip.to_canonical())
}

/// Whether a `Host` header names this machine: loopback by name or number, or a name of the tailnet.
fn names_this_machine(host: &str) -> bool {
    let name = host_name(host);
    name == "localhost"
        || name.ends_with(".ts.net")
        || name.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
}

/// The name part of a `Host` header, lower-case, without port and brackets.
pub(crate) fn host_name(host: &str) -> String {
    let host = host.trim();
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(rest),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    name.trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests;
