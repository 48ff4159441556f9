//! What clients ask of whoever runs the gateway: things that a gateway cannot do to itself.

use std::time::Duration;

use tokio::sync::mpsc;

/// A request to whoever runs the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// What is recorded has changed: [`Running::recording`](super::Running::recording) tells.
    Recording,
    /// Let the configuration count as it is on disk, whatever the reload mode is.
    ApplyConfig {
        /// Not before this time, so that clients read their answers.
        after: Duration,
    },
}

/// How many requests may wait. Each stands for what is so when it is looked at, so one that finds no room is
/// hardly missed.
const ROOM: usize = 8;

/// The asking side.
#[derive(Debug, Clone)]
pub(crate) struct Requests {
    sender: mpsc::Sender<Request>,
}

impl Requests {
    /// Both sides.
    pub(crate) fn new() -> (Self, mpsc::Receiver<Request>) {
        let (sender, receiver) = mpsc::channel(ROOM);
        (Self { sender }, receiver)
    }

    /// Asks. When too many requests wait already, they will do.
    pub(crate) fn ask(&self, request: Request) {
        if self.sender.try_send(request).is_err() {
            tracing::debug!(?request, "enough requests wait");
        }
    }
}
