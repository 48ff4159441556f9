//! The clients that have completed their handshake, and broadcasts to them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::connection::Outbound;
use super::connection::handshake::Session;
use super::events::{EventFrame, may_receive};
use super::nodes;
use super::replay::{self, StreamKey};
use crate::protocol::close::Close;
use crate::protocol::role::Role;

mod replaying;

/// So many clients are few: events to all of them cost next to nothing.
const FEW: usize = 500;

/// One client.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    /// What it was granted and what it said about itself.
    pub(crate) session: Arc<Session>,
    /// Where frames for it go.
    pub(crate) outbound: Arc<Outbound>,
    /// When it was accepted, Unix milliseconds.
    pub(crate) connected_at_ms: u64,
    /// What it is told when it asked for the replay of what it misses.
    pub(crate) stream: Option<StreamKey>,
}

/// A node that is connected.
#[derive(Debug, Clone)]
pub(crate) struct NodeConnection {
    /// Its connection.
    pub(crate) conn_id: String,
    /// What it was granted and what it said about itself.
    pub(crate) session: Arc<Session>,
    /// Where frames for it go.
    pub(crate) outbound: Arc<Outbound>,
}

/// All clients, by connection id.
#[derive(Debug)]
pub(crate) struct Clients {
    by_id: Mutex<BTreeMap<String, Client>>,
    /// Only ever taken while `by_id` is held, so that everybody is told everything in one order.
    replay: Mutex<replay::Book>,
    clock: fn() -> u64,
    count: watch::Sender<usize>,
    /// Events that somebody has missed.
    dropped: AtomicU64,
}

// === impl Clients ===

impl Clients {
    /// Nobody yet.
    pub(crate) fn new(clock: fn() -> u64) -> Self {
        Self {
            by_id: Mutex::default(),
            replay: Mutex::default(),
            clock,
            count: watch::Sender::new(0),
            dropped: AtomicU64::new(0),
        }
    }

    /// Adds a client: from now on it receives broadcasts.
    pub(crate) fn join(&self, conn_id: &str, client: Client) {
        let mut clients = self.lock();
        clients.insert(conn_id.to_owned(), client);
        self.count.send_replace(clients.len());
    }

    /// Removes a client.
    pub(crate) fn leave(&self, conn_id: &str) -> Option<Client> {
        let mut clients = self.lock();
        let client = clients.remove(conn_id);
        if let Some(stream) = client.as_ref().and_then(|client| client.stream) {
            self.book().leave(&stream, (self.clock)());
        }
        self.count.send_replace(clients.len());
        client
    }

    /// Sends an event to everybody who may see it.
    pub(crate) fn broadcast(&self, event: &EventFrame) {
        let (clients, needed) = (self.lock(), event.name().required_scope());
        let mut book = self.book();
        let kept = book.keep(event, self.clock);
        for Client { session, outbound, stream, .. } in clients.values() {
            let may_see = may_receive(session.role, &session.scopes, needed);
            let is_told = match (stream, kept) {
                (None, _) if may_see => outbound.broadcast(event),
                (Some(_), None) if may_see => outbound.broadcast_unnumbered(event),
                (Some(stream), Some(ordinal)) => {
                    // Who misses it is told so later.
                    book.tell(stream, (event, ordinal), may_see, |frame| outbound.deliver(frame));
                    true
                }
                _ => true,
            };
            self.note(is_told);
        }
    }

    /// Closes every connection after what is queued for it.
    pub(crate) fn close_all(&self, close: &Close, linger: Duration) {
        for client in self.lock().values() {
            client.outbound.close(close.clone(), linger);
        }
    }

    /// Whether one of them is meant.
    pub(crate) fn any(&self, is_meant: impl Fn(&Session) -> bool) -> bool {
        self.lock().values().any(|client| is_meant(&client.session))
    }

    /// The connected nodes.
    pub(crate) fn nodes(&self) -> Vec<Client> {
        self.lock().values().filter(|client| client.session.role == Role::Node).cloned().collect()
    }

    /// The node with this id: of several connections the newest.
    pub(crate) fn node(&self, node_id: &str) -> Option<NodeConnection> {
        let clients = self.lock();
        let nodes = clients.iter().filter(|(_, client)| {
            client.session.role == Role::Node && nodes::node_id(&client.session) == node_id
        });
        nodes.max_by_key(|(_, client)| client.connected_at_ms).map(|(conn_id, client)| NodeConnection {
            conn_id: conn_id.clone(),
            session: Arc::clone(&client.session),
            outbound: Arc::clone(&client.outbound),
        })
    }

    /// Sends copies of an event without numbers to these connections, those that do not keep up left out.
    pub(crate) fn copy_to(&self, conn_ids: &[String], event: &EventFrame) {
        let clients = self.lock();
        for client in conn_ids.iter().filter_map(|conn_id| clients.get(conn_id)) {
            // Who does not keep up misses it.
            self.note(client.outbound.offer(event.unnumbered()));
        }
    }

    /// How long to wait after an event to everybody before the next one of its kind, when `pause` is enough for few
    /// clients. It grows with their number, so that a crowd that comes or goes does not drown in telling one another.
    pub(crate) fn pause(&self, pause: Duration) -> Duration {
        let times = u32::try_from(self.count() / FEW).unwrap_or(u32::MAX);
        pause.saturating_mul(times.max(1))
    }

    /// How many events were missed by clients that did not keep up.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    fn note(&self, is_told: bool) {
        if !is_told {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        *self.count.borrow()
    }

    /// Resolves when there is a client.
    pub(crate) async fn some(&self) {
        // The sender lives in `self`, so waiting cannot fail.
        let _ = self.count.subscribe().wait_for(|&count| count > 0).await;
    }

    /// Resolves when there is no client.
    pub(crate) async fn none(&self) {
        let _ = self.count.subscribe().wait_for(|&count| count == 0).await;
    }

    fn book(&self) -> MutexGuard<'_, replay::Book> {
        self.replay.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Client>> {
        self.by_id.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_grows_with_the_crowd() {
        let clients = Clients::new(|| 0);
        let pause = Duration::from_millis(50);
        for (count, expect) in [(0, 50), (499, 50), (1000, 100), (10_000, 1000)] {
            clients.count.send_replace(count);
            assert_eq!(clients.pause(pause), Duration::from_millis(expect), "{count}");
        }
    }
}
