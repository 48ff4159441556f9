//! What another gateway says of itself, as far as it can be used. Pure.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

use serde::Serialize;

/// Longest text that is kept of a record, characters.
const LONGEST: usize = 255;

/// A gateway that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Beacon {
    /// The name under which it was found, for example `mac (Clawdbot)`.
    pub instance_name: String,
    /// How it calls itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Where its name belongs.
    pub domain: &'static str,
    /// The machine, for example `mac.local`.
    pub host: String,
    /// The machine in its own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lan_host: Option<String>,
    /// The machine in its tailnet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tailnet_dns: Option<String>,
    /// The port of the gateway.
    pub port: u16,
    /// Where it listens, IPv4 first.
    pub addresses: Vec<IpAddr>,
    /// `gateway`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// `gateway`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transport: Option<String>,
    /// Whether it speaks TLS.
    pub gateway_tls: bool,
    /// SHA-256 of its certificate. Anybody can say so: it is for people to compare, not for trust.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gateway_tls_fingerprint_sha256: Option<String>,
    /// The port of SSH on its machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssh_port: Option<u16>,
    /// The program on its machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cli_path: Option<String>,
    /// Where a client connects; `None` without an address that can be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ws_url: Option<String>,
}

impl Beacon {
    /// Reads a record: the instance's whole name and its type, the host, the port, the addresses, and the TXT record.
    pub(super) fn read<'a>(
        (fullname, service): (&str, &str),
        host: &str,
        port: u16,
        addresses: impl IntoIterator<Item = IpAddr>,
        txt: impl Fn(&str) -> Option<&'a str>,
    ) -> Self {
        let said = |key: &str| txt(key).map(plain).filter(|text| !text.is_empty());
        let instance = fullname.strip_suffix(service).unwrap_or(fullname);
        // The ones that another machine cannot use are not an answer to where it is.
        let is_usable = |address: &IpAddr| match address {
            IpAddr::V4(address) => !address.is_unspecified() && !address.is_multicast(),
            // They need an interface besides, which a URL cannot name.
            IpAddr::V6(address) => !address.is_unicast_link_local() && !address.is_multicast(),
        };
        let addresses: BTreeSet<IpAddr> = addresses.into_iter().filter(is_usable).collect();
        let addresses: Vec<IpAddr> = addresses.into_iter().collect();
        let port = said("gatewayPort").and_then(|text| text.parse().ok()).unwrap_or(port);
        let gateway_tls = said("gatewayTls").is_some_and(|text| text == "1");
        let scheme = if gateway_tls { "wss" } else { "ws" };
        Self {
            instance_name: plain(&unescape(instance.trim_end_matches('.'))),
            display_name: said("displayName"),
            domain: "local.",
            host: plain(host.trim_end_matches('.')),
            lan_host: said("lanHost"),
            tailnet_dns: said("tailnetDns"),
            port,
            ws_url: addresses.first().map(|ip| format!("{scheme}://{}", SocketAddr::new(*ip, port))),
            addresses,
            role: said("role"),
            transport: said("transport"),
            gateway_tls,
            gateway_tls_fingerprint_sha256: said("gatewayTlsSha256"),
            ssh_port: said("sshPort").and_then(|text| text.parse().ok()),
            cli_path: said("cliPath"),
        }
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        self.display_name.as_deref().unwrap_or(&self.instance_name)
    }
}

/// The text without what a terminal would act upon.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && !is_invisible(*c)).take(LONGEST).collect()
}

/// Characters that turn the direction of a text around, or hide in it.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// A name as it is written in a whole name (RFC 6763, 4.3): `\.` is a dot, `\\` a backslash, `\032` a byte.
fn unescape(name: &str) -> String {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        let number = after.get(..3).and_then(|digits| std::str::from_utf8(digits).ok()?.parse::<u8>().ok());
        if let Some(number) = number {
            bytes.push(number);
            rest = &after[3..];
        } else {
            let Some((&escaped, after)) = after.split_first() else { break };
            bytes.push(escaped);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discovery::SERVICE;

    fn read(instance: &str, addresses: &[&str], txt: &[(&str, &str)]) -> Beacon {
        let fullname = format!("{instance}.{SERVICE}");
        let addresses: Vec<IpAddr> = addresses.iter().map(|address| address.parse().unwrap()).collect();
        let find = |key: &str| txt.iter().find(|(name, _)| *name == key).map(|(_, value)| *value);
        Beacon::read((&fullname, SERVICE), "mac.local.", 18_789, addresses, find)
    }

    #[test]
    fn a_published_record() {
        let beacon = read(
            "mac (Clawdbot)",
            &["fe80::1", "2001:db8::1", "192.0.2.7"],
            &[
                ("role", "gateway"),
                ("gatewayPort", "19001"),
                ("lanHost", "mac.local"),
                ("displayName", "mac"),
                ("sshPort", "22"),
                ("transport", "gateway"),
                ("gatewayTls", "1"),
                ("gatewayTlsSha256", "ab"),
                ("tailnetDns", "mac.tail.ts.net"),
                ("cliPath", "/usr/bin/clawdbot"),
            ],
        );
        assert_eq!(
            serde_json::to_value(&beacon).unwrap(),
            serde_json::json!({
                "instanceName": "mac (Clawdbot)",
                "displayName": "mac",
                "domain": "local.",
                "host": "mac.local",
                "lanHost": "mac.local",
                "tailnetDns": "mac.tail.ts.net",
                "port": 19001,
                "addresses": ["192.0.2.7", "2001:db8::1"],
                "role": "gateway",
                "transport": "gateway",
                "gatewayTls": true,
                "gatewayTlsFingerprintSha256": "ab",
                "sshPort": 22,
                "cliPath": "/usr/bin/clawdbot",
                "wsUrl": "wss://192.0.2.7:19001",
            })
        );
    }

    #[test]
    fn a_record_that_says_nothing() {
        let beacon =
            read("x", &["fe80::1"], &[("gatewayPort", "70000"), ("sshPort", "ssh"), ("displayName", " ")]);
        assert_eq!((beacon.port, beacon.ssh_port, beacon.ws_url), (18_789, None, None));
    }

    #[test]
    fn nothing_in_it_acts_on_a_terminal() {
        let hostile = "a\u{1b}]0;b\u{7}\u{202e}c\n";
        let beacon = read("x\u{1b}[2J", &["::1"], &[("displayName", hostile), ("cliPath", &"x".repeat(999))]);
        assert_eq!(beacon.instance_name, "x[2J");
        assert_eq!(beacon.name(), "a]0;bc");
        assert_eq!(beacon.cli_path.map(|path| path.len()), Some(LONGEST));
        assert_eq!(beacon.ws_url.as_deref(), Some("ws://[::1]:18789"));
    }

    #[test]
    fn escaped_names() {
        for (written, name) in [
            (r"a\.b", "a.b"),
            (r"a\\b", r"a\b"),
            (r"Peter\226\128\153s Mac", "Peter’s Mac"),
            (r"a\032b", "a b"),
            (r"a\", "a"),
            (r"a\99", "a99"),
        ] {
            assert_eq!(unescape(written), name, "{written}");
        }
    }
}
