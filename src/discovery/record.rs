//! What a gateway says of itself, in the published program's words. Pure.

use std::path::Path;

use crate::profile::{EnvMap, vars};

/// The type of service that gateways are (`wire-protocol` of the published program: `_clawdbot-gw._tcp`).
pub const SERVICE: &str = "_clawdbot-gw._tcp.local.";

/// Longest label of a name, bytes (RFC 1035, 2.3.4).
const LABEL: usize = 63;
/// The port of SSH, unless `CLAWDBOT_SSH_PORT` says otherwise.
const SSH_PORT: u16 = 22;

/// What an announcement is made from.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The machine's name.
    pub machine: &'a str,
    /// The gateway's port.
    pub port: u16,
    /// SHA-256 of its certificate, when it speaks TLS.
    pub fingerprint: Option<&'a str>,
    /// The path of this program, with which others run it over SSH.
    pub program: Option<&'a Path>,
    /// The gateway's environment.
    pub env: &'a EnvMap,
}

/// What is announced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// The name that people see: `NAME (Clawdbot)`.
    pub instance: String,
    /// The host, for example `mac.local.`.
    pub host: String,
    /// The gateway's port.
    pub port: u16,
    /// The TXT record.
    pub txt: Vec<(&'static str, String)>,
}

/// Whether `CLAWDBOT_DISABLE_BONJOUR` says so.
pub fn is_disabled(env: &EnvMap) -> bool {
    let value = env.get(vars::DISABLE_BONJOUR).map(str::to_ascii_lowercase);
    value.is_some_and(|value| matches!(value.as_str(), "1" | "true" | "yes" | "on"))
}

impl Announcement {
    /// The announcement of a gateway.
    pub fn new(facts: &Facts<'_>) -> Self {
        let label = host_label(facts.machine);
        // The words after the name are not cut off; a dot would begin another label.
        let name =
            cut(facts.machine.split('.').next().unwrap_or_default().trim(), LABEL - " (Clawdbot)".len());
        let name = if name.is_empty() { label.as_str() } else { name };
        let ssh_port = facts.env.get(vars::SSH_PORT).and_then(|text| text.trim().parse().ok());
        let mut txt = vec![
            ("role", "gateway".to_owned()),
            ("gatewayPort", facts.port.to_string()),
            ("lanHost", format!("{label}.local")),
            ("displayName", name.to_owned()),
            ("sshPort", ssh_port.unwrap_or(SSH_PORT).to_string()),
            ("transport", "gateway".to_owned()),
        ];
        if let Some(fingerprint) = facts.fingerprint {
            txt.push(("gatewayTls", "1".to_owned()));
            txt.push(("gatewayTlsSha256", fingerprint.to_owned()));
        }
        if let Some(program) = facts.program.and_then(Path::to_str) {
            txt.push(("cliPath", program.to_owned()));
        }
        // A string of a TXT record has one byte for its length; half a path helps nobody.
        txt.retain(|(key, value)| key.len() + 1 + value.len() < usize::from(u8::MAX));
        Self {
            instance: format!("{name} (Clawdbot)"),
            host: format!("{label}.local."),
            port: facts.port,
            txt,
        }
    }
}

/// The first label of a host name, as far as a host may be called so (RFC 1123, 2.1).
fn host_label(machine: &str) -> String {
    let first = machine.split('.').next().unwrap_or_default();
    let label: String =
        first.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    let label = cut(label.trim_matches('-'), LABEL);
    if label.is_empty() { "clawdbot".to_owned() } else { label.to_owned() }
}

/// At most so many bytes of it.
fn cut(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn announced(machine: &str, env: &[(&str, &str)]) -> Announcement {
        let mut map = EnvMap::default();
        for (name, value) in env {
            map.set(name, value);
        }
        Announcement::new(&Facts { machine, port: 18_789, fingerprint: None, program: None, env: &map })
    }

    #[track_caller]
    fn check(machine: &str, instance: &str, host: &str) {
        let announcement = announced(machine, &[]);
        assert_eq!((announcement.instance.as_str(), announcement.host.as_str()), (instance, host));
        assert!(announcement.instance.len() <= LABEL && announcement.host.len() <= LABEL + ".local.".len());
    }

    #[test]
    fn names() {
        check("mac", "mac (Clawdbot)", "mac.local.");
        check("Mac.example.org", "Mac (Clawdbot)", "mac.local.");
        check("Peter's Mac", "Peter's Mac (Clawdbot)", "peter-s-mac.local.");
        check("-", "- (Clawdbot)", "clawdbot.local.");
        check("", "clawdbot (Clawdbot)", "clawdbot.local.");
        check("büro", "büro (Clawdbot)", "b-ro.local.");
        let long = "ü".repeat(70);
        check(&long, &format!("{} (Clawdbot)", "ü".repeat(26)), "clawdbot.local.");
    }

    #[test]
    fn the_record_is_the_published_one() {
        let txt = announced("mac", &[("CLAWDBOT_SSH_PORT", "2222")]).txt;
        let expected = [
            ("role", "gateway"),
            ("gatewayPort", "18789"),
            ("lanHost", "mac.local"),
            ("displayName", "mac"),
            ("sshPort", "2222"),
            ("transport", "gateway"),
        ];
        assert_eq!(txt, expected.map(|(key, value)| (key, value.to_owned())));
    }

    #[test]
    fn a_certificate_and_a_program_are_named() {
        let env = EnvMap::default();
        let program = format!("/opt/{}/clawdbot", "x".repeat(300));
        let facts = |program| Facts {
            machine: "mac",
            port: 1,
            fingerprint: Some("ab:cd"),
            program: Some(program),
            env: &env,
        };
        let of = |facts: &Facts<'_>, key: &str| {
            let found = Announcement::new(facts).txt.into_iter().find(|(name, _)| *name == key);
            found.map(|(_, value)| value)
        };
        let short = facts(Path::new("/usr/bin/clawdbot"));
        assert_eq!(of(&short, "gatewayTls").as_deref(), Some("1"));
        assert_eq!(of(&short, "gatewayTlsSha256").as_deref(), Some("ab:cd"));
        assert_eq!(of(&short, "cliPath").as_deref(), Some("/usr/bin/clawdbot"));
        assert_eq!(of(&facts(Path::new(&program)), "cliPath"), None);
    }

    #[test]
    fn it_can_be_forbidden() {
        for (value, disabled) in [("1", true), ("true", true), ("0", false), ("", false)] {
            let env = EnvMap::from([("CLAWDBOT_DISABLE_BONJOUR", value)]);
            assert_eq!(is_disabled(&env), disabled, "{value}");
        }
    }
}
