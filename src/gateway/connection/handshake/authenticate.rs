//! Shared secrets, Tailscale identities, and device tokens (`wire-protocol` C.7).

use serde_json::json;

use super::decide::{Facts, Rejection, Stage};
use crate::auth::locality::TailscaleClaim;
use crate::auth::shared_secret;
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
}

/// Checks what the client presents; as a last resort its token as a device token.
pub(super) fn check(
    params: &ConnectParams,
    role: Role,
    scopes: &[String],
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
    Err(Rejection::new(Stage::Authentication, error))
}

fn check_shared(params: &ConnectParams, facts: &Facts<'_>) -> Result<(), Failure> {
    if facts.auth.allow_tailscale && !facts.peer.is_local_direct {
        match (&facts.peer.tailscale, facts.auth.mode) {
            (TailscaleClaim::User(_), _) => return Ok(()),
            (TailscaleClaim::NoUser, AuthMode::None) => return Err(Failure::TailscaleUserMissing),
            (TailscaleClaim::NotProxied, AuthMode::None) => return Err(Failure::TailscaleProxyMissing),
            _ => {}
        }
    }
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
            Self::TailscaleUserMissing => "use Tailscale Serve auth or gateway token/password",
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
        };
        json!({ "reason": reason, "expected": expected })
    }
}
