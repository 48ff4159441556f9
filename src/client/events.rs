//! What happens on a [`super::Client`], in the order in which it happens.

use std::time::Duration;

use tokio::sync::mpsc;

use super::connection::EventFrame;
use super::error::ClientError;
use crate::protocol::hello::HelloOk;

/// How many wait to be taken. When so many wait, what comes then is dropped and counted, and the next that finds room
/// is preceded by [`Happening::Missed`]: a slow reader delays nobody's answers.
const WAITING: usize = 1024;

/// Something that happened on a [`super::Client`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Happening {
    /// The gateway sent an event.
    Event(EventFrame),
    /// It is connected again. The first connection is not told: [`super::Client::connect`] returned it.
    Connected(Box<HelloOk>),
    /// Between the last connection and this one events may have been lost: the gateway replays none, or it no longer
    /// holds them all. Told after [`Happening::Connected`]; what was learnt from events is to be asked for anew.
    /// Without it, the events that were missed follow.
    Gap,
    /// The connection ended.
    Disconnected {
        /// Why.
        error: ClientError,
        /// When the next attempt is made; `None` when there is none, because it would fail again.
        retry_in: Option<Duration>,
    },
    /// So many were dropped here, because too many waited already.
    Missed(u64),
}

/// The stream of what happens. May be dropped: then nothing is kept.
#[derive(Debug)]
pub struct Events {
    receiver: mpsc::Receiver<Happening>,
}

/// The other end of the stream.
#[derive(Debug)]
pub(super) struct Teller {
    sender: mpsc::Sender<Happening>,
    missed: u64,
}

pub(super) fn events() -> (Teller, Events) {
    let (sender, receiver) = mpsc::channel(WAITING);
    (Teller { sender, missed: 0 }, Events { receiver })
}

impl Events {
    /// The next one; `None` once the client is dropped, or has given up. Cancel safe.
    pub async fn next(&mut self) -> Option<Happening> {
        self.receiver.recv().await
    }

    /// The next event of the gateway, whatever else happens before it. Cancel safe.
    pub async fn next_event(&mut self) -> Option<EventFrame> {
        loop {
            if let Happening::Event(event) = self.next().await? {
                return Some(event);
            }
        }
    }
}

impl Teller {
    /// Tells without waiting.
    pub(super) fn tell(&mut self, happening: Happening) {
        if self.missed > 0 {
            match self.sender.try_reserve_many(2) {
                Ok(mut places) => {
                    for next in [Happening::Missed(std::mem::take(&mut self.missed)), happening] {
                        if let Some(place) = places.next() {
                            place.send(next);
                        }
                    }
                }
                Err(_) => self.missed += 1,
            }
        } else if let Err(mpsc::error::TrySendError::Full(_)) = self.sender.try_send(happening) {
            self.missed = 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_finds_no_room_is_counted() {
        let (mut teller, mut events) = events();
        let event = |seq| {
            Happening::Event(EventFrame {
                event: "e".to_owned(),
                payload: serde_json::Value::Null,
                seq: Some(seq),
                state_version: None,
            })
        };
        let most = WAITING as u64;
        (0..most + 5).for_each(|seq| teller.tell(event(seq)));
        for expected in 0..2 {
            assert_eq!(events.next_event().await.unwrap().seq, Some(expected));
        }
        teller.tell(event(9_999));
        for expected in 2..most {
            assert_eq!(events.next_event().await.unwrap().seq, Some(expected));
        }
        assert!(matches!(events.next().await, Some(Happening::Missed(5))));
        assert_eq!(events.next_event().await.unwrap().seq, Some(9_999));
    }
}
