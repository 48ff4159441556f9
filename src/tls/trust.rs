//! Why a gateway's certificate is not accepted.

use super::fingerprint::{Fingerprint, NoFingerprint};

/// Why a gateway is not who it has to be. The texts about fingerprints are the published client's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// There is a pin, and no TLS to which it could apply.
    #[error("gateway tls fingerprint requires wss:// gateway url")]
    NeedsTls,
    /// The pin is none.
    #[error(transparent)]
    NoFingerprint(#[from] NoFingerprint),
    /// Another certificate than the pinned one.
    #[error("gateway tls fingerprint mismatch")]
    Mismatch {
        /// The pin.
        expected: Fingerprint,
        /// Of the certificate that the gateway has.
        presented: Fingerprint,
    },
    /// Nothing is pinned, and the authorities of this machine do not vouch for the certificate.
    #[error("the certificate of the gateway is not trusted: {cause}")]
    Untrusted {
        /// What is wrong with it.
        cause: String,
        /// Of the certificate that the gateway has.
        presented: Fingerprint,
    },
}
