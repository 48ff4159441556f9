//! Flag > environment > config > default, for every setting, in one place. Each value is decided together with where
//! it comes from, so that what is explained is what is done.

use super::RecordingSettings;
use super::ledger::{Ledger, Setting, Source, Sourced, flag, written};
use super::{
    BindMode, GatewaySettings, Refusal, RunFlags, agent, auth, canvas, control_ui, hooks, log, proxies,
    reload, tailscale, tls,
};
use crate::config::Config;
use crate::profile::{EnvMap, ProfilePaths, vars};

/// Resolves everything that a gateway runs with. Refuses only values that cannot be used at all; whether the
/// result may start is [`guard`](fn@super::guard)'s decision.
pub fn resolve(
    flags: &RunFlags,
    env: &EnvMap,
    paths: &ProfilePaths,
    config: &Config,
) -> Result<GatewaySettings, Refusal> {
    decide(flags, env, paths, config, &mut Ledger::default())
}

/// The same, and every setting with where it comes from, in the order in which people look for them.
pub fn explain(
    flags: &RunFlags,
    env: &EnvMap,
    paths: &ProfilePaths,
    config: &Config,
) -> Result<(GatewaySettings, Vec<Setting>), Refusal> {
    let mut ledger = Ledger::default();
    places(paths, &mut ledger);
    let settings = decide(flags, env, paths, config, &mut ledger)?;
    reload::note(config, paths, &mut ledger);
    Ok((settings, ledger.settings()))
}

fn decide(
    flags: &RunFlags,
    env: &EnvMap,
    paths: &ProfilePaths,
    config: &Config,
    ledger: &mut Ledger,
) -> Result<GatewaySettings, Refusal> {
    let gateway = &config.gateway;
    let port = flag("--port", flags.port)
        .or_env(vars::GATEWAY_PORT, env.port())
        .or_config("gateway.port", gateway.port)
        .or_default(paths.default_port);
    let bind =
        flag("--bind", flags.bind).or_config("gateway.bind", gateway.bind).or_default(BindMode::default());
    let (port, bind) = (ledger.note("gateway.port", port), ledger.note("gateway.bind", bind));
    let host = written("gateway.customBindHost", gateway.custom_bind_host.clone());
    let custom_bind_host = ledger.note_optional("gateway.customBindHost", host);
    let tailscale = tailscale::resolve(flags, config, ledger)?;
    let auth = auth::resolve(flags, env, config, tailscale.mode, ledger)?;
    let tls = tls::tls(config, paths)?;
    ledger.note("gateway.tls.enabled", written("gateway.tls.enabled", gateway.tls.enabled).or_default(false));
    let hooks = hooks::resolve(config, ledger)?;
    let log = log::resolve(flags, env, paths, config, &auth, ledger);
    let ui = control_ui::resolve(env, paths, config, ledger);
    let control_ui = &gateway.control_ui;
    let insecure = written("gateway.controlUi.allowInsecureAuth", control_ui.allow_insecure_auth);
    let model = ledger.note("agents.defaults.model", agent::model(config));
    let workspace = agent::workspace(config, paths).or_default(paths.default_workspace.clone());
    let workspace = ledger.note("agents.defaults.workspace", workspace);
    Ok(GatewaySettings {
        port,
        bind,
        custom_bind_host,
        auth,
        tailscale,
        tls,
        trusted_proxies: proxies::resolve(
            &ledger.note("gateway.trustedProxies", texts("gateway.trustedProxies", &gateway.trusted_proxies)),
        )?,
        allowed_origins: ledger.note(
            "gateway.controlUi.allowedOrigins",
            texts("gateway.controlUi.allowedOrigins", &control_ui.allowed_origins),
        ),
        allow_insecure_auth: ledger.note("gateway.controlUi.allowInsecureAuth", insecure.or_default(false)),
        control_ui: ui,
        model,
        canvas: canvas::resolve(config, env, paths, &workspace, ledger),
        workspace,
        hooks,
        dev_mode: paths.dev_mode,
        log,
        recording: RecordingSettings {
            directory: flags.record.clone().unwrap_or_else(|| paths.recordings()),
            current: flags.recording.clone(),
            typed: flags.typed.clone(),
        },
    })
}

/// A list that is empty when nobody has written one.
fn texts(path: &str, list: &[String]) -> Sourced<Vec<String>> {
    written(path, Some(list.to_vec()).filter(|list| !list.is_empty())).or_default(Vec::new())
}

/// Where the profile keeps its files. That was decided before anything else was read (`profile::resolve`).
fn places(paths: &ProfilePaths, ledger: &mut Ledger) {
    let usual = match &paths.name {
        None => Source::Default,
        Some(_) => Source::Derived("the profile's name"),
    };
    let source =
        if paths.state_dir == paths.usual_state_dir() { usual } else { Source::Environment(vars::STATE_DIR) };
    let inside = paths.config_path.parent() == Some(&paths.state_dir);
    let config = if inside { source.clone() } else { Source::Environment(vars::CONFIG_PATH) };
    ledger.note("state directory", Sourced { value: paths.state_dir.clone(), source });
    ledger.note("configuration", Sourced { value: paths.config_path.clone(), source: config });
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use serde_json::{Value, json};

    use super::*;
    use crate::profile::{self, ProfileRequest};
    use crate::settings::{TailscaleMode, TailscaleSettings};

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
