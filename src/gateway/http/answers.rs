//! Answers that several families of endpoints give, in the published words (`wire-protocol` E).

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

/// A sentence.
pub(super) fn text(status: StatusCode, sentence: impl Into<String>) -> Response {
    (status, sentence.into()).into_response()
}

/// The object in which endpoints for programs tell what is wrong (`wire-protocol` E.1).
pub(super) fn error(status: StatusCode, kind: &str, message: &str) -> Response {
    (status, Json(json!({ "error": { "message": message, "type": kind } }))).into_response()
}

/// 404.
pub(super) fn not_found() -> Response {
    text(StatusCode::NOT_FOUND, "Not Found")
}

#[expect(dead_code, reason = "for the families of endpoints, which come with the next changes")]
/// 405; `allowed` is the header `Allow`.
pub(super) fn method_not_allowed(allowed: &'static str) -> Response {
    let mut answer = text(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed");
    answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allowed));
    answer
}
