//! Exposure by Tailscale: mode, what happens at the end, and whether its identities count.

use super::ledger::{Ledger, Sourced, flag, written};
use super::{AuthMode, Refusal, RunFlags, TailscaleMode, TailscaleSettings};
use crate::config::Config;

/// Exit code of a wrong command line.
const USAGE: u8 = 2;

/// Resolves mode and end. A flag that was not given never overrides the configuration.
pub(super) fn resolve(
    flags: &RunFlags,
    config: &Config,
    ledger: &mut Ledger,
) -> Result<TailscaleSettings, Refusal> {
    let configured = &config.gateway.tailscale;
    let mode = flag("--tailscale", flags.tailscale)
        .or_config("gateway.tailscale.mode", configured.mode)
        .or_default(TailscaleMode::default());
    let mode = ledger.note("gateway.tailscale.mode", mode);
    if flags.tailscale_reset_on_exit && mode == TailscaleMode::Off {
        let message =
            "Use --tailscale-reset-on-exit with --tailscale serve or --tailscale funnel.".to_owned();
        return Err(Refusal { exit_code: USAGE, message });
    }
    let reset_on_exit = flag("--tailscale-reset-on-exit", flags.tailscale_reset_on_exit.then_some(true))
        .or_config("gateway.tailscale.resetOnExit", configured.reset_on_exit)
        .or_default(false);
    let reset_on_exit = ledger.note("gateway.tailscale.resetOnExit", reset_on_exit);
    Ok(TailscaleSettings { mode, reset_on_exit })
}

/// Whether an identity that Tailscale vouches for is enough: as configured, otherwise when Tailscale serves to the
/// tailnet and no password was asked for.
pub(super) fn allows_identity(config: &Config, mode: TailscaleMode, auth: AuthMode) -> Sourced<bool> {
    let configured = written("gateway.auth.allowTailscale", config.gateway.auth.allow_tailscale);
    match (mode, auth) {
        (TailscaleMode::Serve, AuthMode::Password) => configured.or_derived("a password is asked for", false),
        (TailscaleMode::Serve, _) => configured.or_derived("Tailscale serves the gateway", true),
        _ => configured.or_default(false),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn config(gateway: &Value) -> Config {
        Config::from_resolved(&json!({ "gateway": gateway }))
    }

    #[test]
    fn flags_beat_the_configuration_and_silence_does_not() {
        let check = |mode, reset, configured: Value, expected: (TailscaleMode, bool)| {
            let flags = RunFlags { tailscale: mode, tailscale_reset_on_exit: reset, ..RunFlags::default() };
            let found = resolve(&flags, &config(&json!({ "tailscale": configured })), &mut Ledger::default())
                .unwrap();
            assert_eq!((found.mode, found.reset_on_exit), expected);
        };
        let serve = json!({ "mode": "serve", "resetOnExit": true });
        check(None, false, json!({}), (TailscaleMode::Off, false));
        check(None, false, serve.clone(), (TailscaleMode::Serve, true));
        check(Some(TailscaleMode::Funnel), false, serve.clone(), (TailscaleMode::Funnel, true));
        check(Some(TailscaleMode::Off), false, serve, (TailscaleMode::Off, true));
        check(
            Some(TailscaleMode::Serve),
            true,
            json!({ "resetOnExit": false }),
            (TailscaleMode::Serve, true),
        );
    }

    #[test]
    fn an_end_of_nothing_is_a_mistake() {
        let flags = RunFlags { tailscale_reset_on_exit: true, ..RunFlags::default() };
        let refusal = resolve(&flags, &config(&json!({})), &mut Ledger::default()).unwrap_err();
        assert_eq!(
            (refusal.exit_code, refusal.message.as_str()),
            (2, "Use --tailscale-reset-on-exit with --tailscale serve or --tailscale funnel.")
        );
        assert!(
            resolve(&flags, &config(&json!({ "tailscale": { "mode": "serve" } })), &mut Ledger::default())
                .is_ok()
        );
    }

    #[test]
    fn identities_count_with_serve_unless_a_password_is_asked_for() {
        use AuthMode::{None, Password, Token};
        use TailscaleMode::{Funnel, Off, Serve};
        for (mode, auth, configured, expected) in [
            (Serve, None, json!({}), true),
            (Serve, Token, json!({}), true),
            (Serve, Password, json!({}), false),
            (Funnel, Password, json!({}), false),
            (Off, Token, json!({}), false),
            (Off, Token, json!({ "allowTailscale": true }), true),
            (Serve, Token, json!({ "allowTailscale": false }), false),
            (Serve, Password, json!({ "allowTailscale": true }), true),
        ] {
            let found = allows_identity(&config(&json!({ "auth": configured })), mode, auth).value;
            assert_eq!(found, expected, "{mode:?} {auth:?} {configured}");
        }
    }
}
