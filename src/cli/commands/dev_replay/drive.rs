//! Carries out what the conductor asks for, and tells it what happens.

use std::pin::Pin;
use std::time::{Duration, Instant};

use futures_util::future::pending;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::headers;
use super::socket::{News, Order, Target, run};
use crate::capsule::replay::{Action, Conductor, Moment};
use crate::cli::commands::dev_run::ending;
use crate::cli::commands::dev_run::gateway::{Gateway, Swaps};
use crate::cli::commands::timer;
use crate::platform::clock;
use crate::platform::signals::{Passed, Passing};

/// What waits to be looked at; connections wait when it is more.
const NEWS: usize = 1024;
/// What is looked at together.
const AT_ONCE: usize = 64;
/// How long a gateway may take that was asked to make room for another one.
const SWAP_LIMIT: Duration = Duration::from_secs(30);
/// How long it may take when it may not want to.
const SWAP_DOUBT: Duration = Duration::from_secs(2);

/// How long the end of a gateway may come after that of its connections.
const CAUSE_LIMIT: Duration = Duration::from_millis(200);

/// How it ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// Everything was done.
    Done,
    /// Somebody has asked for the end.
    Stopped(Passed),
}

/// What is replayed against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A gateway that makes room for another one of itself, if at all.
    Alone,
    /// A harness around our gateway: it replaces it for edits, and whenever it is asked to.
    Harness,
    /// A harness around a command, which replaces it when it is asked to.
    Command,
}

/// A gateway makes room for another one.
struct Reloading {
    /// Whether a client has asked for it.
    asked: bool,
    done: Pin<Box<dyn Future<Output = bool>>>,
}

/// Everything that is under way.
struct Drive<'g> {
    target: Target,
    gateway: Option<&'g mut Gateway>,
    kind: Kind,
    began: Instant,
    tell: mpsc::Sender<(usize, News)>,
    orders: Vec<Option<mpsc::UnboundedSender<Order>>>,
    /// Which connections we have closed.
    leaving: Vec<bool>,
    tasks: JoinSet<()>,
    reloading: Option<Reloading>,
    /// How often one gateway had made room for another one when that was looked at last.
    swaps: u64,
}

/// Replays. `connections` is how many there are.
pub(super) async fn drive(
    conductor: &mut Conductor<'_>,
    connections: usize,
    target: Target,
    gateway: Option<&mut Gateway>,
    kind: Kind,
    signals: &mut Passing,
) -> Ended {
    let (tell, mut news) = mpsc::channel(NEWS);
    let mut drive = Drive {
        target,
        gateway,
        kind,
        began: Instant::now(),
        tell,
        orders: (0..connections).map(|_| None).collect(),
        leaving: vec![false; connections],
        tasks: JoinSet::new(),
        reloading: None,
        swaps: 0,
    };
    let mut batch = Vec::with_capacity(AT_ONCE);
    loop {
        let actions = conductor.advance(drive.now());
        drive.perform(actions);
        if conductor.is_over() {
            break;
        }
        let wake = conductor.wake_at_us().map(|at_us| drive.moment(at_us));
        tokio::select! {
            count = news.recv_many(&mut batch, AT_ONCE) => {
                if count == 0 {
                    break;
                }
                for (connection, news) in batch.drain(..) {
                    drive.hear(conductor, connection, news).await;
                }
            }
            worked = done(&mut drive.reloading) => drive.reloaded(conductor, worked),
            how = ended(&mut drive.gateway) => {
                conductor.gateway_ended(&how);
                drive.gateway = None;
            }
            signal = ending(signals) => return Ended::Stopped(signal),
            () = timer::at(wake) => {}
        }
        while let Some(Ok(())) = drive.tasks.try_join_next() {}
    }
    Ended::Done
}

// === impl Drive ===

impl Drive<'_> {
    fn now(&self) -> Moment {
        let us = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        Moment { us, unix_ms: clock::unix_ms() }
    }

    fn moment(&self, at_us: u64) -> tokio::time::Instant {
        tokio::time::Instant::from_std(self.began + Duration::from_micros(at_us))
    }

    fn perform(&mut self, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Open(connection, recorded) => {
                    let (order, orders) = mpsc::unbounded_channel();
                    self.orders[connection] = Some(order);
                    let sent = headers::of(&recorded, self.target.port);
                    self.tasks.spawn(run(self.target.clone(), sent, orders, connection, self.tell.clone()));
                }
                Action::Send(connection, outgoing) => self.order(connection, Order::Send(outgoing)),
                Action::Close(connection) => {
                    self.leaving[connection] = true;
                    self.order(connection, Order::Close);
                }
                Action::Reload { asked } => self.reload(asked),
            }
        }
    }

    fn order(&self, connection: usize, order: Order) {
        if let Some(orders) = self.orders.get(connection).and_then(Option::as_ref) {
            // A connection that is over has told so, or is about to.
            let _ = orders.send(order);
        }
    }

    /// Has the gateway make room for another one, unless a client has asked for it already.
    fn reload(&mut self, asked: bool) {
        let Some(gateway) = &self.gateway else {
            self.reloading = Some(Reloading { asked, done: Box::pin(async { false }) });
            return;
        };
        let swaps = gateway.swaps();
        let before = if asked {
            self.swaps
        } else {
            gateway.replace();
            swaps.count()
        };
        self.swaps = before + 1;
        let is_certain = self.kind != Kind::Alone && !asked;
        let limit = if is_certain { SWAP_LIMIT } else { SWAP_DOUBT };
        self.reloading = Some(Reloading { asked, done: Box::pin(swapped(swaps, before, limit)) });
    }

    /// The gateway has made room for another one, or has not in time.
    fn reloaded(&mut self, conductor: &mut Conductor<'_>, worked: bool) {
        let asked = self.reloading.take().is_some_and(|reloading| reloading.asked);
        if asked && !worked && self.kind == Kind::Harness && self.gateway.is_some() {
            // What the client did has asked for nothing here; the recording goes on with another one all the same.
            return self.reload(false);
        }
        conductor.reloaded(worked, self.now());
    }

    async fn hear(&mut self, conductor: &mut Conductor<'_>, connection: usize, news: News) {
        match news {
            News::Opened => conductor.opened(connection),
            News::Frame(frame) => {
                let action = conductor.received(connection, &frame, self.now());
                self.perform(action.into_iter().collect());
            }
            News::Ended(end) => {
                self.orders[connection] = None;
                let is_cut = end.code.is_none() && !self.leaving[connection];
                if is_cut
                    && self.kind == Kind::Alone
                    && self.gateway.is_some()
                    && let Ok(how) = tokio::time::timeout(CAUSE_LIMIT, ended(&mut self.gateway)).await
                {
                    // That is why: the connection is not the one to blame.
                    self.gateway = None;
                    return conductor.gateway_ended(&how);
                }
                let actions = conductor.ended(connection, end, self.now());
                self.perform(actions);
            }
        }
    }
}

/// Whether one gateway makes room for another one in time.
async fn swapped(swaps: Swaps, before: u64, limit: Duration) -> bool {
    tokio::time::timeout(limit, swaps.beyond(before)).await.is_ok()
}

/// What came of the gateway's making room, when it was asked to.
async fn done(reloading: &mut Option<Reloading>) -> bool {
    match reloading {
        Some(reloading) => (&mut reloading.done).await,
        None => pending().await,
    }
}

/// How the gateway ended, with its last words.
async fn ended(gateway: &mut Option<&mut Gateway>) -> String {
    match gateway {
        Some(gateway) => {
            let exit = gateway.ended().await;
            let tail = gateway.tail();
            let said = if tail.is_empty() { String::new() } else { format!("\n{}", tail.join("\n")) };
            format!("{exit}{said}")
        }
        None => pending().await,
    }
}
