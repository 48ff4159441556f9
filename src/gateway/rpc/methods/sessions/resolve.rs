//! `sessions.resolve` (`wire-protocol` D.4).

use std::sync::Arc;

use serde_json::{Value, json};

use super::super::params;
use super::list::every_store;
use crate::gateway::context::Gateway;
use crate::gateway::sessions::{self, SessionKey, Store, Wanted};
use crate::protocol::error::RpcError;

/// `sessions.resolve`: the key of the session that a key, an id, or a label means.
pub(crate) async fn resolve(gateway: &Arc<Gateway>, params: Value) -> Result<Value, RpcError> {
    let wanted: Wanted = params::parse("sessions.resolve", params)?;
    let live = gateway.live();
    let (roster, stores) = (Arc::clone(&live.roster), Arc::clone(&live.stores));
    let found = params::off_thread(move || {
        let mut read = every_store(&stores, &roster);
        // A key may name an agent that is not in the configuration any more.
        if let Some(key) = wanted.key.as_deref().and_then(|key| SessionKey::of(&roster, key)) {
            read.push(stores.read(&key.agent));
        }
        let read: Vec<&Store> = read.iter().map(|store| &**store).collect();
        sessions::resolve(&read, &roster, &wanted)
    })
    .await?;
    let key = found.map_err(|error| RpcError::invalid(error.to_string()))?;
    Ok(json!({ "ok": true, "key": key }))
}
