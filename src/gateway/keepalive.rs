//! The one timer of a running gateway: `tick` every 30 seconds, a health refresh every other time. Without
//! clients it does not run, so that an idle gateway does nothing at all.

use std::time::Duration;

use serde_json::json;

use super::context::Gateway;
use super::events::{EventFrame, EventName};
use crate::protocol::limits::{HEALTH_REFRESH_MS, TICK_INTERVAL_MS};

/// Ticks while there are clients, until it is cancelled.
pub(crate) async fn tick(gateway: &Gateway) {
    loop {
        gateway.clients.some().await;
        tokio::select! {
            () = gateway.clients.none() => {}
            () = tick_clients(gateway) => {}
        }
    }
}

async fn tick_clients(gateway: &Gateway) {
    loop {
        tokio::time::sleep(Duration::from_millis(TICK_INTERVAL_MS)).await;
        let now_ms = gateway.now_ms();
        gateway.announce(&EventFrame::new(EventName::Tick, &json!({ "ts": now_ms }), None));
        let taken_at_ms = gateway.health.cached().map_or(0, |(_, taken_at_ms)| taken_at_ms);
        // Half a tick of tolerance, so that every second tick refreshes.
        if now_ms.abs_diff(taken_at_ms) + TICK_INTERVAL_MS / 2 >= HEALTH_REFRESH_MS {
            gateway.health.want();
        }
    }
}
