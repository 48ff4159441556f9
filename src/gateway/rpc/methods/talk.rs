//! `talk.mode`, `voicewake.get`, `voicewake.set` (`wire-protocol` D.3).

use serde::Deserialize;
use serde_json::{Value, json};

use super::params::{self, off_thread};
use crate::gateway::connection::handshake::Session;
use crate::gateway::context::Gateway;
use crate::gateway::events::{EventFrame, EventName};
use crate::gateway::voicewake;
use crate::protocol::error::RpcError;
use crate::protocol::schemas;
use crate::protocol::validate::validate;

#[derive(Debug, Deserialize)]
struct TalkMode {
    enabled: bool,
    phase: Option<String>,
}

/// `talk.mode`: told to everybody. A page can only switch it on for a phone that is there; that is looked at before
/// the parameters are, as in the published gateway.
pub(crate) fn mode(gateway: &Gateway, session: &Session, params: Value) -> Result<Value, RpcError> {
    let is_page = session.client.mode == "webchat";
    if is_page && !gateway.clients.nodes().iter().any(|node| is_phone(&node.session)) {
        return Err(RpcError::unavailable("talk disabled: no connected iOS/Android nodes"));
    }
    validate(&schemas::TALK_MODE, &params).map_err(|violations| violations.into_error("talk.mode params"))?;
    let TalkMode { enabled, phase } = params::parse("talk.mode", params)?;
    let told = json!({ "enabled": enabled, "phase": phase, "ts": gateway.now_ms() });
    gateway.clients.broadcast(&EventFrame::new(EventName::TalkMode, &told, None));
    Ok(told)
}

fn is_phone(session: &Session) -> bool {
    let platform = session.client.platform.trim().to_lowercase();
    ["ios", "ipados", "android"].iter().any(|phone| platform.starts_with(phone))
}

/// `voicewake.get`.
pub(crate) async fn voicewake_get(gateway: &Gateway) -> Result<Value, RpcError> {
    let (path, now_ms) = (voicewake::path(&gateway.paths.state_dir), gateway.now_ms());
    let triggers = off_thread(move || voicewake::load(&path, now_ms)).await?;
    Ok(json!({ "triggers": triggers }))
}

/// `voicewake.set`: for good, and told to everybody.
pub(crate) async fn voicewake_set(gateway: &Gateway, params: &Value) -> Result<Value, RpcError> {
    let Some(given) = params["triggers"].as_array() else {
        return Err(RpcError::invalid("voicewake.set requires triggers: string[]"));
    };
    let triggers = voicewake::clean(given);
    let (path, now_ms) = (voicewake::path(&gateway.paths.state_dir), gateway.now_ms());
    let saved = triggers.clone();
    off_thread(move || voicewake::save(&path, &saved, now_ms))
        .await?
        .map_err(|error| RpcError::unavailable(format!("Error: failed to write the wake words: {error}")))?;
    let told = json!({ "triggers": triggers });
    gateway.clients.broadcast(&EventFrame::new(EventName::VoicewakeChanged, &told, None));
    Ok(told)
}
