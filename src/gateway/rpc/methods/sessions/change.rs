//! What the changes of sessions have in common: whose store, under which key, and how refusals are told.

use std::sync::Arc;

use super::super::params;
use crate::gateway::agents::Roster;
use crate::gateway::context::Gateway;
use crate::gateway::sessions::{Document, OutsideError, PatchError, SessionKey, StoreError};
use crate::protocol::error::RpcError;

/// Why a session was not changed.
#[derive(Debug, thiserror::Error)]
pub(super) enum ChangeError {
    #[error("key required")]
    NoKey,
    #[error("Cannot delete the main session ({0}).")]
    Main(String),
    #[error(transparent)]
    Patch(#[from] PatchError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Outside(#[from] OutsideError),
    #[error("session not found")]
    NoSession,
    #[error("transcript file not found")]
    NoTranscript,
    #[error("failed to write transcript: {path}: {source}")]
    Append { path: String, source: std::io::Error },
    #[error("failed to compact {path}: {source}")]
    Compact { path: String, source: std::io::Error },
}

impl ChangeError {
    /// As clients are told: what they asked for, or what stands in the way here.
    fn into_rpc(self) -> RpcError {
        let message = self.to_string();
        match self {
            Self::NoKey | Self::Main(_) | Self::Patch(_) | Self::NoSession | Self::NoTranscript => {
                RpcError::invalid(message)
            }
            Self::Store(_) | Self::Outside(_) | Self::Compact { .. } | Self::Append { .. } => {
                RpcError::unavailable(message)
            }
        }
    }
}

/// Lets `work` change the store of the session that a key means, off the runtime's thread.
pub(super) async fn change<T: Send + 'static>(
    gateway: &Arc<Gateway>,
    given: String,
    work: impl FnOnce(&mut Document, &SessionKey, &Roster) -> Result<T, ChangeError> + Send + 'static,
) -> Result<T, RpcError> {
    let live = gateway.live();
    let key = SessionKey::of(&live.roster, &given).ok_or_else(|| ChangeError::NoKey.into_rpc())?;
    let (roster, stores) = (Arc::clone(&live.roster), Arc::clone(&live.stores));
    let changed = params::off_thread(move || stores.edit(&key.agent, |store| work(store, &key, &roster)));
    changed.await?.map_err(ChangeError::into_rpc)
}
