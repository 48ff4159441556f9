//! Facts about the peer out of a request's headers, and whether its page may talk to us. Pure.

use std::net::IpAddr;

use axum::http::{HeaderMap, Request, header};

use crate::auth::locality::{Ends, PeerFacts, PeerRequest};
use crate::auth::origin::{self, OriginPolicy, OriginRefusal};
use crate::auth::tailscale::is_tailnet;
use crate::gateway::context::Gateway;
use crate::platform::host;
use crate::recording::Opened;
use crate::settings::{GatewaySettings, TailscaleMode};

/// Most characters of a header that are kept.
const LONGEST: usize = 512;

/// Where the connection really comes from.
pub(super) fn facts(gateway: &Gateway, ends: Ends, headers: &HeaderMap) -> PeerFacts {
    let [forwarded, forwarded_for, forwarded_host, forwarded_proto, real_ip, login, funnel] = [
        "forwarded",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-real-ip",
        "tailscale-user-login",
        "tailscale-funnel-request",
    ]
    .map(|name| joined(headers, name));
    let request = PeerRequest {
        peer: ends.peer.ip(),
        host: text(headers, header::HOST.as_str()),
        forwarded_for: forwarded_for.as_deref(),
        forwarded_host: forwarded_host.as_deref(),
        forwarded_proto: forwarded_proto.as_deref(),
        real_ip: real_ip.as_deref(),
        forwarded: forwarded.as_deref(),
        tailscale_login: login.as_deref(),
        tailscale_funnel: funnel.as_deref(),
    };
    let own_addresses = gateway.own_addresses();
    let tailnet: Vec<IpAddr> = own_addresses.iter().copied().filter(|address| is_tailnet(*address)).collect();
    let facts = PeerFacts::resolve(&request, &gateway.live().settings.trusted_proxies, &tailnet);
    PeerFacts { ends: Some(ends), ..facts }
}

/// What a recording says of the client that connects.
pub(super) fn opened(facts: &PeerFacts, headers: &HeaderMap) -> Opened {
    let short = |name: header::HeaderName| {
        let value = headers.get(name)?.to_str().ok()?;
        // It is kept as long as the connection.
        Some(value.chars().take(LONGEST).collect())
    };
    Opened {
        peer: facts.responsible().to_string(),
        host: short(header::HOST),
        origin: short(header::ORIGIN),
        user_agent: short(header::USER_AGENT),
    }
}

/// Checks a browser's `Origin` and `Host`.
pub(super) fn check_origin(gateway: &Gateway, headers: &HeaderMap) -> Result<(), OriginRefusal> {
    // A header that is no text is an origin that nobody allowed.
    let origin = headers.get(header::ORIGIN).map(|value| value.to_str().unwrap_or("null"));
    let (live, own_addresses) = (gateway.live(), gateway.own_addresses());
    origin::check(origin, text(headers, header::HOST.as_str()), &policy(&live.settings, &own_addresses))
}

/// Checks the `Host` of a plain request, which a browser sends without `Origin`.
pub(super) fn check_host(gateway: &Gateway, headers: &HeaderMap) -> Result<(), OriginRefusal> {
    // A header that is no text is a name that nobody has.
    let host = headers.get(header::HOST).map(|value| value.to_str().unwrap_or("?"));
    let (live, own_addresses) = (gateway.live(), gateway.own_addresses());
    origin::check_host(host, &host::facts().name, &policy(&live.settings, &own_addresses))
}

/// Whether a request says one thing about where it goes: what another program on the way has read must be what we read.
pub(super) fn one_host<T>(request: &Request<T>) -> Result<(), &'static str> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let first = hosts.next();
    if hosts.next().is_some() {
        return Err("more than one Host");
    }
    // `GET http://name/path`, as proxies are asked.
    match (request.uri().authority(), first) {
        (Some(named), Some(host)) if !named.as_str().as_bytes().eq_ignore_ascii_case(host.as_bytes()) => {
            Err("the address and Host differ")
        }
        (Some(_), None) => Err("no Host"),
        _ => Ok(()),
    }
}

fn policy<'a>(settings: &'a GatewaySettings, own_addresses: &'a [IpAddr]) -> OriginPolicy<'a> {
    OriginPolicy {
        allowed: &settings.allowed_origins,
        dev_mode: settings.dev_mode,
        own_addresses,
        tailnet_names: settings.tailscale.mode != TailscaleMode::Off || settings.auth.allow_tailscale,
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// All lines of a header as one list. What is no text in them is replaced and not left out: a header must not
/// vanish because of what stands in it, nor hide behind another line of its name.
fn joined(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines: Vec<_> =
        headers.get_all(name).iter().map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
    (!lines.is_empty()).then(|| lines.join(","))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_request_goes_to_one_host() {
        let check = |uri: &str, hosts: &[&'static str], expected: Result<(), &'static str>| {
            let mut request = Request::get(uri);
            for host in hosts {
                request = request.header(header::HOST, *host);
            }
            assert_eq!(one_host(&request.body(()).unwrap()), expected, "{uri} {hosts:?}");
        };
        check("/", &[], Ok(()));
        check("/", &["a:1"], Ok(()));
        check("http://a:1/x", &["A:1"], Ok(()));
        check("/", &["a", "a"], Err("more than one Host"));
        check("http://b/x", &["a"], Err("the address and Host differ"));
        check("http://b/x", &[], Err("no Host"));
    }

    #[test]
    fn no_line_of_a_header_hides() {
        let mut headers = HeaderMap::new();
        assert_eq!(joined(&headers, "x-forwarded-for"), None);
        headers.append("x-forwarded-for", HeaderValue::from_bytes(b"\xff").unwrap());
        headers.append("x-forwarded-for", HeaderValue::from_static("10.0.0.1"));
        assert_eq!(joined(&headers, "x-forwarded-for").as_deref(), Some("\u{fffd},10.0.0.1"));
    }
}
