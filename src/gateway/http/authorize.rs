//! Who may use the endpoints for programs: whoever shows the gateway's token or password as a bearer token
//! (`wire-protocol` E.1). Device tokens are for WebSocket clients and are not accepted.

use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;

use super::answers;
use super::exchange::Exchange;
use crate::auth::shared_secret;
use crate::gateway::drain::Phase;
use crate::gateway::throttle::Source;
use crate::settings::{AuthMode, AuthSettings, Secret};

/// What a bearer token is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Right,
    /// Nothing was shown, or there is nothing to show.
    Missing,
    Wrong,
}

/// The answer to a request that may not pass; `None` for one that may. A wrong secret is slowed down like the guesses of
/// WebSocket clients, and counted with them.
pub(super) async fn refusal(exchange: &mut Exchange) -> Option<Response> {
    let gateway = &exchange.gateway;
    let source = {
        let peer = exchange.peer();
        peer.client_ip.map_or(Source::Proxy(peer.peer), Source::address)
    };
    let shown = exchange.header(header::AUTHORIZATION.as_str()).and_then(bearer);
    // What is right needs no place; what is wrong must not be verified without one.
    if shown.is_some() && !gateway.throttle().admits(&source, gateway.now_ms()) {
        let mut answer = answers::error(
            StatusCode::TOO_MANY_REQUESTS,
            "rate_limited",
            "too many failed attempts; retry later",
        );
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("6"));
        return Some(answer);
    }
    let delay = match verdict(&gateway.live().settings.auth, shown) {
        Verdict::Right => return None,
        Verdict::Missing => Duration::ZERO,
        Verdict::Wrong => gateway.throttle().failed(source, gateway.now_ms()),
    };
    if !delay.is_zero() {
        tokio::select! {
            () = tokio::time::sleep(delay) => {}
            // The decision is made; waiting would only hold up the hand-over.
            () = gateway.lifecycle.reached(Phase::Quiescing) => {}
        }
    }
    let mut answer = answers::error(StatusCode::UNAUTHORIZED, "unauthorized", "Unauthorized");
    answer.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    Some(answer)
}

/// The token of `Authorization: Bearer TOKEN`.
pub(super) fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

fn verdict(auth: &AuthSettings, shown: Option<&str>) -> Verdict {
    let expected = match auth.mode {
        AuthMode::None => return Verdict::Right,
        AuthMode::Token => &auth.token,
        AuthMode::Password => &auth.password,
    };
    // An empty secret is no secret: it would let everybody in who sends nothing.
    let expected = expected.as_ref().map(Secret::expose).filter(|secret| !secret.is_empty());
    match (expected, shown) {
        (Some(expected), Some(shown)) if shared_secret::equal(expected, shown) => Verdict::Right,
        (Some(_), Some(_)) => Verdict::Wrong,
        _ => Verdict::Missing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auth(mode: AuthMode, secret: &str) -> AuthSettings {
        let secret = Some(Secret::new(secret));
        match mode {
            AuthMode::Password => AuthSettings { mode, password: secret, ..AuthSettings::default() },
            _ => AuthSettings { mode, token: secret, ..AuthSettings::default() },
        }
    }

    #[track_caller]
    fn check(mode: AuthMode, secret: &str, header: Option<&str>, expected: Verdict) {
        assert_eq!(verdict(&auth(mode, secret), header.and_then(bearer)), expected, "{header:?}");
    }

    #[test]
    fn the_secret_of_the_mode_counts() {
        check(AuthMode::None, "", None, Verdict::Right);
        check(AuthMode::None, "", Some("Bearer anything"), Verdict::Right);
        for mode in [AuthMode::Token, AuthMode::Password] {
            check(mode, "s3cret", Some("Bearer s3cret"), Verdict::Right);
            check(mode, "s3cret", Some("bearer  s3cret "), Verdict::Right);
            check(mode, "s3cret", Some("Bearer other"), Verdict::Wrong);
            for nothing in [None, Some("Bearer"), Some("Bearer "), Some("Basic s3cret"), Some("s3cret")] {
                check(mode, "s3cret", nothing, Verdict::Missing);
            }
            check(mode, "", Some("Bearer s3cret"), Verdict::Missing);
        }
    }

    #[test]
    fn the_secret_of_the_other_mode_does_not() {
        let both = AuthSettings {
            mode: AuthMode::Password,
            token: Some(Secret::new("token")),
            password: Some(Secret::new("password")),
            ..AuthSettings::default()
        };
        assert_eq!(verdict(&both, Some("token")), Verdict::Wrong);
        assert_eq!(verdict(&both, Some("password")), Verdict::Right);
    }
}
