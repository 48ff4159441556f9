//! The client's side: whose certificate is accepted, and the handshake.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, InvalidMessage, RootCertStore,
    SignatureScheme,
};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::fingerprint::Fingerprint;
use super::stream::Stream;
use super::trust::TrustError;
use super::x509::Facts;

/// Why there is no TLS connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The other side is not who it has to be.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The handshake came to nothing.
    #[error("TLS handshake failed: {0}")]
    Handshake(io::Error),
}

/// Opens TLS over a connection. With a pin exactly that certificate is accepted, whatever it says; without one it has
/// to be vouched for by an authority of this machine, for `host`.
pub async fn connect(
    stream: TcpStream,
    host: &str,
    pin: Option<Fingerprint>,
) -> Result<Stream, ConnectError> {
    let failed = |error: Error| ConnectError::Handshake(io::Error::other(error));
    let name = ServerName::try_from(host.to_owned())
        .map_err(|error| ConnectError::Handshake(io::Error::other(error)))?;
    let provider = Arc::new(ring::default_provider());
    let verifier = Arc::new(Verifier {
        trust: pin.map_or_else(|| Trust::authorities(&provider), Trust::Pin),
        provider: Arc::clone(&provider),
        refusal: Mutex::new(None),
    });
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(failed)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&verifier) as Arc<dyn ServerCertVerifier>)
        .with_no_client_auth();
    match TlsConnector::from(Arc::new(config)).connect(name, stream).await {
        Ok(stream) => Ok(Stream::Tls(Box::new(stream.into()))),
        Err(error) => match verifier.refusal.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(refusal) => Err(ConnectError::Trust(refusal)),
            None => Err(ConnectError::Handshake(explained(error))),
        },
    }
}

/// What answers without TLS is the usual mistake.
fn explained(error: io::Error) -> io::Error {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    match inner {
        Some(Error::InvalidMessage(InvalidMessage::InvalidContentType)) => {
            io::Error::other("what answers there does not speak TLS; is it a ws:// gateway?")
        }
        _ => error,
    }
}

/// Whom to believe.
#[derive(Debug)]
enum Trust {
    /// One certificate.
    Pin(Fingerprint),
    /// The authorities that this machine trusts; none where there are none.
    Authorities(Option<Arc<WebPkiServerVerifier>>),
}

impl Trust {
    /// Reads the authorities of the system, which takes some milliseconds.
    fn authorities(provider: &Arc<CryptoProvider>) -> Self {
        let found = rustls_native_certs::load_native_certs();
        for error in &found.errors {
            tracing::debug!(%error, "failed to read some certificate authorities");
        }
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(found.certs);
        // Fails only without any root.
        Self::Authorities(
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider)).build().ok(),
        )
    }
}

/// Checks certificates, and remembers why it refused one: errors do not come through the handshake whole.
#[derive(Debug)]
struct Verifier {
    trust: Trust,
    provider: Arc<CryptoProvider>,
    refusal: Mutex<Option<TrustError>>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let presented = Fingerprint::of(certificate);
        let (refusal, error) = match &self.trust {
            Trust::Pin(expected) if *expected == presented => return Ok(ServerCertVerified::assertion()),
            Trust::Pin(expected) => (
                TrustError::Mismatch { expected: *expected, presented },
                CertificateError::ApplicationVerificationFailure.into(),
            ),
            Trust::Authorities(None) => {
                let cause =
                    "this machine has no certificate authorities (Debian: ca-certificates)".to_owned();
                (TrustError::Untrusted { cause, presented }, CertificateError::UnknownIssuer.into())
            }
            Trust::Authorities(Some(authorities)) => {
                match authorities.verify_server_cert(certificate, intermediates, name, ocsp, now) {
                    Ok(verified) => return Ok(verified),
                    Err(error) => {
                        let cause = cause(&error, certificate);
                        (TrustError::Untrusted { cause, presented }, error)
                    }
                }
            }
        };
        *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = Some(refusal);
        Err(error)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Why the authorities do not vouch for a certificate, in words.
fn cause(error: &Error, certificate: &[u8]) -> String {
    match error {
        // The latter is what a self-signed certificate that calls itself an authority ends as.
        Error::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::Other(_)) => {
            if Facts::read(certificate).is_some_and(|facts| facts.is_self_issued()) {
                "it is self-signed".to_owned()
            } else {
                "this machine does not know who issued it".to_owned()
            }
        }
        Error::InvalidCertificate(error) => error.to_string(),
        error => error.to_string(),
    }
}

#[cfg(test)]
mod tests;
