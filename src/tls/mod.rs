//! TLS of the gateway's port and of its clients: certificates and keys from files, made when there are none, and
//! the pins by which clients recognise a certificate.
//!
//! Reads and writes certificate files; never a socket beyond the stream that it is given. Nothing here runs, and
//! nothing is read, unless TLS is used.

mod client;
mod error;
mod fingerprint;
mod generate;
mod material;
mod server;
mod stream;
mod trust;
mod x509;

pub use client::{ConnectError, connect};
pub use error::{Part, TlsError};
pub use fingerprint::{Fingerprint, NoFingerprint};
pub use material::fingerprint_of_file;
pub use server::ServerTls;
pub use stream::Stream;
pub use trust::TrustError;
