//! Accepting connections, until told to stop.
//!
//! The socket is shared with other processes that accept from it too: a connection that this process does not
//! take stays in the kernel's queue for the next generation. So nothing is accepted that will not be served.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::context::Gateway;
use super::drain::Phase;
use super::http;
use crate::logging::subsystem;
use crate::platform::limits;

/// Connections at a time, over all listeners; further ones wait in the kernel's queue. After a hand-over that
/// took long, as many as the queue holds arrive at once.
const MAX_CONNECTIONS: u64 = 4096;

/// Open files that are not connections.
const OTHER_FILES: u64 = 64;

/// Pause after an accept that failed for want of a resource.
const RECOVERY: Duration = Duration::from_millis(50);

/// How many connections there may be: as many as we want, or as the limit of open files leaves.
pub(crate) fn max_connections() -> usize {
    let files = limits::allow_open_files(MAX_CONNECTIONS + OTHER_FILES);
    usize::try_from(files.saturating_sub(OTHER_FILES).clamp(1, MAX_CONNECTIONS)).unwrap_or(1)
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
    /// One permit per connection.
    pub(crate) room: Arc<Semaphore>,
}

/// Accepts from one listener until the gateway quiesces. The listener is closed on return.
pub(crate) async fn accept_loop(listener: TcpListener, acceptor: Acceptor) {
    let gateway = &acceptor.gateway;
    let mut quiescing = std::pin::pin!(gateway.lifecycle.reached(Phase::Quiescing));
    loop {
        let accepted = async {
            // Fails only when the semaphore is closed, which nobody does.
            let permit = Arc::clone(&acceptor.room).acquire_owned().await.map_err(io::Error::other)?;
            listener.accept().await.map(|(stream, address)| (stream, address, permit))
        };
        let accepted = tokio::select! {
            // First: once the gateway quiesces, not one more connection is taken.
            biased;
            () = &mut quiescing => return,
            accepted = accepted => accepted,
        };
        match accepted {
            Ok((stream, address, permit)) => {
                let handshake = gateway.lifecycle.accepted();
                let (tls, router) = (acceptor.tls.clone(), acceptor.router.clone());
                let serve = http::serve(stream, address, tls, Arc::clone(gateway), router, handshake);
                let kill = acceptor.kill.clone();
                acceptor.connections.spawn(async move {
                    // Not being killed is the usual end.
                    let _ = kill.run_until_cancelled(serve).await;
                    drop(permit);
                });
            }
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

/// Whether only the connection failed, and not the accepting.
fn is_of_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused
    )
}
