//! The handle of the forwarding, and its thread: accepts on the public sockets.

use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::connection::serve;
use crate::listeners::Listeners;
use crate::platform::limits;

/// After a connection that could not be accepted.
const RETRY: Duration = Duration::from_millis(10);
/// Descriptors that are left for everything else.
const RESERVED: u64 = 256;
/// Connections that waited and that the command has not answered yet, at once: most queues hold twice as many.
const TURNS: usize = 64;
/// Connections at once, as far as the system allows.
const MOST: u64 = 32 * 1024;

/// Where connections go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// To the command, which listens here.
    At(SocketAddr),
    /// Nowhere for now: they wait.
    Held,
}

/// Forwards until it is dropped.
#[derive(Debug)]
pub struct Forwarder {
    target: watch::Sender<Target>,
    /// Dropped to end the thread.
    public: Option<watch::Sender<Arc<Listeners>>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Forwarder {
    /// Starts to accept on `public`, whose connections are held at first, each for `patience` at most.
    pub fn start(public: Arc<Listeners>, patience: Duration) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (target, targets) = watch::channel(Target::Held);
        let (public, sets) = watch::channel(public);
        let thread = thread::Builder::new()
            .name("forward".to_owned())
            .spawn(move || runtime.block_on(accept(sets, targets, patience)))?;
        Ok(Self { target, public: Some(public), thread: Some(thread) })
    }

    /// Accepts on other sockets from now on.
    pub fn follow(&self, public: &Arc<Listeners>) {
        let Some(sender) = &self.public else { return };
        sender.send_if_modified(|current| {
            let other = !Arc::ptr_eq(current, public);
            if other {
                *current = Arc::clone(public);
            }
            other
        });
    }

    /// Sends connections there from now on. Those that are open stay where they are.
    pub fn point(&self, target: Target) {
        self.target.send_replace(target);
    }

    /// Where connections go now.
    pub fn target(&self) -> Target {
        *self.target.borrow()
    }
}

impl Drop for Forwarder {
    fn drop(&mut self) {
        drop(self.public.take());
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has nothing left to end.
            let _ = thread.join();
        }
    }
}

/// Accepts on every set of sockets, one after another, until there will be no more.
async fn accept(
    mut sets: watch::Receiver<Arc<Listeners>>,
    targets: watch::Receiver<Target>,
    patience: Duration,
) {
    let room = Arc::new(Semaphore::new(room()));
    let turns = Arc::new(Semaphore::new(TURNS));
    loop {
        let set = Arc::clone(&sets.borrow_and_update());
        let mut accepting = JoinSet::new();
        for socket in set.sockets().iter() {
            match socket.try_clone().and_then(listener) {
                Ok(listener) => {
                    let (room, turns) = (Arc::clone(&room), Arc::clone(&turns));
                    _ = accepting.spawn(accept_on(listener, targets.clone(), patience, room, turns));
                }
                Err(error) => tracing::error!(%error, "failed to accept connections for the command"),
            }
        }
        if sets.changed().await.is_err() {
            return;
        }
    }
}

fn listener(socket: StdListener) -> io::Result<TcpListener> {
    socket.set_nonblocking(true)?;
    TcpListener::from_std(socket)
}

/// Connections for which there is no room wait in the system's queue.
async fn accept_on(
    listener: TcpListener,
    targets: watch::Receiver<Target>,
    patience: Duration,
    room: Arc<Semaphore>,
    turns: Arc<Semaphore>,
) {
    loop {
        // Nobody closes the semaphore.
        let Ok(place) = Arc::clone(&room).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((client, _)) => {
                let (targets, turns) = (targets.clone(), Arc::clone(&turns));
                // Owned by the runtime of this thread, which ends with the forwarder.
                tokio::spawn(async move {
                    serve(client, targets, patience, &turns).await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "failed to accept a connection for the command");
                tokio::time::sleep(RETRY).await;
            }
        }
    }
}

/// How many connections there may be at once; each takes two descriptors.
fn room() -> usize {
    let descriptors = limits::allow_open_files(2 * MOST + RESERVED);
    usize::try_from(descriptors.saturating_sub(RESERVED) / 2).map_or(16, |room| room.max(16))
}
