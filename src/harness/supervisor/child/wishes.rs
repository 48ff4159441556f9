//! What the holder of a generation's handle wants, as orders to its keeper.

use std::future::pending;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::gateway::Wish;
use crate::harness::keeper::Order;

/// After an order to kill: how long a keeper may take until it is killed itself. Longer than it takes to give up
/// on processes that do not die.
const KEEPER_LIMIT: Duration = Duration::from_secs(7);

/// The wishes, each reported once.
#[derive(Debug)]
pub(super) struct Wishes {
    receiver: watch::Receiver<Wish>,
    deadline: Option<Instant>,
}

/// What [`Wishes::next`] has to say.
#[derive(Debug)]
pub(super) enum Wanted {
    /// Send this.
    Order(Order),
    /// Give up waiting for the keeper.
    Overdue,
}

impl Wishes {
    pub(super) fn new(receiver: watch::Receiver<Wish>) -> Self {
        Self { receiver, deadline: None }
    }

    /// The next order, or that the keeper should long have obeyed the last one. Cancel-safe.
    pub(super) async fn next(&mut self) -> Wanted {
        tokio::select! {
            () = overdue(self.deadline) => Wanted::Overdue,
            order = self.next_order() => Wanted::Order(order),
        }
    }

    /// The next order. There is none after the order to kill. A handle that was dropped without a word wishes to
    /// kill: no child without an owner. Cancel-safe.
    pub(super) async fn next_order(&mut self) -> Order {
        while self.deadline.is_none() {
            let wish = match self.receiver.changed().await {
                Ok(()) => *self.receiver.borrow_and_update(),
                Err(_) => Wish::Kill,
            };
            match wish {
                Wish::Live => {}
                Wish::Terminate => return Order::Terminate,
                Wish::Kill => return self.kill(),
            }
        }
        pending().await
    }

    /// The order to kill, without anybody's wish.
    pub(super) fn kill(&mut self) -> Order {
        self.deadline.get_or_insert_with(|| Instant::now() + KEEPER_LIMIT);
        Order::Kill
    }

    /// Returns when the keeper should long have obeyed. Cancel-safe.
    pub(super) async fn overdue(&self) {
        overdue(self.deadline).await;
    }
}

async fn overdue(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => pending().await,
    }
}
