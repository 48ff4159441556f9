//! Which endpoint answers a request.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;

use super::exchange::Exchange;
use super::{answers, avatar, canvas, control_ui, dashboard, hooks, metrics, tools};
use crate::gateway::context::{Gateway, VERSION};
use crate::gateway::drain::Phase;

/// `GET /health` (the process is alive), `GET /ready` (it serves), `GET /metrics`, and everything else.
pub(crate) fn router(gateway: Arc<Gateway>) -> Router {
    Router::new()
        .route("/health", get(health))
        .route("/ready", get(ready))
        .route("/metrics", get(metrics::metrics))
        .fallback(published)
        .with_state(gateway)
}

/// The endpoints of the published gateway, in its order: the first family that answers is the one. A family takes what
/// it needs out of the exchange only once it is sure of that.
async fn published(State(gateway): State<Arc<Gateway>>, request: Request<Body>) -> Response {
    let mut exchange = Exchange::new(gateway, request);
    if let Some(answer) = hooks::serve(&mut exchange).await {
        return answer;
    }
    if let Some(answer) = tools::serve(&mut exchange).await {
        return answer;
    }
    if let Some(answer) = canvas::serve(&mut exchange).await {
        return answer;
    }
    if let Some(answer) = dashboard::answer(&mut exchange).await {
        return answer;
    }
    if let Some(answer) = avatar::answer(&mut exchange).await {
        return answer;
    }
    if let Some(answer) = control_ui::answer(&mut exchange).await {
        return answer;
    }
    answers::not_found()
}

async fn health(State(gateway): State<Arc<Gateway>>) -> Response {
    let body = json!({
        "ok": true,
        "version": VERSION,
        "pid": std::process::id(),
        "generation": gateway.generation,
        "uptimeMs": gateway.uptime_ms(),
    });
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

async fn ready(State(gateway): State<Arc<Gateway>>) -> Response {
    let ready = gateway.lifecycle.phase() == Phase::Serving;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = json!({ "ready": ready, "generation": gateway.generation });
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}
