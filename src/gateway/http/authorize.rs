//! Who may use the endpoints for programs: whoever shows the gateway's token or password as a bearer token
//! (`wire-protocol` E.1). Device tokens are for WebSocket clients and are not accepted.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;

use super::answers;
use super::exchange::Exchange;
use super::secret::{self, Refused};
use crate::auth::shared_secret::bearer;
use crate::settings::{AuthMode, AuthSettings, Secret};

/// The answer to a request that may not pass; `None` for one that may. A wrong secret is slowed down like the guesses of
/// WebSocket clients, and counted with them.
pub(super) async fn refusal(exchange: &mut Exchange) -> Option<Response> {
    let gateway = &exchange.gateway;
    let live = gateway.live();
    if live.settings.auth.mode == AuthMode::None {
        return None;
    }
    let shown = exchange.header(header::AUTHORIZATION.as_str()).and_then(bearer);
    let checked = match expected(&live.settings.auth) {
        Some(expected) => {
            secret::check(gateway, || gateway.throttle(), &exchange.peer(), shown, expected).await
        }
        None => Err(Refused::Wrong),
    };
    let (mut answer, (name, value)) = match checked {
        Ok(()) => return None,
        Err(Refused::Wrong) => (
            answers::error(StatusCode::UNAUTHORIZED, "unauthorized", "Unauthorized"),
            (header::WWW_AUTHENTICATE, "Bearer"),
        ),
        Err(Refused::TooMany) => {
            let message = "too many failed attempts; retry later";
            (
                answers::error(StatusCode::TOO_MANY_REQUESTS, "rate_limited", message),
                (header::RETRY_AFTER, "6"),
            )
        }
    };
    answer.headers_mut().insert(name, HeaderValue::from_static(value));
    Some(answer)
}

/// The secret of the mode. An empty one is none: it would let everybody in who sends nothing.
fn expected(auth: &AuthSettings) -> Option<&str> {
    let secret = match auth.mode {
        AuthMode::None => &None,
        AuthMode::Token => &auth.token,
        AuthMode::Password => &auth.password,
    };
    secret.as_ref().map(Secret::expose).filter(|secret| !secret.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_of_the_mode_counts() {
        let both = |mode| AuthSettings {
            mode,
            token: Some(Secret::new("token")),
            password: Some(Secret::new("password")),
            ..AuthSettings::default()
        };
        for (mode, secret) in
            [(AuthMode::None, None), (AuthMode::Token, Some("token")), (AuthMode::Password, Some("password"))]
        {
            assert_eq!(expected(&both(mode)), secret);
            let empty = AuthSettings { mode, token: Some(Secret::new("")), ..AuthSettings::default() };
            assert_eq!(expected(&empty), None);
        }
    }
}
