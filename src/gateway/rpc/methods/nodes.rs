//! `node.list` (`wire-protocol` D.6).

use serde_json::{Value, json};

use crate::gateway::context::Gateway;
use crate::gateway::devices::Urgency;
use crate::gateway::nodes;

/// `node.list`: connected nodes first, then by name.
pub(crate) fn list(gateway: &Gateway) -> Value {
    let connected = gateway.clients.nodes();
    let nodes = gateway.devices.with(|book| nodes::list(book.devices(), &connected), |_| Urgency::Routine);
    json!({ "ts": gateway.now_ms(), "nodes": nodes })
}
