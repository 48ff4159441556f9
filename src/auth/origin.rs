//! Which pages may talk to the gateway: `Origin` and `Host` of browser requests (`product` decision 18).
//!
//! A browser sends `Origin` with every WebSocket upgrade, and the page cannot change it. Without this check any
//! page on the internet could drive a gateway on the visitor's machine, directly or by letting its own name
//! resolve to 127.0.0.1 (DNS rebinding). Programs that are not browsers send no `Origin` and pass.

use std::net::IpAddr;

use super::locality::host_name;

/// What the headers are compared with.
#[derive(Debug, Clone, Copy)]
pub struct OriginPolicy<'a> {
    /// `gateway.controlUi.allowedOrigins`; `*` allows every origin.
    pub allowed: &'a [String],
    /// In dev mode pages served from loopback, on any port, may connect: a front end's dev server.
    pub dev_mode: bool,
    /// Addresses that the gateway listens on.
    pub own_addresses: &'a [IpAddr],
    /// Whether names below `ts.net` are ours, because Tailscale's proxy leads here. Such a name never resolves to
    /// loopback, whoever owns it, so no page can rebind one.
    pub tailnet_names: bool,
}

/// Why a browser was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OriginRefusal {
    /// Another site's page, a sandboxed one, or a local file.
    #[error("origin not allowed (add it to gateway.controlUi.allowedOrigins)")]
    Origin,
    /// The page reached us by a name that is not ours.
    #[error("host not allowed (use a loopback name or an address of the gateway)")]
    Host,
}

impl OriginPolicy<'_> {
    fn owns(&self, name: &str) -> bool {
        self.tailnet_names && name.ends_with(".ts.net")
    }
}

/// Decides on a request's `Origin` and `Host`.
pub fn check(
    origin: Option<&str>,
    host: Option<&str>,
    policy: &OriginPolicy<'_>,
) -> Result<(), OriginRefusal> {
    let Some(origin) = origin else { return Ok(()) };
    let origin = origin.trim();
    if policy.allowed.iter().any(|allowed| matches_origin(allowed, origin)) {
        return Ok(());
    }
    // `null`: sandboxed frames and local files. Anybody can make one.
    let Some((scheme, authority)) = origin.split_once("://") else { return Err(OriginRefusal::Origin) };
    if policy.dev_mode && is_loopback(&host_name(authority)) {
        return Ok(());
    }
    let Some(host) = host else { return Err(OriginRefusal::Host) };
    if with_port(authority, scheme) != with_port(host, scheme) {
        return Err(OriginRefusal::Origin);
    }
    let name = host_name(host);
    let own = name.parse::<IpAddr>().is_ok_and(|ip| policy.own_addresses.contains(&ip.to_canonical()));
    if own || is_loopback(&name) || policy.owns(&name) { Ok(()) } else { Err(OriginRefusal::Host) }
}

/// Decides on the `Host` of a plain request. A page can let its own name resolve to this machine and read the
/// answers, so a name has to be one of ours; an address cannot be made to lead elsewhere. Requests without `Host`
/// come from no browser.
pub fn check_host(host: Option<&str>, machine: &str, policy: &OriginPolicy<'_>) -> Result<(), OriginRefusal> {
    let Some(host) = host else { return Ok(()) };
    let name = host_name(host);
    let is_allowed = |allowed: &String| {
        let origin = allowed.trim().trim_end_matches('/');
        origin == "*" || origin.split_once("://").is_some_and(|(_, authority)| host_name(authority) == name)
    };
    let is_ours = is_loopback(&name)
        || policy.owns(&name)
        || name.parse::<IpAddr>().is_ok()
        || name.eq_ignore_ascii_case(machine)
        || name.strip_suffix(".local").is_some_and(|name| name.eq_ignore_ascii_case(machine))
        || policy.allowed.iter().any(is_allowed);
    if is_ours { Ok(()) } else { Err(OriginRefusal::Host) }
}

fn matches_origin(allowed: &str, origin: &str) -> bool {
    let allowed = allowed.trim().trim_end_matches('/');
    allowed == "*" || allowed.eq_ignore_ascii_case(origin)
}

fn is_loopback(name: &str) -> bool {
    name == "localhost"
        || name.ends_with(".localhost")
        || name.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
}

/// Name and port, the scheme's default port filled in.
fn with_port(authority: &str, scheme: &str) -> (String, u16) {
    let default = if scheme.eq_ignore_ascii_case("https") { 443 } else { 80 };
    let after_name = authority.rsplit_once(']').map_or(authority, |(_, rest)| rest);
    let port = after_name.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).unwrap_or(default);
    (host_name(authority), port)
}

#[cfg(test)]
mod tests;
