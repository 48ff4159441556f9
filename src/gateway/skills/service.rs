//! How many read skills at the same time, and that one installs.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::platform::exec::Cancel;

/// Searches at the same time; each reads many files.
const READERS: usize = 2;

/// What is shared by everybody who asks about skills.
#[derive(Debug)]
pub(crate) struct Skills {
    reading: Arc<Semaphore>,
    installing: Arc<Semaphore>,
    /// Ends what is being installed when the gateway ends.
    cancel: Cancel,
}

impl Default for Skills {
    fn default() -> Self {
        let room = |count| Arc::new(Semaphore::new(count));
        Self { reading: room(READERS), installing: room(1), cancel: Cancel::default() }
    }
}

impl Skills {
    /// A turn to read; waits for it. Whoever reads keeps it until that is done, also when nobody waits any more.
    pub(crate) async fn read(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.reading).acquire_owned().await.ok()
    }

    /// The turn to install; `None` when somebody else keeps it for longer than `patience`.
    pub(crate) async fn install(&self, patience: Duration) -> Option<OwnedSemaphorePermit> {
        let turn = Arc::clone(&self.installing).acquire_owned();
        tokio::time::timeout(patience, turn).await.ok()?.ok()
    }

    /// Ends an installation that nobody can be told about any more.
    pub(crate) fn cancel(&self) -> Cancel {
        self.cancel.clone()
    }
}

impl Drop for Skills {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}
