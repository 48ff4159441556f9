//! Which addresses a foreground gateway listens on, in networks that the tests make for themselves: by bind mode, and
//! when addresses come and go.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};

use serde_json::json;

use crate::support::edits::Save;
use crate::support::gateway::{self, Gateway, Launch, configure};
use crate::support::home::Home;
use crate::support::http;
use crate::support::own_process::{in_own_network, ip};
use crate::support::program::Run;
use crate::support::wait::{self, PATIENCE};

const LOOPBACK: [&str; 2] = ["127.0.0.1", "::1"];

/// A pair of interfaces that are up, `lan0` and its other end.
fn cable() {
    ip("link add lan0 type veth peer name lan1");
    ip("link set lan1 up");
    ip("link set lan0 up");
}

fn configured(gateway: &str) -> Home {
    let home = Home::new();
    configure(&home, &format!("{{ gateway: {{ mode: 'local', {gateway} }} }}"));
    home
}

fn with_bind(home: &Home, bind: &str) -> Launch {
    gateway::in_home(home).arg("--bind").arg(bind)
}

/// What it says about where it listens, in its order.
fn told(gateway: &Gateway) -> Vec<SocketAddr> {
    let lines = gateway.since(0);
    let urls = lines.iter().filter_map(|line| line.strip_prefix("✓ listening on ws://"));
    urls.map(|rest| rest.split(' ').next().unwrap().parse().unwrap()).collect()
}

/// Checks that it listens on exactly these addresses, says so, and answers there.
#[track_caller]
fn listens_on(gateway: &Gateway, expected: &[&str]) {
    let addresses = told(gateway);
    // IPv4 first; within a family the order is the system's.
    let found: Vec<String> = addresses.iter().map(|address| address.ip().to_string()).collect();
    let sorted = |hosts: &mut Vec<&str>| {
        hosts.sort_by_key(|host| (LOOPBACK.contains(host), host.contains(':'), *host));
    };
    let (mut found, mut expected): (Vec<&str>, _) =
        (found.iter().map(String::as_str).collect(), expected.to_vec());
    assert_eq!(found[0], expected[0], "{}", gateway.told());
    sorted(&mut found);
    sorted(&mut expected);
    assert_eq!(found, expected, "{}", gateway.told());
    let first = gateway.line(0, "✓ listening on ");
    assert!(first.ends_with(&format!(" (PID {})", gateway.pid())), "{first}");
    for address in addresses {
        assert_eq!(http::health(address, PATIENCE).unwrap().pid, gateway.pid(), "{address}");
    }
    let runtime = gateway.runtime();
    assert_eq!(runtime["urls"].as_array().unwrap().len(), expected.len(), "{runtime}");
}

fn refused(address: &str, port: u16) -> bool {
    let address = SocketAddr::new(address.parse::<IpAddr>().unwrap(), port);
    TcpStream::connect_timeout(&address, PATIENCE).is_err()
}

#[test]
fn lan_is_every_address_that_others_can_reach_and_loopback() {
    in_own_network("addresses::lan_is_every_address_that_others_can_reach_and_loopback", || {
        cable();
        for address in ["10.1.2.3/24", "192.168.7.1/24", "169.254.3.4/16", "100.64.0.5/32"] {
            ip(&format!("addr add {address} dev lan0"));
        }
        for address in ["2001:db8::7/64", "fd00:1::5/64", "fd7a:115c:a1e0::5/128"] {
            ip(&format!("addr add {address} dev lan0 nodad"));
        }
        ip("link add down0 type veth peer name down1");
        ip("addr add 10.9.9.9/24 dev down0");

        let home = configured("auth: { token: 'of-the-lan' }");
        let gateway = with_bind(&home, "lan").start();
        let all = ["10.1.2.3", "192.168.7.1", "2001:db8::7", "fd00:1::5", "127.0.0.1", "::1"];
        listens_on(&gateway, &all);
        let port = gateway.address().port();
        for excluded in ["169.254.3.4", "100.64.0.5", "fd7a:115c:a1e0::5", "10.9.9.9"] {
            assert!(refused(excluded, port), "{excluded} answers");
        }
        assert!(!gateway.told().contains("0.0.0.0"));
        gateway.client("of-the-lan");
        // Who sits at the machine needs no approval, whichever address comes first.
        Run::new(&home, &["gateway", "health"]).finish().expect_code(0);
        gateway.stop();

        // Auto is the same as long as somebody has to prove who they are.
        let gateway = with_bind(&home, "auto").start();
        listens_on(&gateway, &all);
        gateway.stop();
        let open = configured("");
        let gateway = with_bind(&open, "auto").start();
        gateway.line(0, "bind auto: only loopback, because no auth is configured");
        listens_on(&gateway, &LOOPBACK);
        gateway.stop();
    });
}

#[test]
fn lan_without_a_lan_says_so() {
    in_own_network("addresses::lan_without_a_lan_says_so", || {
        let home = configured("auth: { token: 't0ken' }");
        let gateway = with_bind(&home, "lan").start();
        gateway.line(0, "only loopback, because this machine has no LAN address");
        listens_on(&gateway, &LOOPBACK);
        gateway.stop();
    });
}

#[test]
fn tailnet_is_its_addresses_alone_and_loopback_until_there_are_some() {
    in_own_network("addresses::tailnet_is_its_addresses_alone_and_loopback_until_there_are_some", || {
        cable();
        ip("addr add 10.1.2.3/24 dev lan0");
        let home = configured("auth: { token: 't0ken' }");
        let gateway = with_bind(&home, "tailnet").start();
        gateway.line(0, "bind tailnet: only loopback, because this machine has no tailnet address");
        listens_on(&gateway, &LOOPBACK);
        let port = gateway.address().port();

        let mark = gateway.mark();
        ip("addr add 100.100.1.2/32 dev lan0");
        gateway.line(mark, &format!("✓ listening on ws://100.100.1.2:{port}"));
        let stopped =
            format!("✓ stopped listening on ws://127.0.0.1:{port}: the tailnet's addresses take its place");
        gateway.line(mark, &stopped);
        wait::until("loopback is closed", PATIENCE, || refused("127.0.0.1", port).then_some(()));
        assert_eq!(
            http::health(SocketAddr::new("100.100.1.2".parse().unwrap(), port), PATIENCE).unwrap().generation,
            1
        );

        let mark = gateway.mark();
        ip("addr del 100.100.1.2/32 dev lan0");
        gateway.line(mark, &format!("✓ listening on ws://127.0.0.1:{port}"));
        gateway.line(mark, &format!("✓ stopped listening on ws://100.100.1.2:{port}: the address is gone"));
        gateway.stop();

        ip("addr add 100.127.255.254/32 dev lan0");
        ip("addr add fd7a:115c:a1e0::5/128 dev lan0 nodad");
        let gateway = with_bind(&home, "tailnet").start();
        listens_on(&gateway, &["100.127.255.254", "fd7a:115c:a1e0::5"]);
        let port = gateway.address().port();
        assert!(refused("127.0.0.1", port) && refused("10.1.2.3", port));
        gateway.stop();
    });
}

#[test]
fn custom_is_one_address_or_a_refusal() {
    in_own_network("addresses::custom_is_one_address_or_a_refusal", || {
        cable();
        ip("addr add 10.1.2.3/24 dev lan0");
        let custom = |host: &str| configured(&format!("auth: {{ token: 't0ken' }}, {host}"));
        let home = custom("customBindHost: '10.1.2.3'");
        let gateway = with_bind(&home, "custom").start();
        listens_on(&gateway, &["10.1.2.3"]);
        gateway.stop();
        for (host, text) in [
            ("customBindHost: '10.1.2.4'", "Error: listen EADDRNOTAVAIL: address not available 10.1.2.4:"),
            ("", "Bind mode custom needs an address. Set gateway.customBindHost to an IP address."),
            (
                "customBindHost: 'box'",
                "gateway.customBindHost is \"box\". Set it to an IP address of this machine.",
            ),
        ] {
            let home = custom(host);
            let mut gateway = with_bind(&home, "custom").spawn();
            assert_eq!(gateway.ended(PATIENCE).code(), Some(78), "{}", gateway.told());
            assert!(gateway.told().starts_with(text), "{}", gateway.told());
        }
    });
}

#[test]
fn an_address_that_cannot_be_had_is_named_and_the_others_serve() {
    in_own_network("addresses::an_address_that_cannot_be_had_is_named_and_the_others_serve", || {
        cable();
        ip("addr add 10.1.2.3/24 dev lan0");
        ip("addr add 10.1.3.3/24 dev lan0");
        let holder = TcpListener::bind(("10.1.3.3", 4321)).unwrap();
        let home = configured("port: 4321, auth: { token: 't0ken' }");
        let gateway = with_bind(&home, "lan").without_port().start();
        gateway.line(0, "Error: listen EADDRINUSE: address already in use 10.1.3.3:4321");
        listens_on(&gateway, &["10.1.2.3", "127.0.0.1", "::1"]);

        // It is tried again with the next change of the machine's addresses.
        drop(holder);
        let mark = gateway.mark();
        ip("addr add 10.1.4.3/24 dev lan0");
        gateway.line(mark, "✓ listening on ws://10.1.4.3:4321");
        gateway.line(mark, "✓ listening on ws://10.1.3.3:4321");
        gateway.stop();
    });
}

#[test]
fn addresses_that_come_and_go_are_followed_without_a_restart() {
    in_own_network("addresses::addresses_that_come_and_go_are_followed_without_a_restart", || {
        cable();
        ip("addr add 10.1.2.3/24 dev lan0");
        let home = configured("auth: { token: 't0ken' }");
        let gateway = with_bind(&home, "lan").start();
        let port = gateway.address().port();
        let mut client = gateway.client("t0ken");

        let mark = gateway.mark();
        ip("addr add 10.2.2.2/24 dev lan0");
        gateway.line(mark, &format!("✓ listening on ws://10.2.2.2:{port}"));
        http::health(SocketAddr::new("10.2.2.2".parse().unwrap(), port), PATIENCE).unwrap();

        // Nobody looks whether the address is still tentative but the kernel: it cannot be bound before.
        let mark = gateway.mark();
        ip("addr add fd00:2::9/64 dev lan0");
        gateway.line(mark, &format!("✓ listening on ws://[fd00:2::9]:{port}"));
        http::health(SocketAddr::new("fd00:2::9".parse().unwrap(), port), PATIENCE).unwrap();

        let mark = gateway.mark();
        ip("addr del 10.2.2.2/24 dev lan0");
        gateway.line(mark, &format!("✓ stopped listening on ws://10.2.2.2:{port}: the address is gone"));
        assert_eq!(gateway.since(mark).len(), 1, "{}", gateway.told());

        // Many at once.
        for last in 1..=20 {
            ip(&format!("addr add 10.3.0.{last}/16 dev lan0"));
        }
        for last in (11..=20).rev() {
            ip(&format!("addr del 10.3.0.{last}/16 dev lan0"));
        }
        let expected: BTreeSet<String> = ["10.1.2.3", "127.0.0.1", "[::1]", "[fd00:2::9]"]
            .into_iter()
            .map(str::to_owned)
            .chain((1..=10).map(|last| format!("10.3.0.{last}")))
            .map(|host| format!("ws://{host}:{port}"))
            .collect();
        wait::until("exactly the addresses that are left", PATIENCE, || {
            let runtime = gateway.runtime();
            let urls = runtime["urls"].as_array()?;
            let found: BTreeSet<String> =
                urls.iter().filter_map(|url| Some(url.as_str()?.to_owned())).collect();
            (found == expected).then_some(())
        });
        let health = http::health(SocketAddr::new("10.3.0.10".parse().unwrap(), port), PATIENCE).unwrap();
        assert_eq!((health.pid, health.generation), (gateway.pid(), 1));
        client.payload("health", &json!({}));

        // An interface that goes down takes its addresses out of the plan, and brings them back.
        let mark = gateway.mark();
        ip("link set lan0 down");
        gateway.line(mark, &format!("✓ stopped listening on ws://10.1.2.3:{port}: "));
        let mark = gateway.mark();
        ip("link set lan0 up");
        gateway.line(mark, &format!("✓ listening on ws://10.1.2.3:{port}"));
        gateway.stop();
    });
}

#[test]
fn a_restart_keeps_what_was_found_and_another_mode_is_followed() {
    in_own_network("addresses::a_restart_keeps_what_was_found_and_another_mode_is_followed", || {
        cable();
        ip("addr add 10.1.2.3/24 dev lan0");
        let text = |gateway: &str| {
            let reload = "reload: { debounceMs: 0 }";
            format!(
                "{{ gateway: {{ mode: 'local', port: 4321, {reload}, auth: {{ token: 't0ken' }}, {gateway} }} }}"
            )
        };
        let home = Home::new();
        let config = configure(&home, &text("bind: 'loopback'"));
        let gateway = gateway::in_home(&home).without_port().start();
        for (bind, listening, closed) in [
            ("bind: 'lan'", Some("10.1.2.3"), None),
            ("bind: 'custom', customBindHost: '10.1.2.3'", None, Some("127.0.0.1")),
            ("bind: 'loopback'", Some("127.0.0.1"), Some("10.1.2.3")),
        ] {
            let mark = gateway.mark();
            Save::Rename.write(&config, &text(bind));
            gateway.line(mark, "✓ restarted in ");
            if let Some(host) = listening {
                gateway.line(mark, &format!("✓ listening on ws://{host}:4321"));
            }
            if let Some(host) = closed {
                assert!(refused(host, 4321), "{host} answers with {bind}");
            }
        }
        // What overlaps with the sockets that are open cannot be had beside them.
        let mark = gateway.mark();
        Save::Rename.write(&config, &text("bind: 'custom', customBindHost: '0.0.0.0'"));
        let taken = "✗ Error: listen EADDRINUSE: address already in use 0.0.0.0:4321";
        gateway.kept(mark, &[taken, "This gateway itself listens at port 4321. Stop it and start it again."]);
        assert_eq!(gateway.health().generation, 4);

        // Addresses are followed under the new mode, too.
        let mark = gateway.mark();
        Save::Rename.write(&config, &text("bind: 'auto'"));
        gateway.line(mark, "✓ restarted in ");
        ip("addr add 10.4.4.4/24 dev lan0");
        gateway.line(mark, "✓ listening on ws://10.4.4.4:4321");
        gateway.stop();
    });
}
