//! One connection of the load generator.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use super::frames::{self, Inbox, Kind};
use super::identity::Identity;

/// How long a handshake may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection that has completed its handshake.
#[derive(Debug)]
pub(crate) struct Link {
    pub(super) stream: TcpStream,
    inbox: Inbox,
}

impl Link {
    /// Connects from `source`, upgrades, and completes the handshake as `who`. Fails when that takes long: a full
    /// server lets clients wait without a word.
    pub(crate) async fn hello(address: SocketAddr, source: Ipv4Addr, who: &Identity) -> Result<Self, String> {
        let hello = tokio::time::timeout(PATIENCE, Self::try_hello(address, source, who));
        hello.await.map_err(|_| format!("no hello within {PATIENCE:?}"))?
    }

    async fn try_hello(address: SocketAddr, source: Ipv4Addr, who: &Identity) -> Result<Self, String> {
        let text = |error: io::Error| error.to_string();
        let mut link = Self::upgrade(address, source).await.map_err(text)?;
        let nonce = {
            let challenge: Value = serde_json::from_slice(link.message().await.map_err(text)?)
                .map_err(|error| error.to_string())?;
            challenge["payload"]["nonce"].as_str().ok_or("no challenge")?.to_owned()
        };
        link.call(&frames::text(&who.connect(&nonce).to_string())).await?;
        Ok(link)
    }

    /// Connects and upgrades, and says nothing more.
    pub(super) async fn upgrade(address: SocketAddr, source: Ipv4Addr) -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        if source != Ipv4Addr::LOCALHOST {
            socket.bind((source, 0).into())?;
        }
        let mut stream = socket.connect(address).await?;
        stream.set_nodelay(true)?;
        // Ends with a reset: no port waits for a minute after 100,000 of these.
        socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO))?;
        let head = format!(
            "GET / HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await?;
        let mut bytes = Vec::with_capacity(1024);
        let end = loop {
            if stream.read_buf(&mut bytes).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
        };
        if !bytes.starts_with(b"HTTP/1.1 101") {
            return Err(io::Error::other(String::from_utf8_lossy(&bytes[..end]).into_owned()));
        }
        bytes.drain(..end);
        Ok(Self { stream, inbox: Inbox::of(bytes) })
    }

    /// Sends a request, and reads up to its answer, which must be a success; returns the size of the answer. There
    /// is one request at a time, so the next response is its.
    pub(crate) async fn call(&mut self, frame: &[u8]) -> Result<usize, String> {
        self.stream.write_all(frame).await.map_err(|error| error.to_string())?;
        loop {
            let message = self.message().await.map_err(|error| error.to_string())?;
            if !message.starts_with(br#"{"type":"res""#) {
                continue;
            }
            let head = &message[..message.len().min(200)];
            if head.windows(9).any(|bytes| bytes == br#""ok":true"#) {
                return Ok(message.len());
            }
            return Err(String::from_utf8_lossy(&message[..message.len().min(400)]).into_owned());
        }
    }

    /// Reads up to the next event whose frame begins with `head`.
    pub(crate) async fn event(&mut self, head: &str) -> io::Result<()> {
        while !self.message().await?.starts_with(head.as_bytes()) {}
        Ok(())
    }

    /// Lets go of memory that an idle connection does not need.
    pub(crate) fn rest(&mut self) {
        self.inbox.shrink();
    }

    /// The next message.
    async fn message(&mut self) -> io::Result<&[u8]> {
        let place = loop {
            match self.inbox.take() {
                Some((Kind::Text, place)) => break place,
                Some((Kind::Ping, place)) => {
                    let pong = frames::pong(&self.inbox.bytes[place]);
                    self.stream.write_all(&pong).await?;
                }
                Some((Kind::Close, place)) => {
                    let reason = String::from_utf8_lossy(&self.inbox.bytes[place]).into_owned();
                    return Err(io::Error::other(format!("closed: {reason}")));
                }
                Some((Kind::Other, _)) => {}
                None => {
                    self.inbox.compact();
                    if self.stream.read_buf(&mut self.inbox.bytes).await? == 0 {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
            }
        };
        Ok(&self.inbox.bytes[place])
    }
}
