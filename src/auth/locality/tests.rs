use super::*;

fn request(peer: &str) -> PeerRequest<'static> {
    PeerRequest {
        peer: peer.parse().unwrap(),
        host: Some("127.0.0.1:18789"),
        forwarded_for: None,
        forwarded_host: None,
        forwarded_proto: None,
        real_ip: None,
        forwarded: None,
        tailscale_login: None,
        tailscale_funnel: None,
    }
}

/// Expectation: client address (`-` for none), local, local direct, untrusted proxy.
#[track_caller]
fn check(request: PeerRequest<'_>, trusted: &[&str], expect: (&str, bool, bool, bool)) {
    let trusted: Vec<TrustedProxy> =
        trusted.iter().map(|proxy| TrustedProxy::parse(proxy).unwrap()).collect();
    let own = ["100.64.0.9".parse().unwrap()];
    let facts = PeerFacts::resolve(&request, &trusted, &own);
    let ip = facts.known_ip().unwrap_or_else(|| "-".to_owned());
    let found = (ip, facts.is_local, facts.is_local_direct, facts.untrusted_proxy);
    assert_eq!(found, (expect.0.to_owned(), expect.1, expect.2, expect.3), "{request:?}");
}

#[test]
fn without_a_proxy() {
    check(request("127.0.0.1"), &[], ("127.0.0.1", true, true, false));
    check(request("127.9.9.9"), &[], ("127.9.9.9", true, true, false));
    check(request("::1"), &[], ("::1", true, true, false));
    check(request("::ffff:127.0.0.1"), &[], ("127.0.0.1", true, true, false));
    check(request("192.168.1.7"), &[], ("192.168.1.7", false, false, false));
    check(request("100.64.0.9"), &[], ("100.64.0.9", true, false, false));
    check(request("100.64.0.8"), &[], ("100.64.0.8", false, false, false));
}

#[test]
fn the_host_header_decides_about_direct() {
    for (host, direct) in [
        (Some("localhost"), true),
        (Some("LOCALHOST:1"), true),
        (Some("[::1]:18789"), true),
        (Some("box.tail.ts.net"), true),
        (Some("evil.example"), false),
        (Some("127.0.0.1.evil.example"), false),
        (None, false),
    ] {
        check(PeerRequest { host, ..request("127.0.0.1") }, &[], ("127.0.0.1", true, direct, false));
    }
}

#[test]
fn behind_an_untrusted_proxy_nothing_is_local() {
    let plain = request("127.0.0.1");
    for value in ["127.0.0.1", " ", "\u{fffd}"] {
        for request in [
            PeerRequest { forwarded_for: Some(value), ..plain },
            PeerRequest { forwarded_host: Some(value), ..plain },
            PeerRequest { forwarded_proto: Some(value), ..plain },
            PeerRequest { real_ip: Some(value), ..plain },
            PeerRequest { forwarded: Some(value), ..plain },
        ] {
            check(request, &[], ("-", false, false, true));
            check(request, &["10.0.0.1"], ("-", false, false, true));
        }
    }
}

// Differs from the published gateway on purpose (`wire-protocol` C.9 takes the first entry): see the module.
#[test]
fn a_trusted_proxy_names_the_client() {
    let trusted = ["127.0.0.1", "10.0.0.1"];
    for (forwarded_for, client) in [
        ("203.0.113.9", "203.0.113.9"),
        ("203.0.113.9, 10.0.0.1", "203.0.113.9"),
        ("127.0.0.1, 203.0.113.9, 10.0.0.1,127.0.0.1", "203.0.113.9"),
        ("127.0.0.2, 203.0.113.9", "203.0.113.9"),
        ("203.0.113.9:4711", "203.0.113.9"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("127.0.0.2", "127.0.0.2"),
        ("127.0.0.1", "-"),
        ("unknown", "-"),
        ("203.0.113.9, unknown", "-"),
        ("", "-"),
    ] {
        let request = PeerRequest { forwarded_for: Some(forwarded_for), ..request("127.0.0.1") };
        check(request, &trusted, (client, false, false, false));
    }
    // Everything that trusted networks add is passed over.
    let networks = ["127.0.0.0/8", "10.0.0.0/8"];
    for (forwarded_for, client) in [
        ("203.0.113.9, 10.1.2.3", "203.0.113.9"),
        ("10.9.9.9, 127.3.2.1", "-"),
        ("127.0.0.1, 11.0.0.1", "11.0.0.1"),
    ] {
        let request = PeerRequest { forwarded_for: Some(forwarded_for), ..request("10.7.7.7") };
        check(request, &networks, (client, false, false, false));
    }
    let real_ip = PeerRequest { real_ip: Some("203.0.113.9"), ..request("10.0.0.1") };
    check(real_ip, &trusted, ("203.0.113.9", false, false, false));
    check(request("127.0.0.1"), &trusted, ("127.0.0.1", true, true, false));
}

#[test]
fn addresses_are_recorded_only_when_they_are_known_and_elsewhere() {
    let facts = |request: &PeerRequest<'_>| PeerFacts::resolve(request, &[], &[]).remote_ip();
    assert_eq!(facts(&request("192.168.1.7")).as_deref(), Some("192.168.1.7"));
    assert_eq!(facts(&request("127.0.0.1")), None);
    assert_eq!(facts(&PeerRequest { real_ip: Some("1.2.3.4"), ..request("192.168.1.7") }), None);
}
