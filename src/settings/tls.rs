//! Which certificate the port is served with, if it speaks TLS.

use std::path::PathBuf;

use super::Refusal;
use crate::config::Config;
use crate::profile::{ProfilePaths, normalise};

/// Exit code of a start that fails again until somebody changes something.
const BLOCKED: u8 = 78;

/// TLS as resolved. Whether the files are there and fit is for whoever reads them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsSettings {
    /// The certificate, absolute.
    pub cert_path: PathBuf,
    /// Its private key, absolute.
    pub key_path: PathBuf,
    /// Certificates that complete the chain which clients are sent.
    pub ca_path: Option<PathBuf>,
    /// Whether a pair is made where there is none.
    pub may_make: bool,
    /// Whether it is the pair in the state directory and not one that the configuration names.
    pub made_here: bool,
}

/// The settings of TLS; `None` when it is off. A relative path starts at the configuration file.
///
/// Nothing is made in a place that somebody named, unless they asked for it: a mistyped path would otherwise become
/// a gateway with a certificate that nobody knows.
pub fn tls(config: &Config, paths: &ProfilePaths) -> Result<Option<TlsSettings>, Refusal> {
    let tls = &config.gateway.tls;
    if tls.enabled != Some(true) {
        return Ok(None);
    }
    let path = |text: &Option<String>| {
        let text = text.as_deref().map(str::trim).filter(|text| !text.is_empty())?;
        normalise(text, &paths.home, paths.config_path.parent())
    };
    let lonely = |one: &str, other: &str| {
        Err(Refusal {
            exit_code: BLOCKED,
            message: format!(
                "gateway tls: gateway.tls.{one} is set, but gateway.tls.{other} is not.\n\
                 Set both, or remove both to have a certificate made."
            ),
        })
    };
    let made_here = paths.state_dir.join("gateway").join("tls");
    let (cert_path, key_path, made_here) = match (path(&tls.cert_path), path(&tls.key_path)) {
        (Some(certificate), Some(key)) => (certificate, key, false),
        (Some(_), None) => return lonely("certPath", "keyPath"),
        (None, Some(_)) => return lonely("keyPath", "certPath"),
        (None, None) => (made_here.join("gateway-cert.pem"), made_here.join("gateway-key.pem"), true),
    };
    let may_make = tls.auto_generate.unwrap_or(made_here);
    Ok(Some(TlsSettings { cert_path, key_path, ca_path: path(&tls.ca_path), may_make, made_here }))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::profile::{EnvMap, ProfileRequest, resolve};

    fn run(document: &Value) -> Result<Option<TlsSettings>, Refusal> {
        let paths = resolve(&ProfileRequest::default(), &EnvMap::default(), Some(PathBuf::from("/home/you")))
            .unwrap();
        tls(&Config::from_resolved(&json!({ "gateway": { "tls": document } })), &paths.paths)
    }

    #[track_caller]
    fn check(document: &Value, certificate: &str, authorities: Option<&str>, may_make: bool) {
        let found = run(document).unwrap().unwrap();
        assert_eq!(found.cert_path, PathBuf::from(certificate));
        assert_eq!(found.ca_path, authorities.map(PathBuf::from));
        assert_eq!(found.may_make, may_make);
    }

    #[test]
    fn it_is_off_unless_enabled() {
        for document in [json!({}), json!({ "enabled": false, "certPath": "/c" })] {
            assert_eq!(run(&document).unwrap(), None);
        }
    }

    #[test]
    fn files_are_made_in_the_state_directory_and_elsewhere_only_when_asked() {
        let own = "/home/you/.clawdbot/gateway/tls/gateway-cert.pem";
        check(&json!({ "enabled": true }), own, None, true);
        check(&json!({ "enabled": true, "autoGenerate": false, "certPath": " " }), own, None, false);
        let named =
            json!({ "enabled": true, "certPath": "~/c.pem", "keyPath": "k.pem", "caPath": "/ca.pem" });
        check(&named, "/home/you/c.pem", Some("/ca.pem"), false);
        assert_eq!(run(&named).unwrap().unwrap().key_path, PathBuf::from("/home/you/.clawdbot/k.pem"));
        let asked = json!({ "enabled": true, "autoGenerate": true, "certPath": "/c", "keyPath": "/k" });
        check(&asked, "/c", None, true);
    }

    #[test]
    fn half_a_pair_is_refused() {
        for (document, text) in [
            (
                json!({ "enabled": true, "certPath": "/c" }),
                "gateway.tls.certPath is set, but gateway.tls.keyPath is not",
            ),
            (
                json!({ "enabled": true, "keyPath": "/k" }),
                "gateway.tls.keyPath is set, but gateway.tls.certPath is not",
            ),
        ] {
            let refusal = run(&document).unwrap_err();
            assert_eq!(refusal.exit_code, 78);
            assert!(refusal.message.contains(text), "{refusal}");
        }
    }
}
