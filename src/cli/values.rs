//! Option values: text → type, once, at the edge. A value outside a closed set is refused with the legal ones.

use std::convert::Infallible;

use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::args::EventsFormat;
use crate::config::edit::{ConfigPath, PathError};
use crate::config::schema::LogLevel;
use crate::onboarding::OnboardAuth;
use crate::settings::{AuthMode, BindMode, Secret, TailscaleMode, WsLog};

/// Parser of a closed set: the names, and what each means.
fn closed<T>(set: &'static [(&'static str, T)]) -> impl TypedValueParser<Value = T> + use<T>
where
    T: Copy + Send + Sync + 'static,
{
    PossibleValuesParser::new(set.iter().map(|(name, _)| *name)).try_map(move |text| {
        set.iter().find_map(|(name, value)| (*name == text).then_some(*value)).ok_or("not a legal value")
    })
}

pub(super) fn bind_mode() -> impl TypedValueParser<Value = BindMode> {
    closed(&[
        ("loopback", BindMode::Loopback),
        ("lan", BindMode::Lan),
        ("tailnet", BindMode::Tailnet),
        ("auto", BindMode::Auto),
        ("custom", BindMode::Custom),
    ])
}

pub(super) fn auth_mode() -> impl TypedValueParser<Value = AuthMode> {
    closed(&[("token", AuthMode::Token), ("password", AuthMode::Password)])
}

pub(super) fn onboard_auth() -> impl TypedValueParser<Value = OnboardAuth> {
    closed(&[("token", OnboardAuth::Token), ("password", OnboardAuth::Password), ("off", OnboardAuth::Off)])
}

pub(super) fn tailscale_mode() -> impl TypedValueParser<Value = TailscaleMode> {
    closed(&[("off", TailscaleMode::Off), ("serve", TailscaleMode::Serve), ("funnel", TailscaleMode::Funnel)])
}

pub(super) fn log_level() -> impl TypedValueParser<Value = LogLevel> {
    closed(&[
        ("silent", LogLevel::Silent),
        ("fatal", LogLevel::Fatal),
        ("error", LogLevel::Error),
        ("warn", LogLevel::Warn),
        ("info", LogLevel::Info),
        ("debug", LogLevel::Debug),
        ("trace", LogLevel::Trace),
    ])
}

pub(super) fn ws_log() -> impl TypedValueParser<Value = WsLog> {
    closed(&[("auto", WsLog::Auto), ("full", WsLog::Full), ("compact", WsLog::Compact)])
}

pub(super) fn events_format() -> impl TypedValueParser<Value = EventsFormat> {
    closed(&[("json", EventsFormat::Json)])
}

/// A port; the text of the mistake names the legal ones.
pub(super) fn port(text: &str) -> Result<u16, String> {
    text.parse().map_err(|_| "not a port; use a number from 1 to 65535, or 0 for a free one".to_owned())
}

/// Never fails here: clap would print the secret. `settings` refuses what cannot be one.
#[expect(clippy::unnecessary_wraps, reason = "the form that clap calls")]
pub(super) fn secret(text: &str) -> Result<Secret, Infallible> {
    Ok(Secret::new(text))
}

pub(super) fn config_path(text: &str) -> Result<ConfigPath, PathError> {
    ConfigPath::parse(text)
}

pub(super) fn json(text: &str) -> Result<serde_json::Value, String> {
    serde_json::from_str(text).map_err(|error| format!("not JSON: {error}"))
}
