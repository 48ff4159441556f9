//! Every refusal to start, word for word.

use super::{AuthMode, BindMode, GatewaySettings, Refusal, TailscaleMode};
use crate::config::schema::GatewayMode;
use crate::config::{Config, ConfigSnapshot, Outcome};
use crate::profile::{ProfilePaths, shorten};

/// Exit code of every refusal here: starting again changes nothing.
const BLOCKED: u8 = 78;

/// Refuses a start that would be unsafe or pointless. `snapshot` is what `config` was read from.
pub fn guard(
    settings: &GatewaySettings,
    allow_unconfigured: bool,
    config: &Config,
    snapshot: &ConfigSnapshot,
    paths: &ProfilePaths,
) -> Result<(), Refusal> {
    let missing = snapshot.outcome == Outcome::Missing;
    refusal(settings, allow_unconfigured, config, missing, paths)
        .map_or(Ok(()), |message| Err(Refusal { exit_code: BLOCKED, message }))
}

/// The first text that applies, in the published order.
fn refusal(
    settings: &GatewaySettings,
    allow_unconfigured: bool,
    config: &Config,
    missing: bool,
    paths: &ProfilePaths,
) -> Option<String> {
    if !allow_unconfigured && config.gateway.mode != Some(GatewayMode::Local) {
        return Some(blocked(config, missing, paths));
    }
    let auth = &settings.auth;
    if auth.mode == AuthMode::Token && auth.token.is_none() {
        return Some(with_hints(
            "Gateway auth is set to token, but no token is configured.\n\
             Set gateway.auth.token (or CLAWDBOT_GATEWAY_TOKEN), or pass --token."
                .to_owned(),
            config,
        ));
    }
    if auth.mode == AuthMode::Password && auth.password.is_none() {
        return Some(with_hints(
            "Gateway auth is set to password, but no password is configured.\n\
             Set gateway.auth.password (or CLAWDBOT_GATEWAY_PASSWORD), or pass --password."
                .to_owned(),
            config,
        ));
    }
    if let Some(bind) = exposed(settings.bind)
        && auth.mode == AuthMode::None
    {
        return Some(with_hints(
            format!(
                "Refusing to bind gateway to {bind} without auth.\n\
                 Set gateway.auth.token/password (or CLAWDBOT_GATEWAY_TOKEN/CLAWDBOT_GATEWAY_PASSWORD) \
                 or pass --token/--password."
            ),
            config,
        ));
    }
    if settings.tailscale.mode != TailscaleMode::Off && settings.dev_mode {
        return Some(format!(
            "Tailscale does not expose a gateway in dev mode.\n\
             Drop --tailscale, or set gateway.tailscale.mode=off. \
             To reach it from the tailnet anyway, run: tailscale serve --bg {}",
            settings.port
        ));
    }
    if settings.tailscale.mode == TailscaleMode::Funnel && auth.mode != AuthMode::Password {
        return Some(
            "tailscale funnel requires gateway auth mode=password \
             (set gateway.auth.password or CLAWDBOT_GATEWAY_PASSWORD)"
                .to_owned(),
        );
    }
    if settings.tailscale.mode != TailscaleMode::Off && settings.bind != BindMode::Loopback {
        return Some("tailscale serve/funnel requires gateway bind=loopback (127.0.0.1)".to_owned());
    }
    None
}

fn blocked(config: &Config, missing: bool, paths: &ProfilePaths) -> String {
    let current = match config.gateway.mode {
        None => "unset",
        Some(GatewayMode::Remote) => "remote",
        Some(GatewayMode::Local) => "local",
    };
    let blocked = format!(
        "Gateway start blocked: set gateway.mode=local (current: {current}) or pass --allow-unconfigured."
    );
    if !missing {
        return blocked;
    }
    let config = shorten(&paths.config_path, &paths.home);
    let command = paths.command();
    format!(
        "{blocked}\nNo config at {config}. Run {command} onboard, or: {command} config set gateway.mode local"
    )
}

/// The name of a mode that must not be used without authentication. `auto` without it binds loopback alone.
fn exposed(bind: BindMode) -> Option<&'static str> {
    match bind {
        BindMode::Loopback | BindMode::Auto => None,
        BindMode::Lan | BindMode::Tailnet | BindMode::Custom => Some(bind.as_str()),
    }
}

/// Names a secret that stands where it does not count.
fn with_hints(text: String, config: &Config) -> String {
    let remote = &config.gateway.remote;
    [("token", remote.token.is_some()), ("password", remote.password.is_some())]
        .into_iter()
        .filter(|(_, misplaced)| *misplaced)
        .fold(text, |text, (key, _)| {
            format!(
                "{text}\n\"gateway.remote.{key}\" is for remote CLI calls; \
                 it does not enable local gateway auth."
            )
        })
}

#[cfg(test)]
mod tests;
