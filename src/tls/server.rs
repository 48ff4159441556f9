//! What a gateway answers TLS connections with.

use std::sync::Arc;

use jiff::Timestamp;
use rustls::crypto::ring;
use rustls::server::ResolvesServerCert;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{InconsistentKeys, ServerConfig};

use super::error::{Part, TlsError};
use super::fingerprint::Fingerprint;
use super::{generate, material};
use crate::platform::clock;
use crate::platform::host;
use crate::settings::TlsSettings;

/// The protocol inside: everything here is HTTP/1.1, of which a WebSocket is made.
const PROTOCOL: &[u8] = b"http/1.1";

/// A server's side of TLS, ready for connections. TLS 1.2 and 1.3; clients are asked for no certificate.
#[derive(Debug, Clone)]
pub struct ServerTls {
    /// For the acceptor.
    pub config: Arc<ServerConfig>,
    /// Of the gateway's own certificate: what clients pin.
    pub fingerprint: Fingerprint,
}

impl ServerTls {
    /// Reads the files that the settings name, after making them where that is asked for. Blocks for a few small
    /// files. Whoever calls this again gets what the files hold by then.
    pub fn load(settings: &TlsSettings) -> Result<Self, TlsError> {
        let now = i64::try_from(clock::unix_ms()).ok().and_then(|now| Timestamp::from_millisecond(now).ok());
        Self::load_at(settings, &host::facts().name, now.unwrap_or(Timestamp::MAX))
    }

    fn load_at(settings: &TlsSettings, host: &str, now: Timestamp) -> Result<Self, TlsError> {
        let (certificate, key) = (&settings.cert_path, &settings.key_path);
        if settings.may_make {
            generate::complete(certificate, key, host, now)?;
        } else if settings.made_here && !certificate.exists() {
            return Err(TlsError::MayNotMake { path: certificate.clone() });
        }
        let material = material::read(settings, now)?;
        let provider = Arc::new(ring::default_provider());
        let signing = provider.key_provider.load_private_key(material.key).map_err(|_| {
            let cause = "it is of a kind that is not supported".to_owned();
            TlsError::Unusable { part: Part::Key, path: key.clone(), cause }
        })?;
        let pair = CertifiedKey::new(material.chain, signing);
        match pair.keys_match() {
            Ok(()) | Err(rustls::Error::InconsistentKeys(InconsistentKeys::Unknown)) => {}
            Err(rustls::Error::InconsistentKeys(_)) => {
                return Err(TlsError::Mismatch { certificate: certificate.clone(), key: key.clone() });
            }
            Err(error) => {
                let cause = error.to_string();
                return Err(TlsError::Unusable { part: Part::Certificate, path: certificate.clone(), cause });
            }
        }
        let resolver: Arc<dyn ResolvesServerCert> = Arc::new(SingleCertAndKey::from(pair));
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(resolver);
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        Ok(Self { config: Arc::new(config), fingerprint: material.fingerprint })
    }
}

#[cfg(test)]
mod tests;
