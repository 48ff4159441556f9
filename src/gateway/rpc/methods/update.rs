//! `update.run` (`wire-protocol` D.2): refused.

use crate::protocol::error::RpcError;

/// The published gateway reinstalls its package and restarts, whether anything was installed or not.
pub(crate) fn run() -> RpcError {
    RpcError::unavailable(
        "this gateway does not update itself: replace its executable, then restart it (in dev mode that happens by itself)",
    )
}
