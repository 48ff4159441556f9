//! The listeners of a running gateway, each with the task that accepts from it. They come and go with the addresses of
//! the machine.

use std::fmt;
use std::net::SocketAddr;

use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::listener::{self, Acceptor};

/// Open listeners.
pub(super) struct Doors {
    acceptor: Acceptor,
    open: Vec<(SocketAddr, CancellationToken)>,
    loops: JoinSet<()>,
}

impl fmt::Debug for Doors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Doors").field("open", &self.open).finish_non_exhaustive()
    }
}

impl Doors {
    /// None is open yet.
    pub(super) fn new(acceptor: Acceptor) -> Self {
        Self { acceptor, open: Vec::new(), loops: JoinSet::new() }
    }

    /// Accepts from one more listener.
    pub(super) fn open(&mut self, listener: TcpListener, address: SocketAddr) {
        let stop = CancellationToken::new();
        let accept = listener::accept_loop(listener, self.acceptor.clone());
        self.open.push((address, stop.clone()));
        self.loops.spawn(async move {
            // Being stopped is one of the usual ends.
            let _ = stop.run_until_cancelled(accept).await;
        });
    }

    /// Stops accepting at `address`; connections that came through it stay.
    pub(super) fn shut(&mut self, address: SocketAddr) {
        for (_, stop) in self.open.extract_if(.., |(open, _)| *open == address) {
            stop.cancel();
        }
    }

    /// Where it is accepted.
    pub(super) fn addresses(&self) -> impl Iterator<Item = SocketAddr> {
        self.open.iter().map(|(address, _)| *address)
    }

    /// Resolves when nothing is accepted any more; the gateway has to quiesce for that.
    pub(super) async fn closed(&mut self) {
        while self.loops.join_next().await.is_some() {}
        self.open.clear();
    }
}
