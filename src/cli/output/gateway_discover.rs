//! What `gateway discover` has found, laid out as the published program does. Pure.

use serde_json::{Value, json};

use super::paint::Paint;
use crate::discovery::Beacon;

/// Where is looked. The published program asks `clawdbot.internal.` as well, by unicast DNS.
const DOMAINS: [&str; 1] = ["local."];

/// For people. The texts of a beacon hold nothing that acts on a terminal.
pub(crate) fn screen(found: &[Beacon], paint: Paint) -> String {
    let mut lines = vec![
        paint.title("Gateway Discovery"),
        format!("Found {} gateway(s) · domains: {}", found.len(), DOMAINS.join(", ")),
    ];
    for beacon in found {
        lines.push(String::new());
        lines.push(format!("- {} {}", paint.title(beacon.name()), beacon.domain));
        lines.extend(facts(beacon).into_iter().map(|(name, fact)| format!("  {name}: {fact}")));
    }
    if found.is_empty() {
        lines.push(
            "Only gateways that others can reach announce themselves (--bind lan, for example), and only to the \
             network that they are in."
                .to_owned(),
        );
    }
    lines.join("\n")
}

/// What is known of it, in the published order.
fn facts(beacon: &Beacon) -> Vec<(&'static str, String)> {
    let tls = beacon.gateway_tls.then(|| match &beacon.gateway_tls_fingerprint_sha256 {
        Some(fingerprint) => format!("on · sha256 {fingerprint}"),
        None => "on".to_owned(),
    });
    let ssh = beacon.ssh_port.map(|port| {
        let host = beacon.tailnet_dns.as_ref().or(beacon.lan_host.as_ref()).unwrap_or(&beacon.host);
        format!("{host}:{port}")
    });
    let facts = [
        ("tailnet", beacon.tailnet_dns.clone()),
        ("lan", beacon.lan_host.clone()),
        ("host", Some(beacon.host.clone())),
        ("ws", beacon.ws_url.clone()),
        ("role", beacon.role.clone()),
        ("transport", beacon.transport.clone()),
        ("tls", tls),
        ("ssh", ssh),
    ];
    facts.into_iter().filter_map(|(name, fact)| Some((name, fact?))).collect()
}

/// For scripts, with the published members.
pub(crate) fn json(found: &[Beacon], timeout_ms: u64) -> Value {
    json!({ "timeoutMs": timeout_ms, "domains": DOMAINS, "count": found.len(), "beacons": found })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::output::screens;

    fn beacon(instance: &str, tls: bool) -> Beacon {
        Beacon {
            instance_name: format!("{instance} (Clawdbot)"),
            display_name: Some(instance.to_owned()),
            domain: "local.",
            host: format!("{instance}.local"),
            lan_host: Some(format!("{instance}.local")),
            tailnet_dns: tls.then(|| format!("{instance}.tail.ts.net")),
            port: 18_789,
            addresses: vec!["192.0.2.7".parse().unwrap()],
            role: Some("gateway".to_owned()),
            transport: Some("gateway".to_owned()),
            gateway_tls: tls,
            gateway_tls_fingerprint_sha256: tls.then(|| "AB:CD".to_owned()),
            ssh_port: Some(22),
            cli_path: None,
            ws_url: Some("ws://192.0.2.7:18789".to_owned()),
        }
    }

    #[test]
    fn the_screens() {
        let found = [beacon("mac", false), beacon("büro", true)];
        screens::check("gateway-discover.txt", &screen(&found, Paint::new(false)));
        screens::check("gateway-discover-colour.txt", &screen(&found, Paint::new(true)));
        screens::check("gateway-discover-none.txt", &screen(&[], Paint::new(false)));
    }

    #[test]
    fn the_object() {
        let object = json(&[beacon("mac", false)], 2000);
        assert_eq!((&object["timeoutMs"], &object["count"]), (&2000.into(), &1.into()));
        assert_eq!(object["beacons"][0]["wsUrl"], "ws://192.0.2.7:18789");
    }
}
