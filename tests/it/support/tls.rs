//! TLS connections to a gateway, by a client that trusts one certificate file and nothing else.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion};

use super::http::{self, Response};
use super::wait::PATIENCE;

/// A TLS connection.
pub(crate) type Secure = StreamOwned<ClientConnection, TcpStream>;

/// Connects to `address` as `name`, trusting the certificates in the file `trusted`.
pub(crate) fn connect(
    address: SocketAddr,
    name: &str,
    trusted: &Path,
    versions: &[&'static SupportedProtocolVersion],
) -> Result<Secure, String> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(trusted).map_err(|error| error.to_string())? {
        roots.add(certificate.map_err(|error| error.to_string())?).map_err(|error| error.to_string())?;
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(name.to_owned()).map_err(|error| error.to_string())?;
    let mut connection = ClientConnection::new(Arc::new(config), name).map_err(|error| error.to_string())?;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).map_err(|error| error.to_string())?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(|error| error.to_string())?;
    while connection.is_handshaking() {
        connection.complete_io(&mut stream).map_err(|error| error.to_string())?;
    }
    Ok(StreamOwned::new(connection, stream))
}

/// One `GET` over TLS.
pub(crate) fn get(address: SocketAddr, path: &str, trusted: &Path) -> Result<Response, String> {
    let mut stream = connect(address, "localhost", trusted, rustls::ALL_VERSIONS)?;
    stream.write_all(http::request_text(address, path, &[]).as_bytes()).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    http::parse(&bytes, true).ok_or_else(|| String::from_utf8_lossy(&bytes).into_owned())
}
