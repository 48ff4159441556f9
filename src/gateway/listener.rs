//! Accepting connections, until told to stop.
//!
//! The socket is shared with other processes that accept from it too: a connection that this process does not
//! take stays in the kernel's queue for the next generation. So nothing is accepted that will not be served.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::context::Gateway;
use super::drain::Phase;
use super::http;
use super::room::{PER_ADDRESS, Place, Refused, Room};
use crate::logging::subsystem;
use crate::platform::limits;

/// Connections at a time, over all listeners; further ones are told so. After a hand-over that took long, as many
/// as the kernel's queue holds arrive at once.
const MAX_CONNECTIONS: u64 = 16_384;

/// Connections at a time that are told that there is no room; further ones are closed without a word.
pub(crate) const MAX_REFUSALS: usize = 64;

/// Open files that are not connections with a place.
const OTHER_FILES: u64 = 128;

/// Pause after an accept that failed for want of a resource.
const RECOVERY: Duration = Duration::from_millis(50);

/// Room for as many connections as we want, or as the limit of open files leaves.
pub(crate) fn room() -> Arc<Room> {
    let files = limits::allow_open_files(MAX_CONNECTIONS + OTHER_FILES);
    let most = usize::try_from(files.saturating_sub(OTHER_FILES).clamp(1, MAX_CONNECTIONS)).unwrap_or(1);
    Room::new(most, PER_ADDRESS.min(most / 2).max(1))
}

/// What accept loops share.
#[derive(Clone)]
pub(crate) struct Acceptor {
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) router: Router,
    /// The server's side of TLS, when the port speaks it.
    pub(crate) tls: Option<TlsAcceptor>,
    /// Owns the tasks of the connections.
    pub(crate) connections: TaskTracker,
    /// Ends connections that outlive the goodbye.
    pub(crate) kill: CancellationToken,
    /// One place per connection.
    pub(crate) room: Arc<Room>,
    /// One permit per connection that is told that there is no room.
    pub(crate) refusals: Arc<Semaphore>,
}

/// Accepts from one listener until the gateway quiesces. The listener is closed on return.
pub(crate) async fn accept_loop(listener: TcpListener, acceptor: Acceptor) {
    let gateway = &acceptor.gateway;
    let mut quiescing = std::pin::pin!(gateway.lifecycle.reached(Phase::Quiescing));
    loop {
        let accepted = tokio::select! {
            // First: once the gateway quiesces, not one more connection is taken.
            biased;
            () = &mut quiescing => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, address)) => match acceptor.room.enter(counted(gateway, address)) {
                Ok(place) => {
                    gateway.metrics.connection_accepted();
                    serve(&acceptor, stream, address, place);
                    // One connection, and those that are there have their turn. Whoever connects again and again
                    // waits in the kernel's queue, and not everybody for all of their handshakes.
                    tokio::task::yield_now().await;
                }
                Err(refused) => {
                    gateway.metrics.connection_refused();
                    turn_away(&acceptor, stream, address, refused);
                }
            },
            Err(error) if is_of_connection(&error) => {
                tracing::debug!(target: subsystem::GATEWAY, %error, "a connection was gone before its accept");
            }
            Err(error) => {
                tracing::error!(target: subsystem::GATEWAY, %error, "failed to accept a connection");
                tokio::select! {
                    () = &mut quiescing => return,
                    () = tokio::time::sleep(RECOVERY) => {}
                }
            }
        }
    }
}

/// Serves a connection in a task of its own.
fn serve(acceptor: &Acceptor, stream: TcpStream, address: SocketAddr, place: Place) {
    let gateway = Arc::clone(&acceptor.gateway);
    let counting = Arc::clone(&gateway);
    let handshake = gateway.lifecycle.accepted();
    // Boxed: what is passed on by value is kept once more by everybody who passes it on.
    let serve = Box::pin(http::serve(
        stream,
        address,
        acceptor.tls.clone(),
        gateway,
        acceptor.router.clone(),
        handshake,
    ));
    let kill = acceptor.kill.clone();
    acceptor.connections.spawn(async move {
        // Not being killed is the usual end.
        let _ = kill.run_until_cancelled(serve).await;
        counting.metrics.connection_ended();
        drop(place);
    });
}

/// Tells a connection that there is no room. On a port that speaks TLS nobody could read that: it is closed.
fn turn_away(acceptor: &Acceptor, stream: TcpStream, address: SocketAddr, refused: Refused) {
    if refused.is_first {
        tracing::warn!(target: subsystem::GATEWAY, peer = %address, "refused a connection: {}", refused.full);
    }
    let Ok(permit) = Arc::clone(&acceptor.refusals).try_acquire_owned() else { return };
    if acceptor.tls.is_some() {
        return;
    }
    let kill = acceptor.kill.clone();
    acceptor.connections.spawn(async move {
        let sentence = refused.full.to_string();
        // Not being killed is the usual end.
        let _ = kill.run_until_cancelled(http::refuse(stream, "503 Service Unavailable", &sentence)).await;
        drop(permit);
    });
}

/// Whose connection it is; `None` for a proxy, which speaks for many.
fn counted(gateway: &Gateway, peer: SocketAddr) -> Option<IpAddr> {
    let settings = &gateway.live().settings;
    let is_proxy = settings.trusted_proxies.iter().any(|network| network.contains(peer.ip()));
    (!is_proxy).then_some(peer.ip())
}

/// Whether only the connection failed, and not the accepting.
fn is_of_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused
    )
}
