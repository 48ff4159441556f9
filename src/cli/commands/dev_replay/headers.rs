//! What a client of the recording says when it connects here. Pure.

use crate::capsule::replay::Headers;

/// What the upgrade request says, besides what the protocol asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Sent {
    /// `Host`; `None` for the address that is connected to.
    pub(super) host: Option<String>,
    pub(super) others: Vec<(&'static str, String)>,
}

/// The headers of a client, for a gateway at this port. Addresses of this machine are those of the gateway here; a client
/// that was on another machine says so the only way it can.
pub(super) fn of(recorded: &Headers, port: u16) -> Sent {
    let host = recorded.host.as_deref().map(|host| with_port(host, port));
    let mut others = Vec::new();
    if let Some(origin) = &recorded.origin {
        let own = recorded.host.as_deref().zip(origin.split_once("://"));
        let origin = match own {
            Some((host, (scheme, authority))) if host == authority => {
                format!("{scheme}://{}", with_port(host, port))
            }
            _ => origin.clone(),
        };
        others.push(("origin", origin));
    }
    others.extend(recorded.user_agent.iter().map(|agent| ("user-agent", agent.clone())));
    let remote = recorded.peer.as_ref().filter(|peer| !is_local(peer));
    others.extend(remote.map(|peer| ("x-forwarded-for", peer.clone())));
    Sent { host, others }
}

fn is_local(peer: &str) -> bool {
    peer.parse::<std::net::IpAddr>().is_ok_and(|peer| peer.to_canonical().is_loopback())
}

/// An authority with another port, when it has one.
fn with_port(authority: &str, port: u16) -> String {
    match authority.rsplit_once(':') {
        Some((name, old)) if old.parse::<u16>().is_ok() && (!name.contains(':') || name.ends_with(']')) => {
            format!("{name}:{port}")
        }
        _ => authority.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(
        peer: &str,
        host: Option<&str>,
        origin: Option<&str>,
        expected: (Option<&str>, &[(&str, &str)]),
    ) {
        let owned = |text: &str| text.to_owned();
        let recorded = Headers {
            peer: Some(peer.to_owned()),
            host: host.map(owned),
            origin: origin.map(owned),
            user_agent: None,
        };
        let sent = of(&recorded, 5);
        let others: Vec<(&str, &str)> =
            sent.others.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!((sent.host.as_deref(), others.as_slice()), expected);
    }

    #[test]
    fn addresses_are_those_of_the_gateway_here() {
        check("127.0.0.1", None, None, (None, &[]));
        check("127.0.0.1", Some("127.0.0.1:18789"), None, (Some("127.0.0.1:5"), &[]));
        check(
            "::1",
            Some("[::1]:18789"),
            Some("http://[::1]:18789"),
            (Some("[::1]:5"), &[("origin", "http://[::1]:5")]),
        );
        check(
            "127.0.0.1",
            Some("localhost:18789"),
            Some("http://localhost:5173"),
            (Some("localhost:5"), &[("origin", "http://localhost:5173")]),
        );
        check(
            "203.0.113.9",
            Some("box.ts.net"),
            Some("https://box.ts.net"),
            (Some("box.ts.net"), &[("origin", "https://box.ts.net"), ("x-forwarded-for", "203.0.113.9")]),
        );
    }
}
