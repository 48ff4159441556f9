//! What waits to be sent to one client, and the one rule about clients that do not keep up.
//!
//! Everything that reaches a client goes through its queue: responses, events, and the close. The queue is
//! bounded by bytes that are not flushed to the socket yet ([`MAX_BUFFERED`]): above it, events that may be
//! missed are skipped, any other event ends the connection with 1008 `slow consumer`, and the connection reads
//! no further requests, so that responses, which are never dropped, cannot pile up (`wire-protocol` A.2).

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::{Sink, SinkExt as _};
use tokio::sync::Notify;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

use crate::gateway::events::EventFrame;
use crate::protocol::close::Close;
use crate::protocol::limits::MAX_BUFFERED;

/// Frames are handed to the socket in groups of about this many bytes.
const FLUSH_AT: usize = 64 * 1024;

/// How long a connection that is being closed is read from, unless the close says otherwise. Closing a socket
/// with unread data would reset it, and the peer might never see why.
pub(crate) const LINGER: Duration = Duration::from_secs(2);

/// The queue of one client.
#[derive(Debug, Default)]
pub(crate) struct Outbound {
    queue: Mutex<Queue>,
    /// Something to send; only the writer waits for it.
    filled: Notify,
    /// Flushed below the limit again; only the reader waits for it.
    drained: Notify,
    /// A close was asked for; only the connection's deadline waits for it.
    closing: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    frames: VecDeque<Utf8Bytes>,
    /// Bytes in `frames`, and bytes that the socket has not taken yet.
    unflushed: usize,
    /// Sequence number of the last event.
    seq: u64,
    close: Option<(Close, Duration)>,
    close_taken: bool,
}

/// What the writer does next.
enum Step {
    Send(Utf8Bytes),
    Close(Close),
    Wait,
}

// === impl Outbound ===

impl Outbound {
    /// Queues a frame for this client only: a response, or an event without sequence number.
    pub(crate) fn send(&self, frame: String) {
        let mut queue = self.lock();
        if queue.close.is_none() {
            queue.push(frame.into());
            self.filled.notify_one();
        }
    }

    /// Queues a frame for this client only, unless it does not keep up; says whether it will be sent.
    pub(crate) fn offer(&self, frame: String) -> bool {
        let mut queue = self.lock();
        if queue.close.is_some() || queue.unflushed > MAX_BUFFERED {
            return false;
        }
        queue.push(frame.into());
        self.filled.notify_one();
        true
    }

    /// Queues a broadcast, numbered for this client; applies the rule about slow consumers. `false` when the
    /// client misses it for that.
    pub(crate) fn broadcast(&self, event: &EventFrame) -> bool {
        let mut queue = self.lock();
        let is_admitted = self.admits(&mut queue, event.may_be_missed());
        if is_admitted {
            queue.seq += 1;
            let frame = event.numbered(queue.seq);
            queue.push(frame.into());
            self.filled.notify_one();
        }
        is_admitted || queue.close.is_some()
    }

    /// Queues a broadcast without a number; the same rule, and the same answer.
    pub(crate) fn broadcast_unnumbered(&self, event: &EventFrame) -> bool {
        let mut queue = self.lock();
        let is_admitted = self.admits(&mut queue, event.may_be_missed());
        if is_admitted {
            queue.push(event.unnumbered().into());
            self.filled.notify_one();
        }
        is_admitted || queue.close.is_some()
    }

    /// Queues an event that must not be missed; a client that does not keep up is closed. Says whether it will be sent.
    pub(crate) fn deliver(&self, frame: String) -> bool {
        let mut queue = self.lock();
        let is_admitted = self.admits(&mut queue, false);
        if is_admitted {
            queue.push(frame.into());
            self.filled.notify_one();
        }
        is_admitted
    }

    /// The rule about slow consumers.
    fn admits(&self, queue: &mut Queue, may_be_missed: bool) -> bool {
        if queue.close.is_some() {
            return false;
        }
        if queue.unflushed <= MAX_BUFFERED {
            return true;
        }
        if !may_be_missed {
            // What is queued would only stand in the way of the close.
            queue.frames.clear();
            queue.close = Some((Close::policy("slow consumer"), LINGER));
            self.closing.notify_one();
            self.filled.notify_one();
        }
        false
    }

    /// Closes after what is queued; the first close wins. The connection ends `linger` later at the latest.
    pub(crate) fn close(&self, close: Close, linger: Duration) {
        let mut queue = self.lock();
        if queue.close.is_none() {
            queue.close = Some((close, linger));
            self.closing.notify_one();
            self.filled.notify_one();
        }
    }

    /// Whether a close was asked for: what still arrives is read and thrown away.
    pub(crate) fn is_closing(&self) -> bool {
        self.lock().close.is_some()
    }

    /// The close that was asked for.
    pub(crate) fn close_reason(&self) -> Option<Close> {
        self.lock().close.as_ref().map(|(close, _)| close.clone())
    }

    /// Resolves when a closing connection has had its time.
    pub(crate) async fn deadline(&self) {
        loop {
            let linger = self.lock().close.as_ref().map(|(_, linger)| *linger);
            match linger {
                Some(linger) => return tokio::time::sleep(linger).await,
                None => self.closing.notified().await,
            }
        }
    }

    /// Resolves at once unless the client is slow; then when it has caught up or is being closed.
    pub(crate) async fn has_room(&self) {
        while self.is_full() {
            self.drained.notified().await;
        }
    }

    /// Writes what is queued until the close has been written; `taken` is told of each frame.
    pub(crate) async fn write_to<S>(&self, sink: &mut S, taken: impl Fn(&Utf8Bytes)) -> Result<(), Error>
    where
        S: Sink<Message, Error = Error> + Unpin,
    {
        let mut fed = 0;
        loop {
            let step = self.next();
            if fed > 0 && (fed >= FLUSH_AT || !matches!(step, Step::Send(_))) {
                sink.flush().await?;
                self.flushed(fed);
                fed = 0;
            }
            match step {
                Step::Send(frame) => {
                    fed += frame.len();
                    taken(&frame);
                    sink.feed(Message::Text(frame)).await?;
                }
                Step::Close(close) => {
                    let frame = CloseFrame { code: close.code.into(), reason: close.reason.into() };
                    return sink.send(Message::Close(Some(frame))).await;
                }
                Step::Wait => self.filled.notified().await,
            }
        }
    }

    fn next(&self) -> Step {
        let mut queue = self.lock();
        if let Some(frame) = queue.frames.pop_front() {
            return Step::Send(frame);
        }
        if queue.close_taken {
            return Step::Wait;
        }
        match queue.close.clone() {
            Some((close, _)) => {
                queue.close_taken = true;
                Step::Close(close)
            }
            None => Step::Wait,
        }
    }

    fn flushed(&self, bytes: usize) {
        let mut queue = self.lock();
        queue.unflushed = queue.unflushed.saturating_sub(bytes);
        drop(queue);
        if !self.is_full() {
            self.drained.notify_one();
        }
    }

    fn is_full(&self) -> bool {
        let queue = self.lock();
        queue.unflushed > MAX_BUFFERED && queue.close.is_none()
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn push(&mut self, frame: Utf8Bytes) {
        self.unflushed += frame.len();
        self.frames.push_back(frame);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::sink;
    use serde_json::{Value, json};

    use super::*;
    use crate::gateway::events::EventName;

    /// Runs the writer until it has nothing to do or has closed; returns what it wrote.
    async fn written(outbound: &Outbound) -> Vec<Message> {
        let seen = Mutex::new(Vec::new());
        let mut sink = Box::pin(sink::unfold((), |(), message: Message| {
            seen.lock().unwrap().push(message);
            std::future::ready(Ok::<_, Error>(()))
        }));
        let idle = tokio::time::sleep(Duration::from_millis(1));
        tokio::select! {
            biased;
            result = outbound.write_to(&mut sink, |_| {}) => result.unwrap(),
            () = idle => {}
        }
        drop(sink);
        seen.into_inner().unwrap()
    }

    fn seqs(messages: &[Message]) -> Vec<u64> {
        let seq = |message: &Message| -> Option<u64> {
            serde_json::from_str::<Value>(message.to_text().ok()?).ok()?.get("seq")?.as_u64()
        };
        messages.iter().filter_map(seq).collect()
    }

    fn tick() -> EventFrame {
        EventFrame::new(EventName::Tick, &json!({ "ts": 1 }), None)
    }

    fn health() -> EventFrame {
        EventFrame::new(EventName::Health, &json!({}), None)
    }

    #[tokio::test(start_paused = true)]
    async fn frames_come_in_order_and_the_close_last() {
        let outbound = Outbound::default();
        outbound.send("first".to_owned());
        outbound.broadcast(&tick());
        outbound.close(Close::service_restart(), LINGER);
        outbound.close(Close::silent(), LINGER);
        outbound.send("never".to_owned());
        let messages = written(&outbound).await;
        assert_eq!(messages.len(), 3);
        assert_eq!(messages[0], Message::text("first"));
        let Message::Close(Some(frame)) = &messages[2] else { panic!("no close") };
        assert_eq!((u16::from(frame.code), frame.reason.as_str()), (1012, "service restart"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_client_misses_ticks_without_a_gap_in_the_numbers() {
        let outbound = Outbound::default();
        outbound.broadcast(&tick());
        outbound.send("x".repeat(MAX_BUFFERED + 1));
        assert!(
            !outbound.broadcast(&tick()) && !outbound.broadcast_unnumbered(&tick()),
            "missed, and counted so"
        );
        assert!(!outbound.is_closing());
        let before = written(&outbound).await;
        outbound.broadcast(&health());
        let after = written(&outbound).await;
        assert_eq!((seqs(&before), seqs(&after)), (vec![1], vec![2]));
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_client_that_would_miss_something_is_closed() {
        let outbound = Outbound::default();
        outbound.send("x".repeat(MAX_BUFFERED + 1));
        outbound.broadcast(&health());
        assert_eq!(outbound.close_reason(), Some(Close::policy("slow consumer")));
        assert!(matches!(written(&outbound).await[..], [Message::Close(Some(_))]));
        outbound.deadline().await;
    }

    #[tokio::test(start_paused = true)]
    async fn what_must_not_be_missed_closes_a_slow_client() {
        let outbound = Outbound::default();
        assert!(outbound.deliver(tick().numbered(1)));
        outbound.send("x".repeat(MAX_BUFFERED + 1));
        outbound.broadcast_unnumbered(&tick());
        assert!(!outbound.is_closing());
        assert!(!outbound.deliver(tick().numbered(2)));
        assert_eq!(outbound.close_reason(), Some(Close::policy("slow consumer")));
        assert!(!outbound.deliver(tick().numbered(2)));
    }

    #[tokio::test(start_paused = true)]
    async fn reading_waits_for_a_slow_client() {
        let outbound = Outbound::default();
        outbound.has_room().await;
        outbound.send("x".repeat(MAX_BUFFERED + 1));
        let waiting = tokio::time::timeout(Duration::from_secs(5), outbound.has_room());
        assert!(waiting.await.is_err());
        let ((), messages) = tokio::join!(outbound.has_room(), written(&outbound));
        assert_eq!(messages.len(), 1);
    }
}
