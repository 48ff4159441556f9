//! The beginning of a connection on a port that speaks TLS: the handshake, or an answer to whoever speaks plainly.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;

use super::refuse::refuse;
use super::serve::closing;
use crate::gateway::context::Gateway;
use crate::protocol::limits::HANDSHAKE_TIMEOUT_MS;
use crate::tls::Stream;

/// First byte of everything that opens a TLS connection.
const HANDSHAKE_RECORD: u8 = 0x16;

/// What a plain request is answered with.
const WRONG_SCHEME: &str = "This port speaks TLS: use https:// or wss://\n";

/// Performs the handshake. `None` when the connection has ended, because of the peer, the clock, or the gateway.
pub(super) async fn secure(
    stream: TcpStream,
    address: SocketAddr,
    tls: &TlsAcceptor,
    gateway: &Gateway,
    accepted: Instant,
) -> Option<Stream> {
    let too_late = accepted + Duration::from_millis(HANDSHAKE_TIMEOUT_MS);
    tokio::select! {
        stream = open(stream, address, tls) => stream,
        () = closing(gateway, accepted) => None,
        () = tokio::time::sleep_until(too_late) => {
            tracing::debug!(peer = %address, "no TLS handshake in time");
            None
        }
    }
}

async fn open(stream: TcpStream, address: SocketAddr, tls: &TlsAcceptor) -> Option<Stream> {
    let mut first = [0];
    // Without a byte the peer is gone.
    stream.peek(&mut first).await.ok().filter(|bytes| *bytes > 0)?;
    match first {
        [HANDSHAKE_RECORD] => match tls.accept(stream).await {
            Ok(stream) => Some(Stream::Tls(Box::new(stream.into()))),
            Err(error) => {
                tracing::debug!(peer = %address, %error, "TLS handshake failed");
                None
            }
        },
        [letter] => {
            tracing::debug!(peer = %address, "refused a connection that does not speak TLS");
            // Methods of HTTP are words.
            if letter.is_ascii_alphabetic() {
                refuse(stream, "400 Bad Request", WRONG_SCHEME).await;
            }
            None
        }
    }
}
