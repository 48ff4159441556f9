use std::path::PathBuf;

use serde_json::{Value, json};

use super::*;
use crate::profile::{EnvMap, ProfileName, ProfileRequest};
use crate::settings::{RunFlags, resolve};

struct Case {
    gateway: Value,
    flags: RunFlags,
    missing: bool,
    profile: Option<&'static str>,
}

fn configured(gateway: Value) -> Case {
    Case { gateway, flags: RunFlags::default(), missing: false, profile: None }
}

/// The same with `mode: local`.
fn local(mut gateway: Value) -> Case {
    gateway["mode"] = json!("local");
    configured(gateway)
}

#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "cases are written where they are used")]
fn check(case: Case, expected: Option<&str>) {
    let name = case.profile.map(|name| ProfileName::parse(name).unwrap());
    let request = ProfileRequest { name, ..ProfileRequest::default() };
    let paths = crate::profile::resolve(&request, &EnvMap::default(), Some(PathBuf::from("/home/you")))
        .unwrap()
        .paths;
    let config = Config::from_resolved(&json!({ "gateway": case.gateway }));
    let settings = resolve(&case.flags, &EnvMap::default(), &paths, &config).unwrap();
    let snapshot = ConfigSnapshot {
        path: paths.config_path.clone(),
        raw: None,
        hash: String::new(),
        files: Vec::new(),
        parsed: Value::Null,
        resolved: Value::Null,
        outcome: if case.missing { Outcome::Missing } else { Outcome::Valid },
        warnings: Vec::new(),
    };
    let found = guard(&settings, case.flags.allow_unconfigured, &config, &snapshot, &paths);
    let expected = expected.map(|message| Refusal { exit_code: 78, message: message.to_owned() });
    assert_eq!(found.err(), expected);
}

fn bind(mode: BindMode) -> RunFlags {
    RunFlags { bind: Some(mode), ..RunFlags::default() }
}

#[test]
fn the_mode_has_to_be_local() {
    let unset =
        "Gateway start blocked: set gateway.mode=local (current: unset) or pass --allow-unconfigured.";
    check(configured(json!({})), Some(unset));
    check(
        configured(json!({ "mode": "remote" })),
        Some("Gateway start blocked: set gateway.mode=local (current: remote) or pass --allow-unconfigured."),
    );
    check(local(json!({})), None);
    let allowed = RunFlags { allow_unconfigured: true, ..RunFlags::default() };
    check(Case { flags: allowed.clone(), ..configured(json!({})) }, None);
    check(Case { flags: allowed, missing: true, ..configured(json!({})) }, None);
}

#[test]
fn a_missing_configuration_comes_with_its_fix() {
    check(
        Case { missing: true, ..configured(json!({})) },
        Some(
            "Gateway start blocked: set gateway.mode=local (current: unset) or pass --allow-unconfigured.\n\
             No config at ~/.clawdbot/clawdbot.json. Run clawdbot onboard, or: clawdbot config set gateway.mode local",
        ),
    );
    check(
        Case { missing: true, profile: Some("work"), ..configured(json!({})) },
        Some(
            "Gateway start blocked: set gateway.mode=local (current: unset) or pass --allow-unconfigured.\n\
             No config at ~/.clawdbot-work/clawdbot.json. Run clawdbot --profile work onboard, \
             or: clawdbot --profile work config set gateway.mode local",
        ),
    );
}

#[test]
fn a_mode_needs_its_secret() {
    let token = "Gateway auth is set to token, but no token is configured.\n\
                 Set gateway.auth.token (or CLAWDBOT_GATEWAY_TOKEN), or pass --token.";
    check(local(json!({ "auth": { "mode": "token" } })), Some(token));
    check(local(json!({ "auth": { "mode": "token", "password": "p" } })), Some(token));
    check(local(json!({ "auth": { "mode": "token", "token": "t" } })), None);
    let misplaced = format!(
        "{token}\n\"gateway.remote.token\" is for remote CLI calls; it does not enable local gateway auth."
    );
    check(local(json!({ "auth": { "mode": "token" }, "remote": { "token": "t" } })), Some(&misplaced));

    let password = "Gateway auth is set to password, but no password is configured.\n\
                    Set gateway.auth.password (or CLAWDBOT_GATEWAY_PASSWORD), or pass --password.";
    let flags = RunFlags { auth: Some(AuthMode::Password), ..RunFlags::default() };
    check(Case { flags, ..local(json!({ "auth": { "token": "t" } })) }, Some(password));
    check(local(json!({ "auth": { "mode": "password", "password": "p" } })), None);
}

#[test]
fn nothing_but_loopback_is_bound_without_authentication() {
    for (mode, name) in [(BindMode::Lan, "lan"), (BindMode::Tailnet, "tailnet"), (BindMode::Custom, "custom")]
    {
        let text = format!(
            "Refusing to bind gateway to {name} without auth.\n\
             Set gateway.auth.token/password (or CLAWDBOT_GATEWAY_TOKEN/CLAWDBOT_GATEWAY_PASSWORD) \
             or pass --token/--password."
        );
        check(Case { flags: bind(mode), ..local(json!({})) }, Some(&text));
        check(Case { flags: bind(mode), ..local(json!({ "auth": { "token": "t" } })) }, None);
        check(Case { flags: bind(mode), ..local(json!({ "auth": { "password": "p" } })) }, None);
    }
    check(Case { flags: bind(BindMode::Auto), ..local(json!({})) }, None);
    check(
        local(json!({ "bind": "lan", "remote": { "token": "t" } })),
        Some(
            "Refusing to bind gateway to lan without auth.\n\
             Set gateway.auth.token/password (or CLAWDBOT_GATEWAY_TOKEN/CLAWDBOT_GATEWAY_PASSWORD) \
             or pass --token/--password.\n\
             \"gateway.remote.token\" is for remote CLI calls; it does not enable local gateway auth.",
        ),
    );
}

#[test]
fn tailscale_has_preconditions() {
    let funnel = "tailscale funnel requires gateway auth mode=password \
                  (set gateway.auth.password or CLAWDBOT_GATEWAY_PASSWORD)";
    check(local(json!({ "tailscale": { "mode": "funnel" }, "auth": { "token": "t" } })), Some(funnel));
    check(local(json!({ "tailscale": { "mode": "funnel" }, "auth": { "password": "p" } })), None);
    check(local(json!({ "tailscale": { "mode": "serve" } })), None);
    check(
        local(json!({ "tailscale": { "mode": "serve" }, "auth": { "token": "t" }, "bind": "lan" })),
        Some("tailscale serve/funnel requires gateway bind=loopback (127.0.0.1)"),
    );
}

#[test]
fn dev_mode_is_not_exposed() {
    let dev = |tailscale: Value, flag: Option<TailscaleMode>| Case {
        gateway: json!({ "mode": "local", "tailscale": tailscale }),
        flags: RunFlags { tailscale: flag, ..RunFlags::default() },
        missing: false,
        profile: Some("dev"),
    };
    let text = "Tailscale does not expose a gateway in dev mode.\n\
                Drop --tailscale, or set gateway.tailscale.mode=off. \
                To reach it from the tailnet anyway, run: tailscale serve --bg 19001";
    check(dev(json!({ "mode": "serve" }), None), Some(text));
    check(dev(json!({}), Some(TailscaleMode::Funnel)), Some(text));
    check(dev(json!({ "mode": "serve" }), Some(TailscaleMode::Off)), None);
}
