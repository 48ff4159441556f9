//! Flag > environment > config > default, for every setting, in one place.

use super::{GatewaySettings, Refusal, RunFlags, agent, auth, log, proxies, tailscale, tls};
use crate::config::Config;
use crate::profile::{EnvMap, ProfilePaths};

/// Resolves everything that a gateway runs with. Refuses only values that cannot be used at all; whether the
/// result may start is [`guard`](fn@super::guard)'s decision.
pub fn resolve(
    flags: &RunFlags,
    env: &EnvMap,
    paths: &ProfilePaths,
    config: &Config,
) -> Result<GatewaySettings, Refusal> {
    let gateway = &config.gateway;
    let tailscale = tailscale::resolve(flags, config)?;
    let auth = auth::resolve(flags, env, config, tailscale.mode)?;
    let log = log::resolve(flags, env, paths, config, &auth);
    Ok(GatewaySettings {
        port: flags.port.or_else(|| env.port()).or(gateway.port).unwrap_or(paths.default_port),
        bind: flags.bind.or(gateway.bind).unwrap_or_default(),
        custom_bind_host: gateway.custom_bind_host.clone(),
        auth,
        tailscale,
        tls: tls::tls(config, paths)?,
        trusted_proxies: proxies::resolve(&gateway.trusted_proxies)?,
        allowed_origins: gateway.control_ui.allowed_origins.clone(),
        allow_insecure_auth: gateway.control_ui.allow_insecure_auth.unwrap_or(false),
        model: agent::model(config),
        workspace: agent::configured_workspace(config, paths)
            .unwrap_or_else(|| paths.default_workspace.clone()),
        dev_mode: paths.dev_mode,
        log,
    })
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use serde_json::{Value, json};

    use super::*;
    use crate::profile::{self, ProfileRequest, vars};
    use crate::settings::{BindMode, TailscaleMode, TailscaleSettings};

    fn settings(flags: &RunFlags, env: &EnvMap, dev: bool, document: &Value) -> GatewaySettings {
        let request = ProfileRequest { dev_before_command: dev, ..ProfileRequest::default() };
        let paths =
            profile::resolve(&request, &EnvMap::default(), Some(PathBuf::from("/home/you"))).unwrap().paths;
        resolve(flags, env, &paths, &Config::from_resolved(document)).unwrap()
    }

    #[test]
    fn the_port_has_four_sources() {
        let check = |flag: Option<u16>, env: &str, config: &Value, dev: bool, expected: u16| {
            let flags = RunFlags { port: flag, ..RunFlags::default() };
            let env = EnvMap::from([(vars::GATEWAY_PORT, env)]);
            assert_eq!(settings(&flags, &env, dev, config).port, expected);
        };
        let config = json!({ "gateway": { "port": 3 } });
        check(Some(1), "2", &config, true, 1);
        check(Some(0), "2", &config, true, 0);
        check(None, "2", &config, true, 2);
        check(None, "2nd", &config, true, 2);
        for ignored in ["", "0", "-2", "two", "70000"] {
            check(None, ignored, &config, true, 3);
        }
        check(None, "", &json!({}), true, 19_001);
        check(None, "", &json!({}), false, 18_789);
    }

    #[test]
    fn defaults_are_the_published_ones() {
        let found = settings(&RunFlags::default(), &EnvMap::default(), false, &json!({}));
        assert_eq!(found.bind, BindMode::Loopback);
        assert_eq!(found.tailscale, TailscaleSettings::default());
        assert_eq!(found.workspace, Path::new("/home/you/clawd"));
        assert_eq!(found.model, "anthropic/claude-opus-4-5");
        assert!(!found.dev_mode && !found.allow_insecure_auth);
    }

    #[test]
    fn flags_beat_the_configuration() {
        let config = json!({ "gateway": { "bind": "lan", "tailscale": { "mode": "serve" } }  });
        let flags = RunFlags {
            bind: Some(BindMode::Auto),
            tailscale: Some(TailscaleMode::Off),
            ..RunFlags::default()
        };
        let found = settings(&flags, &EnvMap::default(), true, &config);
        assert_eq!((found.bind, found.tailscale.mode), (BindMode::Auto, TailscaleMode::Off));
        assert_eq!(found.workspace, Path::new("/home/you/clawd-dev"));
        assert!(found.dev_mode);
        let found = settings(&RunFlags::default(), &EnvMap::default(), true, &config);
        assert_eq!((found.bind, found.tailscale.mode), (BindMode::Lan, TailscaleMode::Serve));
    }
}
