//! The HTTP endpoints for scripts.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;

use crate::gateway::context::{Gateway, VERSION};
use crate::gateway::drain::Phase;

/// `GET /health` (the process is alive), `GET /ready` (it serves); everything else is 404.
pub(crate) fn router(gateway: Arc<Gateway>) -> Router {
    Router::new()
        .route("/health", get(health))
        .route("/ready", get(ready))
        .fallback(not_found)
        .with_state(gateway)
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

async fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "Not Found").into_response()
}
