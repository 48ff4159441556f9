//! Which certificate a target has to have, and what to do about one that is not accepted.

use crate::client::target::Target;
use crate::config::Config;
use crate::profile::ProfilePaths;
use crate::settings;
use crate::tls::{Fingerprint, TrustError, fingerprint_of_file};

/// The certificate that is accepted; `None` leaves it to the authorities of this machine.
///
/// A gateway of this profile that has no runtime file is recognised by its certificate file. When that cannot be
/// read, nothing is taken for granted.
pub(super) fn pin(
    target: &Target,
    config: &Config,
    paths: &ProfilePaths,
) -> Result<Option<Fingerprint>, TrustError> {
    if let Some(pin) = target.pin {
        return Ok(Some(pin?));
    }
    if !target.is_own() || !target.url.starts_with("wss://") {
        return Ok(None);
    }
    let Ok(Some(tls)) = settings::tls(config, paths) else { return Ok(None) };
    Ok(fingerprint_of_file(&tls.cert_path)
        .inspect_err(|error| tracing::debug!(%error, "the certificate file was not used"))
        .ok())
}

/// Lines that help with a certificate.
pub(super) fn advice(error: &TrustError) -> Vec<String> {
    match error {
        TrustError::NeedsTls => vec![
            "Fix: use a wss:// URL, or leave out --tls-fingerprint and gateway.remote.tlsFingerprint".to_owned(),
        ],
        TrustError::NoFingerprint(_) => vec![
            "Fix: set gateway.remote.tlsFingerprint to the SHA-256 that the gateway shows when it starts".to_owned(),
        ],
        TrustError::Mismatch { expected, presented } => vec![
            format!("Expected:  {expected}"),
            format!("Presented: {presented}"),
            "Fix: if the certificate was replaced on purpose, pin the presented one; if not, this is not your gateway"
                .to_owned(),
        ],
        TrustError::Untrusted { presented, .. } => vec![
            format!("Presented: {presented}"),
            "Compare it with `TLS certificate SHA-256` in the start lines of that gateway".to_owned(),
            format!("Fix: if it is the same: --tls-fingerprint {presented} (or gateway.remote.tlsFingerprint)"),
        ],
    }
}
