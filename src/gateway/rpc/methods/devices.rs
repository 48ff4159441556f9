//! `device.pair.list` (`wire-protocol` D.7).

use serde_json::Value;

use crate::gateway::context::Gateway;
use crate::gateway::devices::Urgency;

/// `device.pair.list`: requests newest first, tokens redacted.
pub(crate) fn list(gateway: &Gateway) -> Value {
    let now_ms = gateway.now_ms();
    gateway.devices.with(|book| book.list(now_ms), |_| Urgency::Routine)
}
