//! Credentials and authentication mode.

use super::ledger::{Ledger, Source, Sourced, flag};
use super::{AuthMode, AuthSettings, Refusal, RunFlags, Secret, TailscaleMode, tailscale};
use crate::config::Config;
use crate::profile::{EnvMap, vars};

/// Exit code of a wrong command line.
const USAGE: u8 = 2;

/// Exit code of a start that fails again until somebody changes something.
const BLOCKED: u8 = 78;

/// What a secret is used as; decides which characters it may hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Token,
    Password,
}

/// Resolves both secrets and the mode. The mode without an explicit one: password when there is a password, else
/// token when there is a token, else none.
pub(super) fn resolve(
    flags: &RunFlags,
    env: &EnvMap,
    config: &Config,
    exposure: TailscaleMode,
    ledger: &mut Ledger,
) -> Result<AuthSettings, Refusal> {
    let auth = &config.gateway.auth;
    let token = secret(
        Use::Token,
        &[
            (Source::Flag("--token"), flags.token.clone()),
            (Source::Environment(vars::GATEWAY_TOKEN), env.get(vars::GATEWAY_TOKEN).map(Secret::new)),
            (Source::Config("gateway.auth.token".to_owned()), auth.token.clone()),
        ],
    )?;
    let password = secret(
        Use::Password,
        &[
            (Source::Flag("--password"), flags.password.clone()),
            (Source::Environment(vars::GATEWAY_PASSWORD), env.get(vars::GATEWAY_PASSWORD).map(Secret::new)),
            (Source::Config("gateway.auth.password".to_owned()), auth.password.clone()),
        ],
    )?;
    let mode = flag("--auth", flags.auth).or_config("gateway.auth.mode", auth.mode);
    let mode = match (&password, &token) {
        (Some(_), _) => mode.or_derived("a password is set", AuthMode::Password),
        (None, Some(_)) => mode.or_derived("a token is set", AuthMode::Token),
        (None, None) => mode.or_derived("neither token nor password is set", AuthMode::None),
    };
    let mode = ledger.note("gateway.auth.mode", mode);
    let token = ledger.note_secret("gateway.auth.token", token);
    let password = ledger.note_secret("gateway.auth.password", password);
    let allow_tailscale =
        ledger.note("gateway.auth.allowTailscale", tailscale::allows_identity(config, exposure, mode));
    Ok(AuthSettings { mode, token, password, allow_tailscale })
}

/// The first of the sources that has the secret. A blank value in the configuration counts as unset, on the
/// command line as a mistake.
fn secret(kind: Use, sources: &[(Source, Option<Secret>)]) -> Result<Option<Sourced<Secret>>, Refusal> {
    for (source, secret) in sources {
        let Some(secret) = secret else { continue };
        let flag = matches!(source, Source::Flag(_));
        let text = secret.expose();
        if text.trim().is_empty() && !flag {
            continue;
        }
        let problem = if text.trim().is_empty() {
            "must not be empty"
        } else if kind == Use::Token && text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            "must not contain spaces, line breaks, or control characters"
        } else if text.contains(char::is_control) {
            "must not contain line breaks or control characters"
        } else {
            return Ok(Some(Sourced { value: secret.clone(), source: source.clone() }));
        };
        let exit_code = if flag { USAGE } else { BLOCKED };
        return Err(Refusal { exit_code, message: format!("{} {problem}.", source.name()) });
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn run(flags: &RunFlags, env: &EnvMap, gateway: &Value) -> Result<AuthSettings, Refusal> {
        let config = Config::from_resolved(&json!({ "gateway": gateway }));
        resolve(flags, env, &config, TailscaleMode::Off, &mut Ledger::default())
    }

    #[track_caller]
    fn check(
        flags: &RunFlags,
        env: &[(&str, &str)],
        auth: &Value,
        expected: (AuthMode, Option<&str>, Option<&str>),
    ) {
        let mut variables = EnvMap::default();
        for (name, value) in env {
            variables.set(name, value);
        }
        let found = run(flags, &variables, &json!({ "auth": auth })).unwrap();
        let text = |secret: &Option<Secret>| secret.as_ref().map(|secret| secret.expose().to_owned());
        let (mode, token, password) = expected;
        assert_eq!(
            (found.mode, text(&found.token), text(&found.password)),
            (mode, token.map(str::to_owned), password.map(str::to_owned))
        );
    }

    fn token(text: &str) -> RunFlags {
        RunFlags { token: Some(Secret::new(text)), ..RunFlags::default() }
    }

    #[test]
    fn a_flag_beats_the_environment_beats_the_configuration() {
        let env = [(vars::GATEWAY_TOKEN, " env "), (vars::GATEWAY_PASSWORD, "")];
        let config = json!({ "token": "config" });
        check(&token("flag"), &env, &config, (AuthMode::Token, Some("flag"), None));
        check(&RunFlags::default(), &env, &config, (AuthMode::Token, Some("env"), None));
        check(&RunFlags::default(), &[], &config, (AuthMode::Token, Some("config"), None));
        check(&RunFlags::default(), &[], &json!({}), (AuthMode::None, None, None));
    }

    #[test]
    fn the_mode_follows_from_what_is_set_unless_it_is_set() {
        let both = json!({ "token": "t", "password": "p" });
        check(&RunFlags::default(), &[], &both, (AuthMode::Password, Some("t"), Some("p")));
        let explicit = json!({ "mode": "token", "token": "t", "password": "p" });
        check(&RunFlags::default(), &[], &explicit, (AuthMode::Token, Some("t"), Some("p")));
        let flag = RunFlags { auth: Some(AuthMode::Password), ..RunFlags::default() };
        check(&flag, &[], &explicit, (AuthMode::Password, Some("t"), Some("p")));
        check(&RunFlags::default(), &[], &json!({ "token": " " }), (AuthMode::None, None, None));
    }

    #[test]
    fn what_cannot_be_a_secret_is_refused_without_repeating_it() {
        let check = |flags: &RunFlags, env: &EnvMap, auth: Value, exit_code: u8, message: &str| {
            let refusal = run(flags, env, &json!({ "auth": auth })).unwrap_err();
            assert_eq!((refusal.exit_code, refusal.message.as_str()), (exit_code, message));
        };
        let none = EnvMap::default();
        check(&token(""), &none, json!({}), 2, "--token must not be empty.");
        let spaces = "--token must not contain spaces, line breaks, or control characters.";
        check(&token("a b"), &none, json!({}), 2, spaces);
        check(&token("a\n"), &none, json!({}), 2, spaces);
        let password = RunFlags { password: Some(Secret::new("two words\n")), ..RunFlags::default() };
        check(
            &password,
            &none,
            json!({}),
            2,
            "--password must not contain line breaks or control characters.",
        );
        check(
            &RunFlags::default(),
            &EnvMap::from([(vars::GATEWAY_TOKEN, "a b")]),
            json!({}),
            78,
            "CLAWDBOT_GATEWAY_TOKEN must not contain spaces, line breaks, or control characters.",
        );
        check(
            &RunFlags::default(),
            &none,
            json!({ "token": "a\tb" }),
            78,
            "gateway.auth.token must not contain spaces, line breaks, or control characters.",
        );
        let words = RunFlags { password: Some(Secret::new("two words")), ..RunFlags::default() };
        assert_eq!(run(&words, &none, &json!({})).unwrap().mode, AuthMode::Password);
    }
}
