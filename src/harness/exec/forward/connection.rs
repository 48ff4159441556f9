//! The life of one connection: held, connected, opened, copied.
//!
//! A command that ends resets what waits in its queue, although nobody has looked at it. Therefore a connection to which
//! it has not said a word yet is taken to the next one, as far as that is the same for the client: when nothing was
//! asked, or nothing but what may be asked twice.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use socket2::SockRef;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout_at};

use super::decline::decline;
use super::forwarder::Target;
use super::pump::{Read, end, pass, pump, write};
use crate::platform::net;

/// Between two attempts to connect to a command that should listen.
const RETRY: Duration = Duration::from_millis(5);
/// How soon after the end of a connection the end of its command is known.
const NEWS: Duration = Duration::from_millis(100);
/// Most of a request that is kept to be sent again.
const KEPT: usize = 16 * 1024;

/// How the opening of a connection went.
enum Opening {
    /// The command has answered, or too much was said to say it again.
    Open {
        /// Whether the client has more to say.
        client_ended: bool,
    },
    /// The command has ended it without a word.
    Dropped(io::Result<()>),
}

/// What the client has said so far.
#[derive(Debug, Default)]
struct Said {
    bytes: Vec<u8>,
    ended: bool,
}

/// Serves a client to its end; it waits for a command for `patience` at most.
pub(super) async fn serve(client: TcpStream, mut targets: watch::Receiver<Target>, patience: Duration) {
    // Latency counts, and a client that vanished must not stay for ever. Neither can fail on a connection.
    let _ = client.set_nodelay(true);
    let _ = net::notice_absence(&SockRef::from(&client));
    let deadline = Instant::now() + patience;
    let mut said = Said::default();
    loop {
        let Some((server, address)) = connect(&mut targets, deadline).await else {
            return decline(client).await;
        };
        let ended = match open(&client, &server, &mut said).await {
            Ok(Opening::Open { client_ended }) => copy(&client, &server, client_ended).await,
            Ok(Opening::Dropped(ended)) => {
                if said.may_be_repeated() && is_left(&mut targets, address).await {
                    continue;
                }
                ended
            }
            Err(error) => Err(error),
        };
        if ended.is_err() {
            // A reset on one side is one on the other.
            for stream in [&client, &server] {
                let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
            }
        }
        return;
    }
}

/// Connects to the command, once there is one; `None` when none comes.
async fn connect(
    targets: &mut watch::Receiver<Target>,
    deadline: Instant,
) -> Option<(TcpStream, SocketAddr)> {
    loop {
        let target = timeout_at(deadline, targets.wait_for(|target| *target != Target::Held)).await;
        let address = match target.ok()?.map(|target| *target) {
            Ok(Target::At(address)) => address,
            Ok(Target::Held) | Err(_) => return None,
        };
        match timeout_at(deadline, TcpStream::connect(address)).await.ok()? {
            Ok(server) => {
                let _ = server.set_nodelay(true);
                return Some((server, address));
            }
            // It is on its way out, and that is not known yet.
            Err(_) => {
                tokio::select! {
                    _ = targets.changed() => {}
                    () = sleep(RETRY) => {}
                }
            }
        }
        if Instant::now() >= deadline {
            return None;
        }
    }
}

/// Until the command has answered.
async fn open(client: &TcpStream, server: &TcpStream, said: &mut Said) -> io::Result<Opening> {
    // What was said to one that is gone.
    if !said.bytes.is_empty()
        && let Err(error) = write(server, &said.bytes).await
    {
        return Ok(Opening::Dropped(Err(error)));
    }
    if said.ended {
        end(server)?;
    }
    while said.bytes.len() < KEPT {
        tokio::select! {
            ready = server.readable() => {
                ready?;
                match pass(server, client, |_| {}) {
                    Ok(Read::Some { rest }) => {
                        write(client, &rest).await?;
                        return Ok(Opening::Open { client_ended: said.ended });
                    }
                    Ok(Read::NotYet) => {}
                    Ok(Read::End) => return Ok(Opening::Dropped(Ok(()))),
                    Err(error) => return Ok(Opening::Dropped(Err(error))),
                }
            }
            ready = client.readable(), if !said.ended => {
                ready?;
                match pass(client, server, |bytes| said.bytes.extend_from_slice(bytes)) {
                    Ok(Read::Some { rest }) => {
                        if let Err(error) = write(server, &rest).await {
                            return Ok(Opening::Dropped(Err(error)));
                        }
                    }
                    Ok(Read::NotYet) => {}
                    Ok(Read::End) => {
                        said.ended = true;
                        end(server)?;
                    }
                    // Of the two the command is the one that may be gone.
                    Err(error) => return Ok(Opening::Dropped(Err(error))),
                }
            }
        }
    }
    Ok(Opening::Open { client_ended: said.ended })
}

/// Both ways, to the end of both.
async fn copy(client: &TcpStream, server: &TcpStream, client_ended: bool) -> io::Result<()> {
    let there = async { if client_ended { Ok(()) } else { pump(client, server).await } };
    tokio::try_join!(there, pump(server, client)).map(drop)
}

/// Whether the command at `address` is being replaced, or is about to be.
async fn is_left(targets: &mut watch::Receiver<Target>, address: SocketAddr) -> bool {
    let left = targets.wait_for(|target| *target != Target::At(address));
    tokio::time::timeout(NEWS, left).await.is_ok_and(|left| left.is_ok())
}

// === impl Said ===

impl Said {
    /// Whether it makes no difference to say it to two commands.
    fn may_be_repeated(&self) -> bool {
        const HARMLESS: [&[u8]; 3] = [b"GET ", b"HEAD ", b"OPTIONS "];
        self.bytes.len() < KEPT
            && (self.bytes.is_empty() || HARMLESS.iter().any(|method| self.bytes.starts_with(method)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_harmless_is_said_twice() {
        let may = |text: &str| Said { bytes: text.as_bytes().to_vec(), ended: false }.may_be_repeated();
        assert!(may("") && may("GET / HTTP/1.1\r\n\r\n") && may("HEAD /"));
        assert!(!may("POST / HTTP/1.1\r\n") && !may("G") && !may("\u{16}\u{3}\u{1}"));
        assert!(!may(&format!("GET {}", "x".repeat(KEPT))));
    }
}
