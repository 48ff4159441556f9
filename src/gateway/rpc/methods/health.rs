//! `health`, `status` (`wire-protocol` D.1).

use std::sync::Arc;

use serde_json::{Value, json};

use super::models::{self, ModelRef};
use super::params;
use crate::gateway::context::Gateway;
use crate::gateway::rpc::Payload;
use crate::gateway::sessions::{self, Store};
use crate::protocol::error::RpcError;
use crate::protocol::limits::HEALTH_REFRESH_MS;

/// `health`: the cached summary when it is fresh enough (and refreshed behind), else a new one.
pub(crate) async fn health(gateway: &Gateway, params: &Value) -> Result<Payload, RpcError> {
    let probe = params["probe"] == true;
    let fresh = gateway
        .health
        .cached()
        .filter(|(_, taken_at_ms)| !probe && gateway.now_ms().abs_diff(*taken_at_ms) < HEALTH_REFRESH_MS);
    let summary = match fresh {
        Some((summary, _)) => {
            gateway.health.want();
            Some(summary)
        }
        None => gateway.health.refreshed().await,
    };
    summary
        .map(|summary| Payload::Shared(Arc::clone(&summary.text)))
        .ok_or_else(|| RpcError::unavailable("health summary not available"))
}

/// `status`.
pub(crate) async fn status(gateway: &Arc<Gateway>) -> Result<Value, RpcError> {
    let now_ms = gateway.now_ms();
    let live = gateway.live();
    let model = ModelRef::parse(&live.settings.model).id;
    let defaults = sessions::Defaults { model, context_tokens: models::context_tokens(&live) };
    let (roster, stores) = (Arc::clone(&live.roster), Arc::clone(&live.stores));
    let read: Vec<(String, Arc<Store>)> = params::off_thread(move || {
        stores.agents(&roster).into_iter().map(|agent| (agent.clone(), stores.read(&agent))).collect()
    })
    .await?;
    let all: Vec<(&str, &Store)> = read.iter().map(|(agent, store)| (agent.as_str(), &**store)).collect();
    let mut paths: Vec<String> =
        all.iter().map(|(_, store)| store.path.to_string_lossy().into_owned()).collect();
    paths.dedup();
    let by_agent = all.iter().map(|(agent, store)| {
        let (count, recent) = sessions::status_rows(&[(*agent, *store)], defaults, now_ms);
        json!({ "agentId": agent, "path": store.path, "count": count, "recent": recent })
    });
    // No heartbeat runs in this gateway, whatever the configuration asks for.
    let heartbeats = all.iter().map(
        |(agent, _)| json!({ "agentId": agent, "enabled": false, "every": "disabled", "everyMs": null }),
    );
    let (count, recent) = sessions::status_rows(&all, defaults, now_ms);
    Ok(json!({
        "heartbeat": {
            "defaultAgentId": live.roster.default_id(),
            "agents": heartbeats.collect::<Vec<_>>(),
        },
        "channelSummary": [],
        "queuedSystemEvents": gateway.system_events().texts(),
        "sessions": {
            "paths": paths,
            "count": count,
            "defaults": { "model": defaults.model, "contextTokens": defaults.context_tokens },
            "recent": recent,
            "byAgent": by_agent.collect::<Vec<_>>(),
        },
    }))
}
