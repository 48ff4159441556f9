//! Announcements in the local network, in networks that the tests make for themselves.

use std::time::Duration;

use serde_json::Value;

use crate::support::gateway::{self, Gateway, Launch, configure};
use crate::support::home::Home;
use crate::support::own_process::{in_own_network, ip};
use crate::support::program::{Finished, Run};
use crate::support::wait::{self, PATIENCE};

const TOKEN: &str = "of-the-lan";
const OWN: &str = "10.1.2.3";

/// What the tests set for everything else, to keep it away from the network.
const OFF: &str = "CLAWDBOT_DISABLE_BONJOUR";

fn network() {
    ip("link add lan0 type veth peer name lan1");
    ip("link set lan1 up");
    ip("link set lan0 up");
    ip(&format!("addr add {OWN}/24 dev lan0"));
}

fn launch(home: &Home, bind: &str) -> Launch {
    configure(home, &format!("{{ gateway: {{ mode: 'local', auth: {{ token: '{TOKEN}' }} }} }}"));
    gateway::in_home(home).arg("--bind").arg(bind).env(OFF, "0")
}

fn run(home: &Home, arguments: &[&str]) -> Finished {
    Run::new(home, arguments).env(OFF, "0").finish()
}

fn json(finished: &Finished) -> Value {
    serde_json::from_str(&finished.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}{}", finished.stdout, finished.stderr))
}

/// What `gateway discover` finds.
fn discovered(home: &Home) -> Vec<Value> {
    let finished = run(home, &["gateway", "discover", "--timeout", "700", "--json"]).expect_code(0);
    let report = json(&finished);
    let beacons = report["beacons"].as_array().unwrap().clone();
    assert_eq!(
        (&report["count"], &report["domains"][0]),
        (&beacons.len().into(), &"local.".into()),
        "{report:#}"
    );
    beacons
}

/// Waits until it is found; names are claimed for most of a second before they are used.
#[track_caller]
fn found(home: &Home) -> Value {
    wait::until("an announcement", PATIENCE, || discovered(home).pop())
}

fn port(gateway: &Gateway) -> u64 {
    gateway.address().port().into()
}

#[test]
fn a_gateway_of_the_network_is_found_and_says_goodbye() {
    in_own_network("discovery::a_gateway_of_the_network_is_found_and_says_goodbye", || {
        network();
        let (home, other) = (Home::new(), Home::new());
        let gateway = launch(&home, "lan").env("CLAWDBOT_SSH_PORT", "2222").start();
        let beacon = found(&other);
        let url = format!("ws://{OWN}:{}", port(&gateway));
        assert_eq!(beacon["wsUrl"], url, "{beacon:#}");
        assert_eq!(
            (&beacon["role"], &beacon["transport"]),
            (&"gateway".into(), &"gateway".into()),
            "{beacon:#}"
        );
        assert_eq!((&beacon["sshPort"], &beacon["gatewayTls"]), (&2222.into(), &false.into()), "{beacon:#}");
        assert_eq!(beacon["port"], port(&gateway), "{beacon:#}");
        assert!(beacon["instanceName"].as_str().unwrap().ends_with(" (Clawdbot)"), "{beacon:#}");
        assert!(!beacon.to_string().contains(TOKEN), "{beacon:#}");
        // Nothing is answered twice within a second (RFC 6762, 6).
        let text = wait::until("a screen", PATIENCE, || {
            let finished = run(&other, &["gateway", "discover", "--timeout", "700"]).expect_code(0);
            finished.stdout.contains("Found 1").then_some(finished.stdout)
        });
        assert!(text.starts_with("Gateway Discovery\nFound 1 gateway(s) · domains: local.\n"), "{text}");
        assert!(text.contains(&format!("\n  ws: {url}\n")), "{text}");

        // The probe of somebody else looks at it, and has nothing to log in with.
        let report = wait::until("a probe", PATIENCE, || {
            let report = json(&run(&other, &["gateway", "probe", "--json"]));
            (report["discovery"]["count"] == 1).then_some(report)
        });
        let targets = report["targets"].as_array().unwrap();
        let seen = targets.iter().find(|target| target["kind"] == "announced");
        let seen = seen.unwrap_or_else(|| panic!("{report:#}"));
        assert_eq!((&seen["url"], &seen["connect"]["ok"]), (&url.into(), &true.into()), "{report:#}");
        assert_eq!((&seen["rpc"], &report["discovery"]["count"]), (&Value::Null, &1.into()), "{report:#}");
        // Its own profile knows it already.
        let own = wait::until("a probe of its own", PATIENCE, || {
            let report = json(&run(&home, &["gateway", "probe", "--json"]).expect_code(0));
            (report["discovery"]["count"] == 1).then_some(report)
        });
        assert!(
            own["targets"].as_array().unwrap().iter().all(|target| target["kind"] != "announced"),
            "{own:#}"
        );
        assert_eq!(own["warnings"], Value::Array(Vec::new()), "{own:#}");

        gateway.stop();
        assert_eq!(discovered(&other), Vec::<Value>::new());
    });
}

#[test]
fn who_cannot_be_reached_or_does_not_want_to_be_is_not_announced() {
    in_own_network("discovery::who_cannot_be_reached_or_does_not_want_to_be_is_not_announced", || {
        network();
        let (home, quiet, other) = (Home::new(), Home::new(), Home::new());
        let _loopback = launch(&home, "loopback").start();
        let silent = launch(&quiet, "lan").env(OFF, "1").start();
        assert!(!silent.log().contains("announced"), "{}", silent.log());
        assert_eq!(discovered(&other), Vec::<Value>::new());
        let refused = Run::new(&other, &["gateway", "discover"]).finish().expect_code(1);
        assert!(refused.stderr.contains("switched off by CLAWDBOT_DISABLE_BONJOUR"), "{}", refused.stderr);
    });
}

#[test]
fn an_address_that_comes_later_is_announced_and_one_that_goes_is_not() {
    in_own_network("discovery::an_address_that_comes_later_is_announced_and_one_that_goes_is_not", || {
        let (home, other) = (Home::new(), Home::new());
        let gateway = launch(&home, "lan").start();
        network();
        gateway.line(0, &format!("✓ listening on ws://{OWN}:"));
        let beacon = found(&other);
        assert_eq!(beacon["wsUrl"], format!("ws://{OWN}:{}", port(&gateway)));
        let mark = gateway.mark();
        ip("addr add 10.1.2.4/24 dev lan0");
        gateway.line(mark, "✓ listening on ws://10.1.2.4:");
        wait::until("the second address", PATIENCE, || {
            let beacons = discovered(&other);
            let addresses = beacons.first()?["addresses"].as_array()?.len();
            (addresses == 2).then_some(())
        });
    });
}

#[test]
fn a_network_that_says_nothing_costs_no_more_than_the_time_limit() {
    in_own_network("discovery::a_network_that_says_nothing_costs_no_more_than_the_time_limit", || {
        network();
        let home = Home::new();
        let finished = run(&home, &["gateway", "discover", "--timeout", "300"]).expect_code(0);
        assert!(finished.stdout.contains("Found 0 gateway(s)"), "{}", finished.stdout);
        assert!(finished.took < Duration::from_secs(5), "{:?}", finished.took);
        let probed = json(&run(&home, &["gateway", "probe", "--json"]));
        assert_eq!((&probed["discovery"]["count"], &probed["discovery"]["off"]), (&0.into(), &Value::Null));
    });
}
