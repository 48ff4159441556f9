//! The phases of a gateway's life, and what a quiescing gateway waits for.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::{Instant, timeout};

/// A connection that was accepted less long ago than this, and has not finished its handshake, is under way:
/// a quiescing gateway waits for it, and a closing one does not cut it off.
pub(crate) const YOUNG: Duration = Duration::from_millis(250);

/// How long a quiescing gateway waits for requests and handshakes that are under way; new connections wait meanwhile.
/// They take a few milliseconds, except on a machine that is busy, or whose disk is: who is cut off in a handshake has
/// lost a connection, and what a request does after the hand-over is an event that nobody is sent again.
const UNDER_WAY: Duration = Duration::from_millis(60);

/// Where a gateway is in its life. Only ever moves forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// Everything is loaded, nothing is accepted.
    Standby,
    /// Accepts and serves.
    Serving,
    /// Accepts no more; what is under way is finished.
    Quiescing,
    /// The state belongs to somebody else. Whoever finishes the upgrade now is sent away at once.
    Released,
    /// Everybody has been told; connections end.
    Closing,
}

/// The phase, and what is under way.
#[derive(Debug)]
pub(crate) struct Lifecycle {
    phase: watch::Sender<Phase>,
    open: Mutex<Open>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    /// Handshakes by number, with the time of their accept.
    handshakes: BTreeMap<u64, Instant>,
    requests: usize,
}

/// A handshake that is under way; ends when dropped.
#[derive(Debug)]
pub(crate) struct Handshake {
    lifecycle: Arc<Lifecycle>,
    number: u64,
    accepted: Instant,
}

/// A request that is being worked on; ends when dropped.
#[derive(Debug)]
pub(crate) struct InFlight {
    lifecycle: Arc<Lifecycle>,
}

// === impl Lifecycle ===

impl Lifecycle {
    /// A gateway in standby.
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            phase: watch::Sender::new(Phase::Standby),
            open: Mutex::default(),
            changed: Notify::new(),
        })
    }

    /// The phase now.
    pub(crate) fn phase(&self) -> Phase {
        *self.phase.borrow()
    }

    /// Moves on to `phase`; never back.
    pub(crate) fn advance(&self, phase: Phase) {
        self.phase.send_if_modified(|current| {
            let forward = phase > *current;
            *current = phase.max(*current);
            forward
        });
    }

    /// Resolves when `phase` is reached.
    pub(crate) async fn reached(&self, phase: Phase) {
        // The sender lives in `self`, so waiting cannot fail.
        let _ = self.phase.subscribe().wait_for(|current| *current >= phase).await;
    }

    /// Notes a connection that was accepted just now.
    pub(crate) fn accepted(self: &Arc<Self>) -> Handshake {
        let accepted = Instant::now();
        let mut open = self.lock();
        let number = open.next;
        open.next += 1;
        open.handshakes.insert(number, accepted);
        Handshake { lifecycle: Arc::clone(self), number, accepted }
    }

    /// Notes a request.
    pub(crate) fn request(self: &Arc<Self>) -> InFlight {
        self.lock().requests += 1;
        InFlight { lifecycle: Arc::clone(self) }
    }

    /// Lets an answer wait, but not beyond the time when the gateway ends: the decision is made, and waiting would only
    /// hold up the hand-over.
    pub(crate) async fn hold_back(&self, delay: Duration) {
        if delay.is_zero() {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(delay) => {}
            () = self.reached(Phase::Quiescing) => {}
        }
    }

    /// Waits until nothing is under way, or what is has had its time; says whether nothing is.
    pub(crate) async fn settled(&self) -> bool {
        let (requests, handshakes) =
            tokio::join!(timeout(UNDER_WAY, self.answered()), timeout(UNDER_WAY, self.greeted()));
        requests.and(handshakes).is_ok()
    }

    /// Resolves when no request is in flight.
    async fn answered(&self) {
        self.until(|open| open.requests == 0).await;
    }

    /// Resolves when no young handshake is under way.
    async fn greeted(&self) {
        self.until(|open| open.handshakes.values().all(|accepted| accepted.elapsed() > YOUNG)).await;
    }

    async fn until(&self, is_so: impl Fn(&Open) -> bool) {
        loop {
            // Before the look, so that no change falls between the two.
            let changed = self.changed.notified();
            if is_so(&self.lock()) {
                return;
            }
            changed.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Handshake ===

impl Handshake {
    /// When the connection was accepted.
    pub(crate) fn accepted(&self) -> Instant {
        self.accepted
    }
}

impl Drop for Handshake {
    fn drop(&mut self) {
        self.lifecycle.lock().handshakes.remove(&self.number);
        self.lifecycle.changed.notify_waiters();
    }
}

// === impl InFlight ===

impl Drop for InFlight {
    fn drop(&mut self) {
        self.lifecycle.lock().requests -= 1;
        self.lifecycle.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_old_handshake_is_not_waited_for() {
        let lifecycle = Lifecycle::new();
        tokio::join!(lifecycle.answered(), lifecycle.greeted());
        let old = lifecycle.accepted();
        tokio::time::advance(YOUNG * 2).await;
        lifecycle.greeted().await;
        drop(old);
    }

    #[tokio::test]
    async fn requests_and_young_handshakes_are_waited_for() {
        let lifecycle = Lifecycle::new();
        let (young, request) = (lifecycle.accepted(), lifecycle.request());
        let (mut greeted, mut answered) = (pin!(lifecycle.greeted()), pin!(lifecycle.answered()));
        assert!(greeted.as_mut().now_or_never().is_none());
        assert!(answered.as_mut().now_or_never().is_none());
        drop(young);
        assert!(greeted.now_or_never().is_some());
        assert!(answered.as_mut().now_or_never().is_none());
        drop(request);
        assert!(answered.now_or_never().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_under_way_is_waited_for_and_not_for_ever() {
        let lifecycle = Lifecycle::new();
        assert!(lifecycle.settled().await);
        // A slow disk, a client on a busy machine.
        let (request, handshake) = (lifecycle.request(), lifecycle.accepted());
        let late = async {
            tokio::time::advance(UNDER_WAY / 2).await;
            drop((request, handshake));
        };
        let (settled, ()) = tokio::join!(lifecycle.settled(), late);
        assert!(settled);

        let _silent = lifecycle.accepted();
        let begin = Instant::now();
        assert!(!lifecycle.settled().await);
        assert_eq!(begin.elapsed(), UNDER_WAY);
        let _endless = lifecycle.request();
        let begin = Instant::now();
        assert!(!lifecycle.settled().await);
        assert_eq!(begin.elapsed(), UNDER_WAY);
    }

    #[tokio::test]
    async fn phases_only_move_forward() {
        let lifecycle = Lifecycle::new();
        lifecycle.advance(Phase::Released);
        lifecycle.advance(Phase::Serving);
        assert_eq!(lifecycle.phase(), Phase::Released);
        lifecycle.reached(Phase::Quiescing).await;
    }
}
