//! `POST /tools/invoke` (`wire-protocol` E.6): one tool, called by a program that has the gateway's secret.

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use super::exchange::Exchange;
use super::{answers, authorize, hooks};
use crate::gateway::drain::Phase;
use crate::gateway::tools::{self, Call, Refused};

const PATH: &str = "/tools/invoke";

/// The longest body, as published.
const LIMIT: usize = 2 * 1024 * 1024;

/// Answers a call of a tool; `None` when the request is something else.
pub(super) async fn serve(exchange: &mut Exchange) -> Option<Response> {
    if exchange.path() != PATH {
        return None;
    }
    if exchange.head.method != Method::POST {
        return Some(answers::method_not_allowed("POST"));
    }
    if let Some(refusal) = authorize::refusal(exchange).await {
        return Some(refusal);
    }
    Some(answer(exchange).await)
}

async fn answer(exchange: &mut Exchange) -> Response {
    let invalid =
        |status: StatusCode, message: &str| answers::error(status, "invalid_request_error", message);
    let bytes = match exchange.body(LIMIT).await {
        Ok(bytes) => bytes,
        Err(error) => return invalid(error.status(), &error.to_string()),
    };
    let body = match hooks::parse(&bytes) {
        Ok(body) => body,
        Err(error) => return invalid(StatusCode::BAD_REQUEST, &format!("SyntaxError: {error}")),
    };
    let Some(call) = Call::read(&body) else {
        return invalid(StatusCode::BAD_REQUEST, "tools.invoke requires body.tool");
    };
    let gateway = Arc::clone(&exchange.gateway);
    let _in_flight = gateway.lifecycle.request();
    if gateway.lifecycle.phase() >= Phase::Released {
        return failed(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "gateway restarting; retry");
    }
    match tools::perform(&gateway, &call).await {
        Ok(result) => answers::json(StatusCode::OK, &json!({ "ok": true, "result": result })),
        Err(Refused::NotAvailable(tool)) => {
            failed(StatusCode::NOT_FOUND, "not_found", &format!("Tool not available: {tool}"))
        }
        Err(Refused::Tool(message)) => failed(StatusCode::BAD_REQUEST, "tool_error", &message),
    }
}

fn failed(status: StatusCode, kind: &str, message: &str) -> Response {
    let body: Value = json!({ "ok": false, "error": { "type": kind, "message": message } });
    answers::json(status, &body)
}
