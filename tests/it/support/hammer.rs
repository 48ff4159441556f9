//! One new connection every millisecond, each followed to its end, while something else happens.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::http::{self, Failure};
use super::wire::{self, Credentials};

/// A connection without an answer for this long counts as unanswered.
const GIVE_UP: Duration = Duration::from_secs(4);

/// Connections that are open at once: each needs a descriptor.
const MOST: usize = 8000;

/// How connections come.
#[derive(Debug, Clone, Copy)]
struct Pace {
    every: Duration,
    patience: Duration,
    most: usize,
}

/// What every connection does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Traffic {
    /// `GET /health`.
    Health,
    /// Upgrade, challenge, `connect`, `hello-ok`.
    Hello,
    /// Upgrade and challenge: what every gateway says to everybody.
    Challenge,
}

/// What became of the connections.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// When each answered connection was opened, and how long its answer took.
    pub(crate) answers: Vec<(Instant, Duration)>,
    /// Nobody listened.
    pub(crate) refused: usize,
    /// Cut before the answer.
    pub(crate) reset: usize,
    /// No answer in four seconds.
    pub(crate) timed_out: usize,
    /// Everything else, told apart.
    pub(crate) other: Vec<String>,
}

impl Tally {
    /// How many connections were made.
    pub(crate) fn sent(&self) -> usize {
        self.answers.len() + self.refused + self.reset + self.timed_out + self.other.len()
    }

    /// How many had no answer.
    pub(crate) fn failed(&self) -> usize {
        self.sent() - self.answers.len()
    }

    /// The slowest answer.
    pub(crate) fn worst(&self) -> Duration {
        self.answers.iter().map(|(_, took)| *took).max().unwrap_or_default()
    }

    /// Panics unless every connection was answered, at most `limit` late.
    #[track_caller]
    pub(crate) fn assert_served(&self, limit: Duration) {
        let others = self.other.first();
        assert_eq!(
            (self.refused, self.reset, self.timed_out, others),
            (0, 0, 0, None),
            "refused, reset, timed out, other, of {}",
            self.sent()
        );
        assert!(self.sent() > 0, "the hammer never struck");
        assert!(self.worst() <= limit, "the slowest answer took {:?}", self.worst());
    }

    fn count(&mut self, begin: Instant, end: Result<Duration, Failure>) {
        match end {
            Ok(took) => self.answers.push((begin, took)),
            Err(Failure::Refused) => self.refused += 1,
            Err(Failure::Reset) => self.reset += 1,
            Err(Failure::Timeout) => self.timed_out += 1,
            Err(Failure::Other(text)) => self.other.push(text),
        }
    }
}

/// A running hammer.
#[derive(Debug)]
pub(crate) struct Hammer {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Tally>,
}

impl Hammer {
    /// Starts to strike `address` every millisecond, in a thread of its own.
    pub(crate) fn start(address: SocketAddr, traffic: Traffic) -> Self {
        Self::paced(address, traffic, Duration::from_millis(1))
    }

    /// The same where connections may have to wait for so long, while fewer than `most` do.
    pub(crate) fn patient(address: SocketAddr, traffic: Traffic, patience: Duration, most: usize) -> Self {
        Self::swing(address, traffic, Pace { every: Duration::from_millis(1), patience, most })
    }

    /// The same at another pace: a build without optimisation cannot answer a thousand handshakes in a second.
    pub(crate) fn paced(address: SocketAddr, traffic: Traffic, pace: Duration) -> Self {
        Self::swing(address, traffic, Pace { every: pace, patience: GIVE_UP, most: MOST })
    }

    fn swing(address: SocketAddr, traffic: Traffic, pace: Pace) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runtime");
            runtime.block_on(strike(address, traffic, pace, &told))
        });
        Self { stop, thread }
    }

    /// Stops, waits for the connections under way, and tells what became of all.
    pub(crate) fn stop(self) -> Tally {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().expect("hammer")
    }
}

async fn strike(address: SocketAddr, traffic: Traffic, pace: Pace, stop: &AtomicBool) -> Tally {
    let mut tally = Tally::default();
    let mut under_way = JoinSet::new();
    let mut clock = interval(pace.every);
    // After a delay of the machine the missed strikes are left out: a burst would measure the machine.
    clock.set_missed_tick_behavior(MissedTickBehavior::Skip);
    while !stop.load(Ordering::Relaxed) {
        tokio::select! {
            _ = clock.tick(), if under_way.len() < pace.most => {
                under_way.spawn(async move {
                    let begin = Instant::now();
                    let end = timeout(pace.patience, one(address, traffic)).await;
                    (begin, end.unwrap_or(Err(Failure::Timeout)).map(|()| begin.elapsed()))
                });
            }
            Some(Ok((begin, end))) = under_way.join_next() => tally.count(begin, end),
        }
    }
    while let Some(done) = under_way.join_next().await {
        let (begin, end) = done.expect("a connection does not panic");
        tally.count(begin, end);
    }
    tally
}

async fn one(address: SocketAddr, traffic: Traffic) -> Result<(), Failure> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    // Closed without lingering, so that thousands of connections leave no port in TIME_WAIT.
    stream.set_zero_linger()?;
    match traffic {
        Traffic::Health => {
            stream.write_all(http::request_text(address, "/health", &[]).as_bytes()).await?;
            let mut bytes = Vec::with_capacity(512);
            loop {
                let count = stream.read_buf(&mut bytes).await?;
                if let Some(response) = http::parse(&bytes, count == 0) {
                    return http::parse_health(&response).map(|_| ());
                }
                if count == 0 {
                    return Err(Failure::Reset);
                }
            }
        }
        Traffic::Hello | Traffic::Challenge => hello(address, stream, traffic).await,
    }
}

async fn hello(address: SocketAddr, stream: TcpStream, traffic: Traffic) -> Result<(), Failure> {
    let (mut socket, _) =
        tokio_tungstenite::client_async(format!("ws://{address}/"), stream).await.map_err(failure)?;
    while let Some(message) = socket.next().await {
        let Message::Text(text) = message.map_err(failure)? else { continue };
        let frame: serde_json::Value =
            serde_json::from_str(&text).map_err(|error| Failure::Other(error.to_string()))?;
        if let Some(nonce) = frame["payload"]["nonce"].as_str() {
            if traffic == Traffic::Challenge {
                return Ok(());
            }
            let mut connect = wire::connect_frame(nonce, &Credentials::Token("any".to_owned()));
            // One client that comes back, not thousands that the gateway has to remember.
            connect["params"]["client"]["instanceId"] = "hammer".into();
            socket.send(Message::text(connect.to_string())).await.map_err(failure)?;
        } else if frame["id"] == "connect" {
            let accepted = frame["ok"] == serde_json::json!(true);
            return if accepted { Ok(()) } else { Err(Failure::Other(frame.to_string())) };
        }
    }
    Err(Failure::Reset)
}

fn failure(error: Error) -> Failure {
    match error {
        Error::Io(error) => error.into(),
        Error::ConnectionClosed | Error::AlreadyClosed | Error::Protocol(_) => Failure::Reset,
        other => Failure::Other(other.to_string()),
    }
}
