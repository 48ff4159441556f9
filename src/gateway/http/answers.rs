//! Answers that several families of endpoints give, in the published words (`wire-protocol` E).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

/// A sentence.
pub(super) fn text(status: StatusCode, sentence: impl Into<String>) -> Response {
    (status, sentence.into()).into_response()
}

/// A value, for programs.
pub(super) fn json(status: StatusCode, value: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json; charset=utf-8")], value.to_string()).into_response()
}

/// The object in which endpoints for programs tell what is wrong (`wire-protocol` E.1).
pub(super) fn error(status: StatusCode, kind: &str, message: &str) -> Response {
    json(status, &json!({ "error": { "message": message, "type": kind } }))
}

/// 404.
pub(super) fn not_found() -> Response {
    text(StatusCode::NOT_FOUND, "Not Found")
}

/// 405; `allowed` is the header `Allow`.
pub(super) fn method_not_allowed(allowed: &'static str) -> Response {
    let mut answer = text(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed");
    answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allowed));
    answer
}
