//! Whether a command answers at its port, in the way that was asked for.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use futures_util::StreamExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;

/// What shows that a command is ready.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Readiness {
    /// Its port can be connected to.
    #[default]
    Connect,
    /// `GET` of this path succeeds.
    Http(String),
    /// It greets as a gateway does.
    Hello,
}

/// Why a text is no [`Readiness`].
#[derive(Debug, thiserror::Error)]
#[error("not a way to get ready; use connect, hello, or the path of an HTTP request, such as /health")]
pub struct NoReadiness;

/// The first event of a gateway.
const GREETING: &str = "\"connect.challenge\"";
/// How long one attempt may take.
const ATTEMPT: Duration = Duration::from_secs(2);
/// Most of an answer that is looked at.
const LOOKED_AT: usize = 64;

impl Readiness {
    /// Reads an option's value.
    pub fn parse(text: &str) -> Result<Self, NoReadiness> {
        match text {
            "connect" => Ok(Self::Connect),
            "hello" => Ok(Self::Hello),
            path if path.starts_with('/') && !path.contains(char::is_whitespace) => {
                Ok(Self::Http(path.to_owned()))
            }
            _ => Err(NoReadiness),
        }
    }

    /// Waits until the command answers at `port`; where it does, which may be one of this machine's two addresses.
    pub async fn wait(&self, port: u16) -> SocketAddr {
        let begun = Instant::now();
        let places = [SocketAddr::from((Ipv4Addr::LOCALHOST, port)), (Ipv6Addr::LOCALHOST, port).into()];
        loop {
            for address in places {
                if matches!(timeout(ATTEMPT, self.holds(address)).await, Ok(Ok(true))) {
                    return address;
                }
            }
            sleep(pause(begun.elapsed())).await;
        }
    }

    async fn holds(&self, address: SocketAddr) -> io::Result<bool> {
        let mut stream = TcpStream::connect(address).await?;
        match self {
            Self::Connect => Ok(true),
            Self::Http(path) => {
                let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
                stream.write_all(request.as_bytes()).await?;
                let mut answer = Vec::new();
                stream.take(LOOKED_AT as u64).read_to_end(&mut answer).await?;
                Ok(succeeds(&answer))
            }
            Self::Hello => {
                let url = format!("ws://{address}/");
                let (mut socket, _) = client_async(url, stream).await.map_err(io::Error::other)?;
                let greeting = socket.next().await;
                Ok(matches!(greeting, Some(Ok(Message::Text(text))) if text.contains(GREETING)))
            }
        }
    }
}

impl fmt::Display for Readiness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect => f.write_str("connect"),
            Self::Http(path) => f.write_str(path),
            Self::Hello => f.write_str("hello"),
        }
    }
}

/// Before the next attempt: what starts quickly is noticed quickly.
fn pause(waited: Duration) -> Duration {
    (waited / 50).clamp(Duration::from_millis(1), Duration::from_millis(50))
}

/// Whether an answer begins with a status from 200 to 399.
fn succeeds(answer: &[u8]) -> bool {
    let status = String::from_utf8_lossy(answer);
    let code = status.strip_prefix("HTTP/1.").and_then(|rest| rest.split_whitespace().nth(1));
    code.and_then(|code| code.parse::<u16>().ok()).is_some_and(|code| (200..400).contains(&code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_ways_to_be_ready() {
        for text in ["connect", "hello", "/health?x=1"] {
            assert_eq!(Readiness::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "http", "health", "/a b"] {
            assert!(Readiness::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn only_success_counts() {
        assert!(succeeds(b"HTTP/1.1 200 OK\r\n") && succeeds(b"HTTP/1.0 302 Found\r\n"));
        assert!(!succeeds(b"HTTP/1.1 503 No\r\n") && !succeeds(b"HTTP/1.1 2") && !succeeds(b"200"));
    }
}
