//! `tailscale status --json` → what a gateway wants to know. Pure.

use serde::Deserialize;

use super::TailscaleError;

/// This machine in its tailnet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Its name in DNS, without a final dot; `None` without `MagicDNS`.
    pub name: Option<String>,
    /// Its first address in the tailnet.
    pub address: Option<String>,
}

/// The members that are read. Tailscale's documentation warns that others come and go.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Document {
    backend_state: String,
    #[serde(rename = "AuthURL")]
    auth_url: String,
    #[serde(rename = "Self")]
    own: Option<Machine>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Machine {
    #[serde(rename = "DNSName")]
    dns_name: String,
    #[serde(rename = "TailscaleIPs")]
    addresses: Option<Vec<String>>,
}

/// Reads the answer. A daemon that is not connected is an error here, as nothing can be exposed then.
pub(super) fn parse(json: &str) -> Result<Status, TailscaleError> {
    let document: Document = serde_json::from_str(json).map_err(|error| TailscaleError::Unreadable {
        command: "status --json",
        reason: error.to_string(),
    })?;
    match document.backend_state.as_str() {
        "Running" => {}
        "NeedsLogin" | "NoState" => {
            return Err(TailscaleError::LoggedOut { login_url: link(&document.auth_url) });
        }
        "NeedsMachineAuth" => return Err(TailscaleError::NotApproved),
        "Stopped" => return Err(TailscaleError::Stopped),
        "Starting" => return Err(TailscaleError::Starting),
        other => {
            let reason = format!("unknown BackendState {other:?}");
            return Err(TailscaleError::Unreadable { command: "status --json", reason });
        }
    }
    let machine = document.own.unwrap_or_default();
    let name = machine.dns_name.trim().trim_end_matches('.');
    Ok(Status {
        name: (!name.is_empty()).then(|| name.to_owned()),
        address: machine.addresses.unwrap_or_default().into_iter().next(),
    })
}

fn link(text: &str) -> Option<String> {
    text.starts_with("https://").then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connected_machine_has_a_name() {
        let status = parse(include_str!("../../../fixtures/tailscale/status-running.json")).unwrap();
        assert_eq!(status.name.as_deref(), Some("box.tail1234.ts.net"));
        assert_eq!(status.address.as_deref(), Some("100.101.102.103"));
    }

    #[test]
    fn without_magic_dns_there_is_only_an_address() {
        for own in [
            r#"{"DNSName":"","TailscaleIPs":["100.64.0.1"]}"#,
            r#"{"DNSName":".","TailscaleIPs":["100.64.0.1"]}"#,
        ] {
            let status = parse(&format!(r#"{{"BackendState":"Running","Self":{own}}}"#)).unwrap();
            assert_eq!((status.name, status.address.as_deref()), (None, Some("100.64.0.1")));
        }
        for own in ["null", "{}", r#"{"TailscaleIPs":null}"#] {
            let status = parse(&format!(r#"{{"BackendState":"Running","Self":{own}}}"#)).unwrap();
            assert_eq!(status, Status { name: None, address: None });
        }
    }

    #[test]
    fn every_other_state_is_said() {
        let check = |json: &str, expected: &str| assert_eq!(parse(json).unwrap_err().to_string(), expected);
        check(
            include_str!("../../../fixtures/tailscale/status-needs-login.json"),
            "this machine is logged out of Tailscale. Run: tailscale up (or open https://login.tailscale.com/a/0123456789abcd)",
        );
        let state = |name: &str| format!(r#"{{"BackendState":"{name}","AuthURL":""}}"#);
        check(&state("NeedsLogin"), "this machine is logged out of Tailscale. Run: tailscale up");
        check(&state("Stopped"), "Tailscale is stopped. Run: tailscale up");
        check(
            &state("NeedsMachineAuth"),
            "this machine waits for its approval. Approve it: https://login.tailscale.com/admin/machines",
        );
        check(&state("Starting"), "Tailscale is still connecting. Try again in a moment");
        check(
            &state("Odd"),
            "failed to read the answer of `tailscale status --json`: unknown BackendState \"Odd\"",
        );
        for broken in ["", "{", "[]", "null", r#"{"BackendState":3}"#] {
            assert!(matches!(parse(broken), Err(TailscaleError::Unreadable { .. })), "{broken}");
        }
    }
}
