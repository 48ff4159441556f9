//! The life of one connection: held, connected, opened, copied.
//!
//! A command that ends resets what waits in its queue, although nobody has looked at it. Therefore a connection to which
//! it has not said a word yet is taken to the next one, as far as that is the same for the client: when nothing was
//! asked, or nothing but what may be asked twice. To say on its way out that there is no service (503) is no word either.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use socket2::SockRef;
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, SemaphorePermit, watch};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::decline::decline;
use super::forwarder::Target;
use super::pump::{Read, end, pass, pump, write};
use crate::platform::net;

/// Between two attempts to connect to a command that should listen.
const RETRY: Duration = Duration::from_millis(5);
/// How soon after the end of a connection the end of its command is known.
const NEWS: Duration = Duration::from_millis(100);
/// How long one that waited, and that nobody answers, keeps those behind it waiting.
const TURN: Duration = Duration::from_secs(1);
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

/// Serves a client to its end; it waits for a command for `patience` at most. Those that waited take `turns`: what comes
/// all at once is more than the queue of a command holds.
pub(super) async fn serve(
    client: TcpStream,
    mut targets: watch::Receiver<Target>,
    patience: Duration,
    turns: &Semaphore,
) {
    // Latency counts, and a client that vanished must not stay for ever. Neither can fail on a connection.
    let _ = client.set_nodelay(true);
    let _ = net::notice_absence(&SockRef::from(&client));
    let deadline = Instant::now() + patience;
    let mut said = Said::default();
    loop {
        let turn = if *targets.borrow() == Target::Held {
            let Ok(turn) = timeout_at(deadline, turn(&mut targets, turns)).await else {
                return decline(client).await;
            };
            turn
        } else {
            None
        };
        let Some((server, address)) = connect(&mut targets, deadline).await else {
            return decline(client).await;
        };
        let is_left = || *targets.borrow() != Target::At(address);
        let ended = match within(turn, open(&client, &server, &mut said, is_left)).await {
            Ok(Opening::Open { client_ended }) => copy(&client, &server, client_ended).await,
            Ok(Opening::Dropped(ended)) => {
                if said.may_be_repeated() && leaves(&mut targets, address).await {
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

/// A turn, once there is a command; nothing when there will be none.
async fn turn<'s>(
    targets: &mut watch::Receiver<Target>,
    turns: &'s Semaphore,
) -> Option<SemaphorePermit<'s>> {
    targets.wait_for(|target| *target != Target::Held).await.ok()?;
    // Nobody closes the semaphore.
    turns.acquire().await.ok()
}

/// Gives the turn back when `opening` is done, or takes too long.
async fn within<T>(turn: Option<SemaphorePermit<'_>>, opening: impl Future<Output = T>) -> T {
    let mut opening = pin!(opening);
    if turn.is_some()
        && let Ok(opened) = timeout(TURN, opening.as_mut()).await
    {
        return opened;
    }
    drop(turn);
    opening.await
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

/// Until the command has answered. One that `is_left` and has no time any more has not.
async fn open(
    client: &TcpStream,
    server: &TcpStream,
    said: &mut Said,
    is_left: impl Fn() -> bool,
) -> io::Result<Opening> {
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
                if said.may_be_repeated() && is_left() && turns_away(server).await {
                    return Ok(Opening::Dropped(Ok(())));
                }
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

/// Whether the answer is that there is no service, which is read later.
async fn turns_away(server: &TcpStream) -> bool {
    let mut status = [0; 12];
    let length = server.peek(&mut status).await.unwrap_or(0);
    status[..length].starts_with(b"HTTP/1.") && status.ends_with(b" 503")
}

/// Both ways, to the end of both.
async fn copy(client: &TcpStream, server: &TcpStream, client_ended: bool) -> io::Result<()> {
    let there = async { if client_ended { Ok(()) } else { pump(client, server).await } };
    tokio::try_join!(there, pump(server, client)).map(drop)
}

/// Whether the command at `address` is being replaced, or is about to be.
async fn leaves(targets: &mut watch::Receiver<Target>, address: SocketAddr) -> bool {
    let left = targets.wait_for(|target| *target != Target::At(address));
    timeout(NEWS, left).await.is_ok_and(|left| left.is_ok())
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
    use std::sync::Arc;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// Three clients wait, for whom there are two turns. Whether the third one has come before the command answered any;
    /// nothing when that took longer than a turn.
    async fn comes_out_of_turn() -> Option<bool> {
        let command = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let public = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (target, targets) = watch::channel(Target::Held);
        let turns = Arc::new(Semaphore::new(2));
        let mut clients = Vec::new();
        let accepted = async || command.accept().await.unwrap().0;
        for _ in 0..3 {
            clients.push(TcpStream::connect(public.local_addr().unwrap()).await.unwrap());
            let (client, targets, turns) =
                (public.accept().await.unwrap().0, targets.clone(), Arc::clone(&turns));
            tokio::spawn(async move { serve(client, targets, Duration::from_mins(1), &turns).await });
        }
        // So that all of them wait.
        tokio::task::yield_now().await;
        let begun = Instant::now();
        target.send_replace(Target::At(command.local_addr().unwrap()));
        let (mut first, _second) = (accepted().await, accepted().await);
        let third = timeout(Duration::from_millis(100), accepted()).await.is_ok();
        let in_time = begun.elapsed() < TURN;
        if !third {
            // An answer gives its turn to the next one.
            first.write_all(b"hello").await.unwrap();
            accepted().await;
        }
        in_time.then_some(third)
    }

    #[tokio::test]
    async fn those_that_waited_come_in_turns() {
        for _ in 0..20 {
            // Otherwise the machine was busy with something else.
            if let Some(out_of_turn) = comes_out_of_turn().await {
                return assert!(!out_of_turn);
            }
        }
        panic!("never within a turn");
    }

    #[tokio::test]
    async fn one_on_its_way_out_turns_nobody_away() {
        let request = b"GET / HTTP/1.1\r\n\r\n";
        let [first, second, public] = [0; 3].map(|_| std::net::TcpListener::bind("127.0.0.1:0").unwrap());
        let [first, second, public] = [first, second, public].map(|listener| {
            listener.set_nonblocking(true).unwrap();
            TcpListener::from_std(listener).unwrap()
        });
        let (target, targets) = watch::channel(Target::At(first.local_addr().unwrap()));
        for leaves in [false, true] {
            let mut client = TcpStream::connect(public.local_addr().unwrap()).await.unwrap();
            let (accepted, targets) = (public.accept().await.unwrap().0, targets.clone());
            let turns = Semaphore::new(1);
            tokio::spawn(async move { serve(accepted, targets, Duration::from_mins(1), &turns).await });
            client.write_all(request).await.unwrap();
            let mut old = first.accept().await.unwrap().0;
            old.read_exact(&mut [0; 18]).await.unwrap();
            if leaves {
                target.send_replace(Target::Held);
            }
            old.write_all(b"HTTP/1.1 503 Service Unavailable\r\n\r\n").await.unwrap();
            drop(old);
            if leaves {
                target.send_replace(Target::At(second.local_addr().unwrap()));
                let mut new = second.accept().await.unwrap().0;
                new.read_exact(&mut [0; 18]).await.unwrap();
                new.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
            }
            let mut answer = [0; 12];
            client.read_exact(&mut answer).await.unwrap();
            assert_eq!(answer, if leaves { *b"HTTP/1.1 200" } else { *b"HTTP/1.1 503" });
        }
    }

    #[test]
    fn only_what_is_harmless_is_said_twice() {
        let may = |text: &str| Said { bytes: text.as_bytes().to_vec(), ended: false }.may_be_repeated();
        assert!(may("") && may("GET / HTTP/1.1\r\n\r\n") && may("HEAD /"));
        assert!(!may("POST / HTTP/1.1\r\n") && !may("G") && !may("\u{16}\u{3}\u{1}"));
        assert!(!may(&format!("GET {}", "x".repeat(KEPT))));
    }
}
