//! Identities that Tailscale vouches for. Pure: what `tailscale whois` says arrives as a value.
//!
//! `tailscale serve` connects from loopback and says in headers who is on the other side. Every program of this
//! machine can write the same headers, and some proxies pass them through, so the headers are only a claim. It
//! counts when Tailscale itself names the same user for the address that the claim is made for.

use std::net::IpAddr;

use super::locality::{PeerRequest, parse_ip};

/// What a request's headers claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TailscaleClaim {
    /// There is no user header.
    NoUser,
    /// There is one, but not with everything that `tailscale serve` sends along, from loopback.
    NotProxied,
    /// A user of the tailnet.
    User {
        /// Who.
        login: String,
        /// Address of their machine in the tailnet.
        address: IpAddr,
    },
}

/// What is left of a claim after the check.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum TailscaleIdentity {
    /// There is no claim, or it does not matter.
    #[default]
    NoUser,
    /// A claim that did not come through `tailscale serve`.
    NotProxied,
    /// Tailscale could not be asked.
    Unchecked,
    /// Tailscale names another user, or none.
    Mismatch,
    /// Tailscale names the same user.
    Verified(String),
}

// === impl TailscaleClaim ===

impl TailscaleClaim {
    /// Reads the headers of a request from `peer`. Tailscale's proxy replaces what it is sent: it names one
    /// address, and names nobody for a request that came by way of Funnel.
    pub(super) fn resolve(request: &PeerRequest<'_>, peer: IpAddr) -> Self {
        let Some(login) = request.tailscale_login.map(str::trim).filter(|login| !login.is_empty()) else {
            return Self::NoUser;
        };
        let present = |header: Option<&str>| header.is_some_and(|value| !value.trim().is_empty());
        let is_served = peer.is_loopback()
            && present(request.forwarded_proto)
            && present(request.forwarded_host)
            && request.tailscale_funnel.is_none();
        let address = request.forwarded_for.and_then(parse_ip).filter(|address| is_tailnet(*address));
        match (is_served, address, decoded(login)) {
            (true, Some(address), Some(login)) => Self::User { login, address },
            _ => Self::NotProxied,
        }
    }
}

// === impl TailscaleIdentity ===

impl TailscaleIdentity {
    /// Compares a claimed login with the one that Tailscale names: `None` when it knows no user of that address.
    pub fn judge(claimed: &str, known: Option<&str>) -> Self {
        match known.map(str::trim) {
            Some(known) if !known.is_empty() && known.to_lowercase() == claimed.trim().to_lowercase() => {
                Self::Verified(known.to_owned())
            }
            _ => Self::Mismatch,
        }
    }
}

/// Whether the address is one that Tailscale gives out: `100.64.0.0/10`, `fd7a:115c:a1e0::/48`.
pub fn is_tailnet(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [first, second, ..] = v4.octets();
            first == 100 && (64..128).contains(&second)
        }
        IpAddr::V6(v6) => v6.segments().starts_with(&[0xfd7a, 0x115c, 0xa1e0]),
    }
}

/// A header's value; what is not ASCII arrives in the `Q` encoding of RFC 2047. `None` when that is broken.
fn decoded(text: &str) -> Option<String> {
    if !text.starts_with("=?") {
        return Some(text.to_owned());
    }
    let mut bytes = Vec::new();
    // Long values are several words, which belong together.
    for word in text.split_ascii_whitespace() {
        let inner = word.strip_prefix("=?")?.strip_suffix("?=")?;
        let (charset, rest) = inner.split_once('?')?;
        let (encoding, coded) = rest.split_once('?')?;
        if !charset.eq_ignore_ascii_case("utf-8") || !encoding.eq_ignore_ascii_case("q") {
            return None;
        }
        let mut coded = coded.bytes();
        while let Some(byte) = coded.next() {
            bytes.push(match byte {
                b'_' => b' ',
                b'=' => {
                    let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                    u8::try_from(digit(coded.next())? * 16 + digit(coded.next())?).ok()?
                }
                byte => byte,
            });
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn served() -> PeerRequest<'static> {
        PeerRequest {
            peer: "127.0.0.1".parse().unwrap(),
            host: Some("box.tail1234.ts.net"),
            forwarded_for: Some("100.64.0.8"),
            forwarded_proto: Some("https"),
            forwarded_host: Some("box.tail1234.ts.net"),
            real_ip: None,
            forwarded: None,
            tailscale_login: Some("ada@example.org"),
            tailscale_funnel: None,
        }
    }

    fn user(login: &str, address: &str) -> TailscaleClaim {
        TailscaleClaim::User { login: login.to_owned(), address: address.parse().unwrap() }
    }

    #[track_caller]
    fn check(request: PeerRequest<'_>, expected: &TailscaleClaim) {
        assert_eq!(TailscaleClaim::resolve(&request, request.peer), *expected, "{request:?}");
    }

    #[test]
    fn a_claim_needs_everything_that_serve_sends_from_loopback() {
        check(served(), &user("ada@example.org", "100.64.0.8"));
        let v6 = Some("fd7a:115c:a1e0::8");
        check(PeerRequest { forwarded_for: v6, ..served() }, &user("ada@example.org", "fd7a:115c:a1e0::8"));
        for login in [None, Some(""), Some("  ")] {
            check(PeerRequest { tailscale_login: login, ..served() }, &TailscaleClaim::NoUser);
        }
        let peer = "100.64.0.8".parse().unwrap();
        for request in [
            PeerRequest { peer, ..served() },
            PeerRequest { forwarded_for: None, ..served() },
            PeerRequest { forwarded_for: Some("203.0.113.9"), ..served() },
            PeerRequest { forwarded_for: Some("100.64.0.8, 100.64.0.9"), ..served() },
            PeerRequest { forwarded_for: Some("--json"), ..served() },
            PeerRequest { forwarded_proto: None, ..served() },
            PeerRequest { forwarded_proto: Some(" "), ..served() },
            PeerRequest { forwarded_host: None, ..served() },
            PeerRequest { tailscale_funnel: Some("?1"), ..served() },
            PeerRequest { tailscale_login: Some("=?utf-8?q?=zz?="), ..served() },
        ] {
            check(request, &TailscaleClaim::NotProxied);
        }
    }

    #[test]
    fn a_name_beyond_ascii_is_decoded() {
        for (text, expected) in [
            ("ada@example.org", Some("ada@example.org")),
            ("=?utf-8?q?andr=C3=A9@example.org?=", Some("andré@example.org")),
            ("=?UTF-8?Q?a_b=3D?= =?utf-8?q?c?=", Some("a b=c")),
            ("=?utf-8?b?YQ==?=", None),
            ("=?latin1?q?a?=", None),
            ("=?utf-8?q?=C3?=", None),
            ("=?utf-8?q?=C?=", None),
            ("=?", None),
        ] {
            assert_eq!(decoded(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn only_the_same_user_is_verified() {
        let verified = TailscaleIdentity::Verified("ada@example.org".to_owned());
        for (claimed, known, expected) in [
            ("ada@example.org", Some("ada@example.org"), &verified),
            ("Ada@Example.org ", Some("ada@example.org"), &verified),
            ("eve@example.org", Some("ada@example.org"), &TailscaleIdentity::Mismatch),
            ("ada@example.org", None, &TailscaleIdentity::Mismatch),
            ("", Some(""), &TailscaleIdentity::Mismatch),
        ] {
            assert_eq!(&TailscaleIdentity::judge(claimed, known), expected, "{claimed} {known:?}");
        }
    }

    #[test]
    fn addresses_of_tailnets() {
        for (address, expected) in [
            ("100.64.0.1", true),
            ("100.127.255.254", true),
            ("::ffff:100.64.0.1", true),
            ("fd7a:115c:a1e0::1", true),
            ("100.128.0.1", false),
            ("100.63.0.1", false),
            ("10.0.0.1", false),
            ("fd7a:115c:a1e1::1", false),
            ("::1", false),
        ] {
            assert_eq!(is_tailnet(address.parse().unwrap()), expected, "{address}");
        }
    }
}
