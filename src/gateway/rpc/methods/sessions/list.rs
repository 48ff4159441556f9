//! `sessions.list` (`wire-protocol` D.4).

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};

use super::super::models::{self, ModelRef};
use super::super::params;
use crate::gateway::agents::Roster;
use crate::gateway::context::Gateway;
use crate::gateway::rpc::Payload;
use crate::gateway::sessions::{self, Filter, Row, Store, Stores};
use crate::protocol::error::RpcError;

/// The answer, in the published order.
#[derive(Debug, Serialize)]
struct Listing<'a> {
    ts: u64,
    path: String,
    count: usize,
    defaults: Value,
    sessions: Vec<Row<'a>>,
}

/// `sessions.list`: rows of all agents, or of the one that is asked for.
pub(crate) async fn list(gateway: &Arc<Gateway>, params: Value) -> Result<Payload, RpcError> {
    let filter: Filter = params::parse("sessions.list", params)?;
    let ts = gateway.now_ms();
    let live = gateway.live();
    let model = ModelRef::parse(&live.settings.model);
    let defaults = json!({
        "modelProvider": model.provider,
        "model": model.id,
        "contextTokens": models::context_tokens(&live),
    });
    let (roster, stores) = (Arc::clone(&live.roster), Arc::clone(&live.stores));
    let text = params::off_thread(move || {
        let read = every_store(&stores, &roster);
        let path = match read.as_slice() {
            [only] => only.path.to_string_lossy().into_owned(),
            _ => "(multiple)".to_owned(),
        };
        let stores: Vec<&Store> = read.iter().map(|store| &**store).collect();
        let sessions = sessions::list(&stores, &filter, ts);
        serde_json::to_string(&Listing { ts, path, count: sessions.len(), defaults, sessions })
    })
    .await?;
    text.map(Payload::Text).map_err(|error| RpcError::unavailable(format!("Error: {error}")))
}

/// The stores of all agents. Blocks.
pub(super) fn every_store(stores: &Stores, roster: &Roster) -> Vec<Arc<Store>> {
    let mut read: Vec<Arc<Store>> = Vec::new();
    for agent in stores.agents(roster) {
        let store = stores.read(&agent);
        // `session.store` may be one file for all agents.
        if !read.iter().any(|known| known.path == store.path) {
            read.push(store);
        }
    }
    read
}
