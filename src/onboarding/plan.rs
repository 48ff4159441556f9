//! What a person wants and what the configuration says → what to change. Pure.

use serde_json::{Value, json};

use crate::config::Config;
use crate::config::edit::{ConfigPath, Edit, Segment, lookup};
use crate::settings::{AuthMode, BindMode, Secret, TailscaleMode};

/// How clients shall authenticate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnboardAuth {
    /// Not at all.
    Off,
    /// Shared token.
    Token,
    /// Shared password.
    Password,
}

/// What a person wants; what is absent stays as it is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answers {
    pub(crate) port: Option<u16>,
    pub(crate) bind: Option<BindMode>,
    pub(crate) auth: Option<OnboardAuth>,
    pub(crate) token: Option<Secret>,
    pub(crate) password: Option<Secret>,
    pub(crate) tailscale: Option<TailscaleMode>,
    pub(crate) reset_on_exit: Option<bool>,
    pub(crate) workspace: Option<String>,
    /// Another token in place of the one that is set.
    pub(crate) renew_token: bool,
    /// What nobody has said stays, also where a gateway would not start with it.
    pub(crate) only_said: bool,
}

/// What to change.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) edits: Vec<Edit>,
    /// What differs from what was asked for, and why.
    pub(crate) notes: Vec<&'static str>,
    /// Whether the fresh token is used.
    pub(crate) token_made: bool,
}

/// Makes the plan. `written` is the document as it stands, `config` what it says, `fresh` a token that nobody knows.
/// The error is the published text.
pub(crate) fn plan(
    answers: &Answers,
    written: &Value,
    config: &Config,
    fresh: &Secret,
) -> Result<Plan, &'static str> {
    let gateway = &config.gateway;
    let mut notes = Vec::new();
    let tailscale = answers.tailscale.or(gateway.tailscale.mode).unwrap_or_default();
    let mut bind = answers.bind.or(gateway.bind).unwrap_or_default();
    if tailscale != TailscaleMode::Off && bind != BindMode::Loopback {
        bind = BindMode::Loopback;
        notes.push("Tailscale needs gateway.bind=loopback, so it is set to that.");
    }
    let present = present_auth(config);
    let mut auth =
        answers.auth.unwrap_or_else(|| if answers.only_said { present } else { usual(answers, config) });
    if tailscale == TailscaleMode::Funnel && auth != OnboardAuth::Password {
        auth = OnboardAuth::Password;
        notes.push("Tailscale Funnel needs a password, so gateway.auth.mode is set to that.");
    }
    if auth == OnboardAuth::Off && bind != BindMode::Loopback {
        auth = OnboardAuth::Token;
        notes.push("Others can reach gateway.bind, so gateway.auth.mode is set to token.");
    }

    let mut edits = Vec::new();
    if !answers.only_said || gateway.mode.is_none() {
        edits.push(set(&["gateway", "mode"], json!("local")));
    }
    edits.extend(answers.port.map(|port| set(&["gateway", "port"], json!(port))));
    if gateway.bind.unwrap_or_default() != bind || answers.bind.is_some() {
        edits.push(set(&["gateway", "bind"], json!(bind)));
    }
    let mut token_made = false;
    let auth_stays =
        answers.only_said && answers.auth.is_none() && answers.password.is_none() && auth == present;
    match auth {
        _ if auth_stays => {}
        OnboardAuth::Token => {
            edits.push(set(&["gateway", "auth", "mode"], json!("token")));
            let missing = answers.renew_token || !is_set(gateway.auth.token.as_ref());
            token_made = answers.token.is_none() && missing;
            let token = if token_made { Some(fresh) } else { answers.token.as_ref() };
            edits.extend(token.map(|token| set(&["gateway", "auth", "token"], json!(token))));
        }
        OnboardAuth::Password => {
            if answers.password.is_none() && !is_set(gateway.auth.password.as_ref()) {
                return Err("Missing --gateway-password for password auth.");
            }
            edits.push(set(&["gateway", "auth", "mode"], json!("password")));
            let password = answers.password.as_ref();
            edits.extend(password.map(|password| set(&["gateway", "auth", "password"], json!(password))));
        }
        OnboardAuth::Off => {
            let keys = ["mode", "token", "password"].map(|key| path(&["gateway", "auth", key]));
            let there = keys.into_iter().filter(|path| lookup(written, path).is_some());
            edits.extend(there.map(|path| Edit::Unset { path }));
        }
    }
    edits.extend(answers.tailscale.map(|mode| set(&["gateway", "tailscale", "mode"], json!(mode))));
    let reset_on_exit = answers.reset_on_exit;
    edits.extend(reset_on_exit.map(|reset| set(&["gateway", "tailscale", "resetOnExit"], json!(reset))));
    let workspace = answers.workspace.as_ref();
    edits.extend(workspace.map(|place| set(&["agents", "defaults", "workspace"], json!(place))));
    Ok(Plan { edits, notes, token_made })
}

/// How clients authenticate now.
pub(crate) fn present_auth(config: &Config) -> OnboardAuth {
    let auth = &config.gateway.auth;
    match auth.mode {
        Some(AuthMode::Password) => OnboardAuth::Password,
        Some(AuthMode::Token) => OnboardAuth::Token,
        Some(AuthMode::None) | None if is_set(auth.password.as_ref()) => OnboardAuth::Password,
        Some(AuthMode::None) | None if is_set(auth.token.as_ref()) => OnboardAuth::Token,
        Some(AuthMode::None) | None => OnboardAuth::Off,
    }
}

/// The mode when nobody says: the one that is configured, else what its secrets are for, else a token.
fn usual(answers: &Answers, config: &Config) -> OnboardAuth {
    let auth = &config.gateway.auth;
    match auth.mode {
        Some(AuthMode::Password) => OnboardAuth::Password,
        Some(AuthMode::Token) => OnboardAuth::Token,
        Some(AuthMode::None) | None => {
            let token = answers.token.is_some() || is_set(auth.token.as_ref());
            let password = answers.password.is_some() || is_set(auth.password.as_ref());
            if password && !token { OnboardAuth::Password } else { OnboardAuth::Token }
        }
    }
}

fn is_set(secret: Option<&Secret>) -> bool {
    secret.is_some_and(|secret| !secret.expose().trim().is_empty())
}

fn path(keys: &[&str]) -> ConfigPath {
    keys.iter().map(|key| Segment::Key((*key).to_owned())).collect()
}

fn set(keys: &[&str], value: Value) -> Edit {
    Edit::Set { path: path(keys), value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::edit::apply;

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "cases are written where they are used")]
    fn check(answers: &Answers, before: Value, expected: Result<Value, &str>, notes: usize) {
        let config = Config::from_resolved(&before);
        let found = plan(answers, &before, &config, &Secret::new("fresh")).map(|plan| {
            let mut after = before;
            plan.edits.iter().for_each(|edit| apply(&mut after, edit).unwrap());
            assert_eq!(plan.notes.len(), notes, "{:?}", plan.notes);
            after
        });
        assert_eq!(found, expected);
    }

    fn answers() -> Answers {
        Answers::default()
    }

    #[test]
    fn a_fresh_machine_gets_a_token_and_an_existing_one_stays() {
        let fresh = json!({ "gateway": { "mode": "local", "auth": { "mode": "token", "token": "fresh" } } });
        check(&answers(), json!({}), Ok(fresh.clone()), 0);
        check(&answers(), fresh.clone(), Ok(fresh), 0);
        check(
            &answers(),
            json!({ "gateway": { "auth": { "token": "mine" }, "port": 1 } }),
            Ok(
                json!({ "gateway": { "auth": { "token": "mine", "mode": "token" }, "port": 1, "mode": "local" } }),
            ),
            0,
        );
        let given = Answers { token: Some(Secret::new("given")), port: Some(2), ..answers() };
        check(
            &given,
            json!({ "gateway": { "auth": { "token": "mine" } } }),
            Ok(
                json!({ "gateway": { "auth": { "token": "given", "mode": "token" }, "port": 2, "mode": "local" } }),
            ),
            0,
        );
    }

    #[test]
    fn a_password_has_to_come_from_somewhere() {
        let wanted = Answers { auth: Some(OnboardAuth::Password), ..answers() };
        check(&wanted, json!({}), Err("Missing --gateway-password for password auth."), 0);
        let auth = json!({ "mode": "password", "password": "p" });
        let local = json!({ "gateway": { "mode": "local", "auth": auth } });
        check(&Answers { password: Some(Secret::new("p")), ..wanted }, json!({}), Ok(local.clone()), 0);
        check(&answers(), json!({ "gateway": { "auth": { "password": "p" } } }), Ok(local), 0);
    }

    #[test]
    fn what_contradicts_itself_is_put_right_and_said() {
        let serve = Answers {
            tailscale: Some(TailscaleMode::Serve),
            bind: Some(BindMode::Lan),
            token: Some(Secret::new("t")),
            ..answers()
        };
        check(
            &serve,
            json!({}),
            Ok(json!({ "gateway": {
                "mode": "local", "bind": "loopback", "auth": { "mode": "token", "token": "t" },
                "tailscale": { "mode": "serve" },
            } })),
            1,
        );
        let funnel = Answers { tailscale: Some(TailscaleMode::Funnel), ..answers() };
        check(&funnel, json!({}), Err("Missing --gateway-password for password auth."), 0);
        let open = Answers { auth: Some(OnboardAuth::Off), ..answers() };
        check(
            &Answers { bind: Some(BindMode::Lan), ..open.clone() },
            json!({}),
            Ok(json!({ "gateway": {
                "mode": "local", "bind": "lan", "auth": { "mode": "token", "token": "fresh" },
            } })),
            1,
        );
        let reached = Answers { bind: Some(BindMode::Lan), only_said: true, ..answers() };
        check(
            &reached,
            json!({ "gateway": { "mode": "local" } }),
            Ok(json!({ "gateway": {
                "mode": "local", "bind": "lan", "auth": { "mode": "token", "token": "fresh" },
            } })),
            1,
        );
        check(
            &open,
            json!({ "gateway": { "auth": { "mode": "token", "token": "t", "allowTailscale": false } } }),
            Ok(json!({ "gateway": { "auth": { "allowTailscale": false }, "mode": "local" } })),
            0,
        );
    }

    #[test]
    fn what_nobody_said_stays_when_only_that_shall_change() {
        let said = |answers: Answers| Answers { only_said: true, ..answers };
        for before in [
            json!({ "gateway": { "mode": "local" } }),
            json!({ "gateway": { "mode": "remote", "auth": { "token": "t" } } }),
            json!({ "gateway": { "mode": "local", "bind": "lan", "auth": { "password": "p" } } }),
        ] {
            check(&said(answers()), before.clone(), Ok(before), 0);
        }
        check(&said(answers()), json!({}), Ok(json!({ "gateway": { "mode": "local" } })), 0);
        let token = |token: &str| json!({ "gateway": { "mode": "local", "auth": { "mode": "token", "token": token } } });
        let another = Answers { auth: Some(OnboardAuth::Token), renew_token: true, ..answers() };
        check(&said(another), token("old"), Ok(token("fresh")), 0);
    }
}
