//! Clients that mean no good, on a thread of their own until they are dropped.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::drive::on_one_thread;
use super::frames;
use super::identity::Identity;
use super::link::Link;

/// How long one waits for a server that has ended the connection, or has not.
const PATIENCE: Duration = Duration::from_millis(500);
/// An answer of some size, so that a client that reads nothing is behind soon.
const LARGE: &str = r#"{"type":"req","id":"1","method":"config.schema"}"#;
/// The cheapest request there is, refused.
const SMALL: &str = r#"{"type":"req","id":"1","method":"no.such"}"#;
/// Requests of a flood that are sent at once, and how many times.
const FLOOD: (usize, usize) = (50, 20);

/// A way to misbehave.
#[derive(Debug, Clone, Copy)]
enum Misdeed {
    /// Asks and asks, and reads nothing.
    NeverReads,
    /// Half a request to upgrade; then a handshake that is never completed.
    HalfOpen,
    /// Thousands of small requests without a pause.
    Floods,
    /// A message above the limit.
    Oversized,
    /// A text that is no UTF-8.
    NotUtf8,
    /// No WebSocket at all.
    Garbage,
}

const MISDEEDS: [Misdeed; 6] = [
    Misdeed::NeverReads,
    Misdeed::HalfOpen,
    Misdeed::Floods,
    Misdeed::Oversized,
    Misdeed::NotUtf8,
    Misdeed::Garbage,
];

/// Hostile clients at work.
#[derive(Debug)]
pub(crate) struct Hostile {
    over: Arc<AtomicBool>,
    rounds: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl Hostile {
    /// `count` clients, of every kind in turn.
    pub(crate) fn begin(address: SocketAddr, count: usize) -> Self {
        let (over, rounds) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
        let (ends, done) = (Arc::clone(&over), Arc::clone(&rounds));
        let thread = std::thread::spawn(move || {
            // This machine is the client's too: what they take of it is not to be measured.
            let _ = rustix::process::nice(19);
            on_one_thread(async {
                let clients = MISDEEDS.iter().cycle().take(count).map(async |misdeed| {
                    while !ends.load(Ordering::Relaxed) {
                        // How the server ends it is its own affair; whether it does must not hold us up.
                        let _ = tokio::time::timeout(PATIENCE, misdeed.perform(address)).await;
                        done.fetch_add(1, Ordering::Relaxed);
                    }
                });
                futures_util::future::join_all(clients).await;
            });
        });
        Self { over, rounds, thread: Some(thread) }
    }

    /// How many misdeeds have been done.
    pub(crate) fn rounds(&self) -> usize {
        self.rounds.load(Ordering::Relaxed)
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().expect("hostile clients end");
        }
    }
}

impl Misdeed {
    /// Ends when the server has ended the connection, or there is no more to do.
    async fn perform(self, address: SocketAddr) -> Result<(), String> {
        match self {
            Self::HalfOpen => half_open(address).await.map_err(|error| error.to_string()),
            Self::NeverReads => {
                let mut link = hello(address).await?;
                let request = frames::text(LARGE);
                while link.stream.write_all(&request).await.is_ok() {}
                Ok(())
            }
            Self::Floods => {
                let mut link = hello(address).await?;
                let requests = frames::text(SMALL).repeat(FLOOD.0);
                let (mut reading, mut writing) = link.stream.split();
                let write = async {
                    for _ in 0..FLOOD.1 {
                        writing.write_all(&requests).await?;
                    }
                    writing.shutdown().await
                };
                let (_, written) = tokio::join!(drain(&mut reading), write);
                written.map_err(|error| error.to_string())
            }
            Self::Oversized => {
                let mut frame = vec![0x81, 0xff];
                frame.extend((2_u64 << 20).to_be_bytes());
                frame.resize(frame.len() + 4 + (2 << 20), 0);
                send(address, &frame).await
            }
            Self::NotUtf8 => send(address, &[0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe]).await,
            Self::Garbage => send(address, &[0xff; 4096]).await,
        }
    }
}

async fn hello(address: SocketAddr) -> Result<Link, String> {
    Link::hello(address, Ipv4Addr::LOCALHOST, &Identity::Token).await
}

/// Sends these bytes and reads until the server is through.
async fn send(address: SocketAddr, bytes: &[u8]) -> Result<(), String> {
    let mut link = hello(address).await?;
    // The server may end it before all is sent.
    let _ = link.stream.write_all(bytes).await;
    drain(&mut link.stream).await.map_err(|error| error.to_string())
}

async fn half_open(address: SocketAddr) -> io::Result<()> {
    let mut silent = TcpStream::connect(address).await?;
    silent.write_all(b"GET / HTTP/1.1\r\nUpgrade: websocket\r\n").await?;
    let link = Link::upgrade(address, Ipv4Addr::LOCALHOST).await?;
    tokio::time::sleep(PATIENCE).await;
    drop(link);
    Ok(())
}

async fn drain(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    while stream.read(&mut buffer).await? > 0 {}
    Ok(())
}
