use rcgen::{CertificateParams, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;

/// A certificate and its key.
struct Pair {
    certificate: CertificateDer<'static>,
    key: KeyPair,
}

impl Pair {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let made = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
        Self { certificate: made.der().clone(), key }
    }
}

/// Connects to a server that shows `certificate` and signs with `key`.
async fn attempt(
    certificate: &CertificateDer<'static>,
    key: &KeyPair,
    versions: &[&'static rustls::SupportedProtocolVersion],
    pin: Fingerprint,
) -> Result<Stream, ConnectError> {
    let key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).unwrap();
    let pair = CertifiedKey::new(vec![certificate.clone()], any_supported_type(&key).unwrap());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(pair)));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (server, _) = listener.accept().await.unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let (client, _) = tokio::join!(connect(client, "example.org", Some(pin)), acceptor.accept(server));
    client
}

#[tokio::test]
async fn a_pin_asks_for_the_key_and_not_only_for_the_certificate() {
    let (own, other) = (Pair::new(), Pair::new());
    let pin = Fingerprint::of(&own.certificate);
    for versions in [&[&rustls::version::TLS12], &[&rustls::version::TLS13]] {
        attempt(&own.certificate, &own.key, versions, pin).await.unwrap();
        // Anybody can copy a certificate.
        let copied = attempt(&own.certificate, &other.key, versions, pin).await.unwrap_err();
        assert!(matches!(copied, ConnectError::Handshake(_)), "{copied}");
        let presented = Fingerprint::of(&other.certificate);
        match attempt(&other.certificate, &other.key, versions, pin).await.unwrap_err() {
            ConnectError::Trust(error) => {
                assert_eq!(error, TrustError::Mismatch { expected: pin, presented });
            }
            ConnectError::Handshake(error) => panic!("{error}"),
        }
    }
}
