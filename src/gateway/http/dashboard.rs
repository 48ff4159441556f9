//! `GET /__clawdbot__/dashboard/TICKET`: where `clawdbot dashboard` sends a browser of this machine, and from where it is
//! sent on to the Control UI with the gateway's token (`gateway::ticket`).

use std::sync::Arc;

use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::answers;
use super::exchange::Exchange;
use crate::gateway::ticket;
use crate::settings::{AuthMode, Secret};

/// Answers when the path is one of a ticket.
pub(super) async fn answer(exchange: &mut Exchange) -> Option<Response> {
    let shown = exchange.path().strip_prefix(ticket::PREFIX)?.to_owned();
    // A look must not use it up.
    if exchange.head.method != Method::GET {
        return Some(answers::method_not_allowed("GET"));
    }
    if !exchange.peer().is_local {
        return Some(answers::not_found());
    }
    let gateway = Arc::clone(&exchange.gateway);
    let redeemed = tokio::task::spawn_blocking(move || {
        ticket::redeem(&gateway.paths.state_dir, &shown, gateway.now_ms())
    });
    if !redeemed.await.unwrap_or(false) {
        let command = exchange.gateway.paths.command();
        return Some(answers::text(
            StatusCode::GONE,
            format!("This link was used before, or is older than a minute. Once more: {command} dashboard\n"),
        ));
    }
    let live = exchange.gateway.live();
    let auth = &live.settings.auth;
    let token = auth.token.as_ref().filter(|_| auth.mode == AuthMode::Token).map(Secret::expose);
    let query = token.map(|token| format!("?token={}", utf8_percent_encode(token, NON_ALPHANUMERIC)));
    let place = format!("{}/{}", live.settings.control_ui.base_path, query.unwrap_or_default());
    Some(match HeaderValue::try_from(place) {
        Ok(place) => {
            let headers =
                [(header::LOCATION, place), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
            (StatusCode::FOUND, headers).into_response()
        }
        // A base path that cannot be written down leads nowhere.
        Err(_) => answers::not_found(),
    })
}
