//! What a command does when it starts, as far as one can see it from outside.

use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::timeout;

use super::{Readiness, Tier};
use crate::harness::supervisor::state::Generation;
use crate::platform::notify::Notified;

/// How long a command that was told nothing has to show that it is a server.
const UNDECIDED: Duration = Duration::from_secs(3);
/// How long a command that should listen may be silent until that is told.
const SILENCE: Duration = Duration::from_secs(5);
/// How soon one that announces itself answers at a port of its own, if it has one.
const ANSWER: Duration = Duration::from_millis(50);

/// What was seen.
#[derive(Debug)]
pub enum Sign {
    /// It is ready, and reached in this way; at this address when it has bound a port of its own.
    Ready(Tier, Option<SocketAddr>),
    /// It has shown nothing for so long that it seems to be no server.
    Silent,
    /// It should have answered at its port by now, and may yet.
    Waiting,
    /// Nothing can be seen.
    Blind(io::Error),
}

/// What a generation was offered.
#[derive(Debug)]
pub struct Offer {
    /// Where it may announce itself.
    pub notified: Option<Notified>,
    /// The port that it may bind.
    pub port: Option<u16>,
    /// What shows that it answers there.
    pub readiness: Readiness,
    /// Whether it may turn out to be no server.
    pub undecided: bool,
}

impl Offer {
    /// Watches a generation until it is ready, and says so.
    pub async fn watch(self, generation: Generation, signs: mpsc::Sender<(Generation, Sign)>) {
        let mut ready = pin!(self.ready());
        let (limit, late) = if self.undecided { (UNDECIDED, Sign::Silent) } else { (SILENCE, Sign::Waiting) };
        let sign = if let Ok(sign) = timeout(limit, ready.as_mut()).await {
            sign
        } else {
            tell(&signs, generation, late).await;
            // Late is better than never.
            ready.await
        };
        tell(&signs, generation, sign).await;
    }

    async fn ready(&self) -> Sign {
        tokio::select! {
            announced = self.announced() => match announced {
                Ok(()) => match timeout(ANSWER, self.answers()).await {
                    Ok(address) => Sign::Ready(Tier::Port, Some(address)),
                    Err(_) => Sign::Ready(Tier::Sockets, None),
                },
                Err(error) => Sign::Blind(error),
            },
            address = self.answers() => Sign::Ready(Tier::Port, Some(address)),
        }
    }

    async fn announced(&self) -> io::Result<()> {
        match &self.notified {
            Some(notified) => notified.ready().await,
            None => pending().await,
        }
    }

    async fn answers(&self) -> SocketAddr {
        match self.port {
            Some(port) => self.readiness.wait(port).await,
            None => pending().await,
        }
    }
}

/// Nobody listens when supervision has ended.
async fn tell(signs: &mpsc::Sender<(Generation, Sign)>, generation: Generation, sign: Sign) {
    let _ = signs.send((generation, sign)).await;
}
