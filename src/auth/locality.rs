//! Where a connection really comes from (`wire-protocol` C.7, C.9).

use std::net::IpAddr;

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
    /// `Tailscale-User-Login`.
    pub tailscale_login: Option<&'a str>,
}

/// What follows from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerFacts {
    /// Address of the client, behind a trusted proxy the one that the proxy names.
    pub client_ip: IpAddr,
    /// Whether the client is on this machine: pairing is silent and the nonce may be absent.
    pub is_local: bool,
    /// Whether it is on this machine and no proxy stands between; Tailscale headers are then not looked at.
    pub is_local_direct: bool,
    /// Proxy headers from a peer that is not a trusted proxy: nothing about the client's address is known.
    pub untrusted_proxy: bool,
    /// What the Tailscale headers say.
    pub tailscale: TailscaleClaim,
}

/// What the Tailscale identity headers say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TailscaleClaim {
    /// There is no user header.
    NoUser,
    /// There is one, but not with everything that `tailscale serve` sends along, from loopback.
    NotProxied,
    /// A user of the tailnet.
    User(String),
}

impl PeerFacts {
    /// Draws the conclusions. `trusted_proxies` are exact addresses; `own_addresses` are this machine's
    /// addresses in the tailnet.
    pub fn resolve(request: &PeerRequest<'_>, trusted_proxies: &[String], own_addresses: &[IpAddr]) -> Self {
        let peer = request.peer.to_canonical();
        let trusted = trusted_proxies.iter().any(|proxy| parse_ip(proxy) == Some(peer));
        let has_proxy_headers = present(request.forwarded_for) || present(request.real_ip);
        let untrusted_proxy = has_proxy_headers && !trusted;
        let client_ip = if trusted { named_by_proxy(request).unwrap_or(peer) } else { peer };
        let on_this_machine = client_ip.is_loopback() || own_addresses.contains(&client_ip);
        let direct = trusted || !(has_proxy_headers || present(request.forwarded_host));
        Self {
            client_ip,
            is_local: on_this_machine && !untrusted_proxy,
            is_local_direct: client_ip.is_loopback()
                && direct
                && request.host.is_some_and(names_this_machine),
            untrusted_proxy,
            tailscale: TailscaleClaim::resolve(request, peer),
        }
    }

    /// A client on this machine with nothing between, for tests and in-process callers.
    pub fn local() -> Self {
        let peer = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
        Self {
            client_ip: peer,
            is_local: true,
            is_local_direct: true,
            untrusted_proxy: false,
            tailscale: TailscaleClaim::NoUser,
        }
    }

    /// The client's address, unless an untrusted proxy hides it.
    pub fn known_ip(&self) -> Option<String> {
        (!self.untrusted_proxy).then(|| self.client_ip.to_string())
    }

    /// The same for clients that are not on this machine: what presence shows.
    pub fn remote_ip(&self) -> Option<String> {
        self.known_ip().filter(|_| !self.is_local)
    }
}

impl TailscaleClaim {
    fn resolve(request: &PeerRequest<'_>, peer: IpAddr) -> Self {
        let Some(login) = request.tailscale_login.map(str::trim).filter(|login| !login.is_empty()) else {
            return Self::NoUser;
        };
        let proxied = [request.forwarded_for, request.forwarded_proto, request.forwarded_host];
        if peer.is_loopback() && proxied.into_iter().all(present) {
            Self::User(login.to_owned())
        } else {
            Self::NotProxied
        }
    }
}

/// The address that a trusted proxy names: the first of `X-Forwarded-For`, else `X-Real-IP`.
fn named_by_proxy(request: &PeerRequest<'_>) -> Option<IpAddr> {
    let first = request.forwarded_for.and_then(|list| list.split(',').next()).and_then(parse_ip);
    first.or_else(|| request.real_ip.and_then(parse_ip))
}

/// Reads an address with or without port and brackets; IPv4 inside IPv6 becomes IPv4.
fn parse_ip(text: &str) -> Option<IpAddr> {
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

fn present(header: Option<&str>) -> bool {
    header.is_some_and(|value| !value.trim().is_empty())
}

#[cfg(test)]
mod tests;
