//! `GET /metrics`, for Prometheus: to programs of this machine, and to whoever shows the gateway's secret.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, header};
use axum::response::{IntoResponse as _, Response};

use super::authorize;
use super::exchange::Exchange;
use crate::gateway::context::{Gateway, VERSION};
use crate::gateway::metrics::{Gauges, render};

/// The format that Prometheus has read since 2014.
const FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Answers with the counters as they are now.
pub(super) async fn metrics(State(gateway): State<Arc<Gateway>>, request: Request<Body>) -> Response {
    let mut exchange = Exchange::new(gateway, request);
    if !exchange.peer().is_local_direct
        && let Some(refusal) = authorize::refusal(&mut exchange).await
    {
        return refusal;
    }
    let gateway = &exchange.gateway;
    let gauges = Gauges {
        version: VERSION,
        generation: gateway.generation,
        uptime_ms: gateway.uptime_ms(),
        clients: gateway.clients.count(),
        events_dropped: gateway.clients.dropped(),
    };
    let text = render(&gateway.metrics, &gauges);
    ([(header::CONTENT_TYPE, FORMAT), (header::CACHE_CONTROL, "no-store")], text).into_response()
}
