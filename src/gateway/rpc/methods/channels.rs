//! `channels.status` (`wire-protocol` D.3). No channel exists in this gateway, so every map is empty.

use serde_json::{Value, json};

use crate::gateway::context::Gateway;

/// `channels.status`.
pub(crate) fn status(gateway: &Gateway) -> Value {
    json!({
        "ts": gateway.now_ms(),
        "channelOrder": [],
        "channelLabels": {},
        "channelDetailLabels": {},
        "channelSystemImages": {},
        "channelMeta": [],
        "channels": {},
        "channelAccounts": {},
        "channelDefaultAccountId": {},
    })
}
