//! `tts.*` (`wire-protocol` D.3): the preferences are kept for whoever speaks, which this gateway does not.

use serde_json::{Value, json};

use super::params::off_thread;
use crate::gateway::context::Gateway;
use crate::gateway::tts::{self, Prefs};
use crate::protocol::error::RpcError;

/// `tts.status`.
pub(crate) async fn status(gateway: &Gateway) -> Result<Value, RpcError> {
    let prefs = prefs(gateway).await?;
    Ok(json!({
        "enabled": prefs.auto != "off",
        "auto": prefs.auto,
        "provider": prefs.provider,
        "fallbackProvider": null,
        "fallbackProviders": [],
        "prefsPath": tts::path(&gateway.paths.state_dir),
        "hasOpenAIKey": false,
        "hasElevenLabsKey": false,
        "edgeEnabled": false,
    }))
}

/// `tts.providers`: the published ones, none of them to be had here.
pub(crate) async fn providers(gateway: &Gateway) -> Result<Value, RpcError> {
    let prefs = prefs(gateway).await?;
    let provider =
        |id: &str, name: &str| json!({ "id": id, "name": name, "configured": false, "models": [] });
    Ok(json!({
        "providers": [
            provider("openai", "OpenAI"),
            provider("elevenlabs", "ElevenLabs"),
            provider("edge", "Edge TTS"),
        ],
        "active": prefs.provider,
    }))
}

/// `tts.enable` and `tts.disable`.
pub(crate) async fn set_enabled(gateway: &Gateway, enabled: bool) -> Result<Value, RpcError> {
    change(gateway, "auto", if enabled { "always" } else { "off" }.to_owned()).await?;
    Ok(json!({ "enabled": enabled }))
}

/// `tts.setProvider`.
pub(crate) async fn set_provider(gateway: &Gateway, params: &Value) -> Result<Value, RpcError> {
    let provider = params["provider"].as_str().map(|provider| provider.trim().to_lowercase());
    let Some(provider) = provider.filter(|provider| tts::PROVIDERS.contains(&provider.as_str())) else {
        return Err(RpcError::invalid("Invalid provider. Use openai, elevenlabs, or edge.")
            .with_details(json!({ "allowed": tts::PROVIDERS })));
    };
    change(gateway, "provider", provider.clone()).await?;
    Ok(json!({ "provider": provider }))
}

/// `tts.convert`.
pub(crate) fn convert(params: &Value) -> RpcError {
    if params["text"].as_str().is_none_or(|text| text.trim().is_empty()) {
        return RpcError::invalid("tts.convert requires text");
    }
    RpcError::unavailable("no text-to-speech provider is part of this gateway")
}

async fn prefs(gateway: &Gateway) -> Result<Prefs, RpcError> {
    let (path, now_ms) = (tts::path(&gateway.paths.state_dir), gateway.now_ms());
    off_thread(move || tts::load(&path, now_ms)).await
}

async fn change(gateway: &Gateway, name: &'static str, value: String) -> Result<(), RpcError> {
    let (path, now_ms) = (tts::path(&gateway.paths.state_dir), gateway.now_ms());
    let _writing = gateway.settings_files.lock().await;
    off_thread(move || tts::set(&path, name, value, now_ms)).await?.map_err(|error| {
        RpcError::unavailable(format!("Error: failed to write the speech settings: {error}"))
    })
}
