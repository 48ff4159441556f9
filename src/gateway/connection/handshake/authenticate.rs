//! Shared secrets, Tailscale identities, and device tokens (`wire-protocol` C.7).

use serde_json::json;

use super::decide::{Facts, Guess, Rejection, Stage};
use super::pairing;
use crate::auth::device::DeviceKey;
use crate::auth::shared_secret;
use crate::auth::tailscale::TailscaleIdentity;
use crate::gateway::devices::DeviceBook;
use crate::protocol::connect::{ClientInfo, ConnectParams};
use crate::protocol::error::RpcError;
use crate::protocol::role::Role;
use crate::settings::{AuthMode, Secret};

/// Why a client is not who it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failure {
    TokenMissing,
    TokenMismatch,
    TokenNotConfigured,
    PasswordMissing,
    PasswordMismatch,
    PasswordNotConfigured,
    TailscaleUserMissing,
    TailscaleProxyMissing,
    TailscaleUnchecked,
    TailscaleMismatch,
}

/// Checks what the client presents; as a last resort its token as a device token. `key` is the one that it has
/// proved.
pub(super) fn check(
    params: &ConnectParams,
    role: Role,
    scopes: &[String],
    key: Option<&DeviceKey>,
    facts: &Facts<'_>,
    book: &mut DeviceBook,
) -> Result<(), Box<Rejection>> {
    let Err(failure) = check_shared(params, facts) else { return Ok(()) };
    if let (Some(token), Some(device)) = (params.token(), &params.device)
        && book.verify_token(&device.id, role.as_str(), scopes, token, facts.now_ms).is_ok()
    {
        return Ok(());
    }
    let error = RpcError::invalid(failure.message(&params.client)).with_details(failure.details());
    let mut rejection = Rejection::new(Stage::Authentication, error);
    rejection.guess =
        failure.is_guess().then(|| Guess {
            device_id: params.device.as_ref().zip(key).and_then(|(device, key)| {
                pairing::is_known(&device.id, key, book).then(|| device.id.clone())
            }),
        });
    Err(rejection)
}

fn check_shared(params: &ConnectParams, facts: &Facts<'_>) -> Result<(), Failure> {
    if !facts.auth.allow_tailscale || facts.peer.is_local_direct {
        return check_secret(params, facts);
    }
    let failure = match facts.identity {
        TailscaleIdentity::Verified(_) => return Ok(()),
        TailscaleIdentity::NoUser => Failure::TailscaleUserMissing,
        TailscaleIdentity::NotProxied => Failure::TailscaleProxyMissing,
        TailscaleIdentity::Unchecked => Failure::TailscaleUnchecked,
        TailscaleIdentity::Mismatch => Failure::TailscaleMismatch,
    };
    if facts.auth.mode == AuthMode::None {
        return Err(failure);
    }
    // Who tried to come in by identity alone is told what became of that.
    check_secret(params, facts).map_err(|other| match (other, failure) {
        (_, Failure::TailscaleUserMissing) => other,
        (Failure::TokenMissing | Failure::PasswordMissing, _) => failure,
        _ => other,
    })
}

fn check_secret(params: &ConnectParams, facts: &Facts<'_>) -> Result<(), Failure> {
    match facts.auth.mode {
        AuthMode::None => Ok(()),
        AuthMode::Token => {
            let expected = configured(facts.auth.token.as_ref()).ok_or(Failure::TokenNotConfigured)?;
            let given = params.token().ok_or(Failure::TokenMissing)?;
            if shared_secret::equal(expected, given) { Ok(()) } else { Err(Failure::TokenMismatch) }
        }
        AuthMode::Password => {
            let expected = configured(facts.auth.password.as_ref()).ok_or(Failure::PasswordNotConfigured)?;
            let given = params.password().ok_or(Failure::PasswordMissing)?;
            if shared_secret::equal(expected, given) { Ok(()) } else { Err(Failure::PasswordMismatch) }
        }
    }
}

/// An empty secret is no secret: it would let everybody in who sends nothing.
fn configured(secret: Option<&Secret>) -> Option<&str> {
    secret.map(Secret::expose).filter(|secret| !secret.is_empty())
}

impl Failure {
    /// Whether a secret was given, and was wrong.
    fn is_guess(self) -> bool {
        matches!(self, Self::TokenMismatch | Self::PasswordMismatch)
    }

    fn message(self, client: &ClientInfo) -> String {
        let what = match self {
            Self::TokenMissing => "gateway token missing",
            Self::TokenMismatch => "gateway token mismatch",
            Self::TokenNotConfigured => "gateway token not configured on gateway",
            Self::PasswordMissing => "gateway password missing",
            Self::PasswordMismatch => "gateway password mismatch",
            Self::PasswordNotConfigured => "gateway password not configured on gateway",
            Self::TailscaleUserMissing => "tailscale identity missing",
            Self::TailscaleProxyMissing => "tailscale proxy headers missing",
            Self::TailscaleUnchecked => "tailscale identity check failed",
            Self::TailscaleMismatch => "tailscale identity mismatch",
        };
        format!("unauthorized: {what} ({})", self.fix(client))
    }

    /// What to do about it, in the words that fit the client.
    fn fix(self, client: &ClientInfo) -> &'static str {
        let is_cli = client.mode == "cli";
        let is_ui =
            client.id == "clawdbot-control-ui" || client.id == "webchat-ui" || client.mode == "webchat";
        match self {
            Self::TokenMissing | Self::TokenMismatch if is_cli => {
                "set gateway.remote.token to match gateway.auth.token"
            }
            Self::TokenMissing | Self::TokenMismatch if is_ui => {
                "open a tokenized dashboard URL or paste token in Control UI settings"
            }
            Self::TokenMissing | Self::TokenMismatch => "provide gateway auth token",
            Self::PasswordMissing | Self::PasswordMismatch if is_cli => {
                "set gateway.remote.password to match gateway.auth.password"
            }
            Self::PasswordMissing | Self::PasswordMismatch if is_ui => {
                "enter the password in Control UI settings"
            }
            Self::PasswordMissing | Self::PasswordMismatch => "provide gateway auth password",
            Self::TokenNotConfigured => "set gateway.auth.token",
            Self::PasswordNotConfigured => "set gateway.auth.password",
            Self::TailscaleUserMissing | Self::TailscaleUnchecked | Self::TailscaleMismatch => {
                "use Tailscale Serve auth or gateway token/password"
            }
            Self::TailscaleProxyMissing => "use Tailscale Serve or gateway token/password",
        }
    }

    /// The reason for programs, and which member of `auth` is looked at.
    fn details(self) -> serde_json::Value {
        let (reason, expected) = match self {
            Self::TokenMissing => ("token_missing", "token"),
            Self::TokenMismatch => ("token_mismatch", "token"),
            Self::TokenNotConfigured => ("token_not_configured", "token"),
            Self::PasswordMissing => ("password_missing", "password"),
            Self::PasswordMismatch => ("password_mismatch", "password"),
            Self::PasswordNotConfigured => ("password_not_configured", "password"),
            Self::TailscaleUserMissing => ("tailscale_user_missing", "tailscale"),
            Self::TailscaleProxyMissing => ("tailscale_proxy_missing", "tailscale"),
            Self::TailscaleUnchecked => ("tailscale_whois_failed", "tailscale"),
            Self::TailscaleMismatch => ("tailscale_user_mismatch", "tailscale"),
        };
        json!({ "reason": reason, "expected": expected })
    }
}
