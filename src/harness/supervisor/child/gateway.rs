//! The handle of a generation: our own gateway as a child, with commands on its standard input.

use std::sync::{Arc, OnceLock};

use tokio::sync::{mpsc, watch};

use crate::harness::ipc::SupervisorCommand;

/// Commands that may wait for a child that does not read. A child that is so far behind hangs.
pub(super) const COMMAND_QUEUE: usize = 16;

/// A generation that was launched. None of the methods waits. Dropping it kills the generation.
#[derive(Debug)]
pub struct GenerationHandle {
    pub(super) commands: mpsc::Sender<Vec<u8>>,
    pub(super) wish: watch::Sender<Wish>,
    pub(super) pid: Arc<OnceLock<u32>>,
}

/// What shall become of the generation. Only ever grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wish {
    Live,
    Terminate,
    Kill,
}

/// Why a command was not sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The child has not read its last commands, so it hangs.
    #[error("failed to send a command to the gateway: it does not read")]
    Full,
    /// The child has closed its standard input or ended.
    #[error("failed to send a command to the gateway: it does not listen any more")]
    Gone,
    /// The command cannot be written as JSON.
    #[error("failed to write a command for the gateway: {0}")]
    Encode(#[from] serde_json::Error),
}

impl GenerationHandle {
    /// Queues a command for the child, which may not even have started yet.
    pub fn send(&self, command: &SupervisorCommand) -> Result<(), SendError> {
        let mut line = serde_json::to_vec(command)?;
        line.push(b'\n');
        self.commands.try_send(line).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => SendError::Full,
            mpsc::error::TrySendError::Closed(_) => SendError::Gone,
        })
    }

    /// Asks the child and its process group to end (SIGTERM).
    pub fn terminate(&self) {
        self.wish(Wish::Terminate);
    }

    /// Kills everything that belongs to the generation.
    pub fn kill(&self) {
        self.wish(Wish::Kill);
    }

    /// The child's process id, once it runs; stays what it was when the child has ended.
    pub fn pid(&self) -> Option<u32> {
        self.pid.get().copied()
    }

    fn wish(&self, wish: Wish) {
        self.wish.send_if_modified(|current| {
            let grows = *current < wish;
            *current = (*current).max(wish);
            grows
        });
    }
}
