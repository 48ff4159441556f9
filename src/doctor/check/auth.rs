//! Who may connect, and what they need for it.

use crate::config::schema::GatewayMode;
use crate::doctor::facts::{ConfigFacts, Facts};
use crate::doctor::finding::Finding;
use crate::settings::{AuthMode, BindMode, GatewaySettings, Secret, TailscaleMode};

/// Shorter secrets can be guessed.
const SHORT: usize = 16;
/// Secrets that everybody tries first.
const COMMON: [&str; 8] = ["admin", "changeme", "clawdbot", "letmein", "password", "secret", "test", "token"];

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(config) = &facts.config else { return Vec::new() };
    if config.config.gateway.mode == Some(GatewayMode::Remote) {
        return Vec::new();
    }
    let mut findings: Vec<Finding> = refused(config, facts).into_iter().collect();
    findings.extend(in_command_line(facts));
    if config.other_token {
        findings.push(
            Finding::info("token-overridden", "CLAWDBOT_GATEWAY_TOKEN differs from gateway.auth.token")
                .why("The environment counts. Whoever does not have it is refused by the gateway that does.")
                .command(facts.own("config explain")),
        );
    }
    let Some(settings) = &config.settings else { return findings };
    if settings.auth.mode == AuthMode::None && !settings.dev_mode && config.refusal.is_none() {
        findings.push(
            Finding::warning("auth-off", "the gateway asks for neither token nor password")
                .why("Every program and every user of this machine can have agents run commands.")
                .command(facts.own("onboard --non-interactive --accept-risk --gateway-auth token")),
        );
    }
    findings.extend(weak(settings, facts));
    findings.extend(hook_token(settings, facts));
    if settings.allow_insecure_auth {
        findings.push(
            Finding::warning("insecure-auth", "gateway.controlUi.allowInsecureAuth is true")
                .why("The Control UI gets in with the token alone, from a page that anybody may have changed on its way.")
                .command(facts.own("config set gateway.controlUi.allowInsecureAuth false")),
        );
    }
    if config.refusal.is_none()
        && is_exposed(settings)
        && settings.tls.is_none()
        && settings.bind != BindMode::Tailnet
    {
        findings.push(
            Finding::info("plain-text", "others in the network reach the gateway without TLS")
                .why("Tokens and conversations can be read on their way.")
                .command(facts.own("config set gateway.tls.enabled true")),
        );
    }
    findings
}

/// Whether others than this machine get to it.
fn is_exposed(settings: &GatewaySettings) -> bool {
    match settings.bind {
        BindMode::Loopback => false,
        BindMode::Auto => settings.auth.mode != AuthMode::None,
        BindMode::Lan | BindMode::Tailnet | BindMode::Custom => true,
    }
}

fn refused(config: &ConfigFacts, facts: &Facts<'_>) -> Option<Finding> {
    let text = config.refusal.as_ref()?;
    let (message, rest) = text.split_once('\n').unwrap_or((text, ""));
    let finding = Finding::error("start-refused", message.trim_end_matches('.'))
        .why("A gateway does not start like that.");
    let onboard = |auth: &str| facts.own(&format!("onboard --gateway-auth {auth}"));
    Some(match &config.settings {
        Some(settings) if settings.tailscale.mode != TailscaleMode::Off && settings.dev_mode => {
            finding.command(facts.own("config set gateway.tailscale.mode off"))
        }
        Some(settings) if settings.auth.mode == AuthMode::Password && settings.auth.password.is_none() => {
            finding.command(onboard("password"))
        }
        Some(settings) if settings.auth.mode == AuthMode::None && is_exposed(settings) => {
            finding.command(onboard("token"))
        }
        Some(settings) if settings.auth.mode == AuthMode::Token && settings.auth.token.is_none() => {
            finding.command(onboard("token"))
        }
        Some(settings)
            if settings.tailscale.mode == TailscaleMode::Funnel
                && settings.auth.mode != AuthMode::Password =>
        {
            finding.command(onboard("password"))
        }
        Some(settings) if settings.tailscale.mode != TailscaleMode::Off => {
            finding.command(facts.own("config set gateway.bind loopback"))
        }
        _ if rest.is_empty() => finding.command(facts.own("config explain")),
        _ => finding.advice(rest.replace('\n', " ").trim_end_matches('.')),
    })
}

fn weak(settings: &GatewaySettings, facts: &Facts<'_>) -> Option<Finding> {
    let auth = &settings.auth;
    let (secret, name) = match auth.mode {
        AuthMode::None => return None,
        AuthMode::Token => (auth.token.as_ref()?, "token"),
        AuthMode::Password => (auth.password.as_ref()?, "password"),
    };
    let how = weakness(secret)?;
    let is_public = is_exposed(settings) || settings.tailscale.mode != TailscaleMode::Off;
    let make = if is_public { Finding::error } else { Finding::warning };
    let fix = format!("config set gateway.auth.{name} \"$(openssl rand -hex 24)\"");
    Some(
        make("weak-secret", format!("the {name} of the gateway {how}"))
            .why(if is_public {
                "Others in the network may guess it."
            } else {
                "Other users of this machine may guess it."
            })
            .command(facts.own(&fix)),
    )
}

/// The token of the hooks is in the hands of other programs, and often of other people's.
fn hook_token(settings: &GatewaySettings, facts: &Facts<'_>) -> Option<Finding> {
    let hooks = settings.hooks.as_ref()?;
    let own = [&settings.auth.token, &settings.auth.password];
    let is_own = own.into_iter().flatten().any(|own| own.expose() == hooks.token.expose());
    let (how, why) = if is_own {
        (
            "is the secret of the gateway".to_owned(),
            "Programs that may tell it something could do everything.",
        )
    } else {
        (weakness(&hooks.token)?, "Whoever guesses it puts texts into the main session.")
    };
    Some(
        Finding::warning("weak-hook-token", format!("hooks.token {how}"))
            .why(why)
            .command(facts.own("config set hooks.token \"$(openssl rand -hex 24)\"")),
    )
}

/// What is weak about a secret; never says what it is.
fn weakness(secret: &Secret) -> Option<String> {
    let text = secret.expose();
    let length = text.chars().count();
    if COMMON.iter().any(|common| text.eq_ignore_ascii_case(common)) {
        Some("is one that everybody tries".to_owned())
    } else if length < SHORT {
        Some(format!("has {length} characters"))
    } else if text.chars().all(|c| text.starts_with(c)) {
        Some("is one character over and over".to_owned())
    } else {
        None
    }
}

/// Everybody can see command lines.
fn in_command_line(facts: &Facts<'_>) -> Option<Finding> {
    let running = facts.instance.as_ref()?.running?;
    let holders = &facts.port.as_ref()?.holders;
    let process =
        holders.iter().filter_map(|holder| holder.process.as_ref()).find(|process| process.pid == running)?;
    let option = ["--token", "--password"].into_iter().find(|option| {
        process.cmdline.iter().any(|word| {
            word.strip_prefix(option).is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
        })
    })?;
    Some(
        Finding::warning(
            "secret-in-command-line",
            format!("the gateway (pid {running}) was started with {option}"),
        )
        .why("Every user of this machine sees the command lines of all processes.")
        .advice(format!("start it without {option}, and keep the secret in the configuration or in .env")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_secrets_are_known_and_not_repeated() {
        for (text, expected) in [
            ("ChangeMe", Some("is one that everybody tries")),
            ("0123456789abcde", Some("has 15 characters")),
            ("aaaaaaaaaaaaaaaaaaaa", Some("is one character over and over")),
            ("0123456789abcdef", None),
        ] {
            assert_eq!(weakness(&Secret::new(text)).as_deref(), expected, "{text}");
        }
    }
}
