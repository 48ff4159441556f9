//! Waiting for a moment that may not be set.

use tokio::time::Instant;

/// Resolves at `moment`; never without one.
pub(super) async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
