use super::*;

#[track_caller]
fn check(origin: Option<&str>, host: Option<&str>, dev_mode: bool, expect: Result<(), OriginRefusal>) {
    let allowed = ["https://panel.example".to_owned(), "http://lab.example:8080/".to_owned()];
    let own_addresses = ["127.0.0.1".parse().unwrap(), "192.168.1.5".parse().unwrap()];
    let policy =
        OriginPolicy { allowed: &allowed, dev_mode, own_addresses: &own_addresses, tailnet_names: false };
    assert_eq!(super::check(origin, host, &policy), expect, "{origin:?} {host:?} dev={dev_mode}");
}

#[test]
fn programs_that_are_not_browsers_pass() {
    check(None, Some("127.0.0.1:18789"), false, Ok(()));
    check(None, Some("anything.example"), false, Ok(()));
    check(None, None, false, Ok(()));
}

#[test]
fn the_same_origin_passes_where_we_are_at_home() {
    check(Some("http://127.0.0.1:18789"), Some("127.0.0.1:18789"), false, Ok(()));
    check(Some("http://localhost:18789"), Some("localhost:18789"), false, Ok(()));
    check(Some("http://[::1]:18789"), Some("[::1]:18789"), false, Ok(()));
    check(Some("http://192.168.1.5:18789"), Some("192.168.1.5:18789"), false, Ok(()));
    check(Some("http://127.0.0.1"), Some("127.0.0.1:80"), false, Ok(()));
    check(Some("https://localhost"), Some("localhost:443"), false, Ok(()));
    check(Some("HTTP://LocalHost:1"), Some("localhost:1"), false, Ok(()));
}

#[test]
fn other_origins_are_refused() {
    let origin = Err(OriginRefusal::Origin);
    check(Some("https://evil.example"), Some("127.0.0.1:18789"), false, origin);
    check(Some("http://127.0.0.1:3000"), Some("127.0.0.1:18789"), false, origin);
    check(Some("http://localhost:18789"), Some("127.0.0.1:18789"), false, origin);
    check(Some("http://127.0.0.1:18789@evil.example"), Some("127.0.0.1:18789"), false, origin);
    check(Some("http://127.0.0.1.evil.example:18789"), Some("127.0.0.1:18789"), true, origin);
    check(Some("http://localhost.evil.example"), Some("127.0.0.1:18789"), true, origin);
    check(Some("null"), Some("127.0.0.1:18789"), false, origin);
    check(Some("null"), Some("127.0.0.1:18789"), true, origin);
    check(Some(""), Some("127.0.0.1:18789"), true, origin);
    check(Some("file://"), Some("127.0.0.1:18789"), true, origin);
}

#[test]
fn a_name_that_is_not_ours_is_refused_even_when_it_matches() {
    let host = Err(OriginRefusal::Host);
    check(Some("http://rebound.example:18789"), Some("rebound.example:18789"), false, host);
    check(Some("http://rebound.example:18789"), Some("rebound.example:18789"), true, host);
    check(Some("http://192.168.1.6:18789"), Some("192.168.1.6:18789"), false, host);
    check(Some("http://127.0.0.1:18789"), None, false, host);
}

#[test]
fn dev_mode_lets_pages_from_loopback_in() {
    for origin in
        ["http://localhost:5173", "http://127.0.0.1:3000", "http://[::1]:1", "https://app.localhost"]
    {
        check(Some(origin), Some("127.0.0.1:18789"), true, Ok(()));
        check(Some(origin), Some("127.0.0.1:18789"), false, Err(OriginRefusal::Origin));
    }
}

#[test]
fn configured_origins_pass() {
    for origin in ["https://panel.example", "https://PANEL.example", "http://lab.example:8080"] {
        check(Some(origin), Some("gateway.example"), false, Ok(()));
    }
    check(Some("http://panel.example"), Some("gateway.example"), false, Err(OriginRefusal::Origin));
    let policy = OriginPolicy {
        allowed: &["*".to_owned()],
        dev_mode: false,
        own_addresses: &[],
        tailnet_names: false,
    };
    assert_eq!(super::check(Some("null"), None, &policy), Ok(()));
}

#[test]
fn plain_requests_have_to_name_us() {
    let allowed = ["https://panel.example:8443/".to_owned()];
    let policy =
        OriginPolicy { allowed: &allowed, dev_mode: false, own_addresses: &[], tailnet_names: false };
    for (host, expect) in [
        (None, true),
        (Some("127.0.0.1:18789"), true),
        (Some("localhost"), true),
        (Some("[::1]:18789"), true),
        (Some("192.168.1.5:1"), true),
        (Some("BOX:1"), true),
        (Some("box.local"), true),
        (Some("panel.example"), true),
        (Some("rebound.example:18789"), false),
        (Some("127.0.0.1.rebound.example"), false),
        (Some("?"), false),
        (Some(""), false),
    ] {
        assert_eq!(check_host(host, "Box", &policy).is_ok(), expect, "{host:?}");
    }
}

#[test]
fn names_of_the_tailnet_are_ours_when_tailscale_leads_here() {
    for (tailnet_names, host, expect) in [
        (true, "box.tail1234.ts.net", Ok(())),
        (true, "ts.net.evil.example", Err(OriginRefusal::Host)),
        (true, "evilts.net", Err(OriginRefusal::Host)),
        (false, "box.tail1234.ts.net", Err(OriginRefusal::Host)),
    ] {
        let policy = OriginPolicy { allowed: &[], dev_mode: false, own_addresses: &[], tailnet_names };
        let origin = format!("https://{host}");
        assert_eq!(super::check(Some(&origin), Some(host), &policy), expect, "{host}");
        assert_eq!(check_host(Some(host), "machine", &policy), expect, "{host}");
        let neighbour = super::check(Some("https://other.tail1234.ts.net"), Some(host), &policy);
        assert_eq!(neighbour, Err(OriginRefusal::Origin));
    }
}
