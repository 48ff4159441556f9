//! `sessions.list` (`wire-protocol` D.4).

use std::sync::Arc;

use serde_json::{Value, json};

use super::super::models::{self, ModelRef};
use super::super::params;
use crate::gateway::agents::Roster;
use crate::gateway::context::Gateway;
use crate::gateway::rpc::Payload;
use crate::gateway::sessions::{self, Filter, Store, Stores};
use crate::protocol::error::RpcError;

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
        let rows = sessions::list(&stores, &filter, ts);
        let mut text =
            json!({ "ts": ts, "path": path, "count": rows.len(), "defaults": defaults }).to_string();
        text.truncate(text.len() - 1);
        text.push_str(r#","sessions":"#);
        sessions::append_rows(&mut text, &rows);
        text.push('}');
        text
    });
    text.await.map(Payload::Text)
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
