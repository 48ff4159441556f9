//! Messages of clients: read, passed through the gate, answered.

use serde::Serialize;
use serde_json::{Value, json};

use crate::protocol::frame::{BadFrame, Request, Response};
use crate::protocol::methods::{Method, admit, authorize};
use crate::protocol::role::Role;
use crate::protocol::validate::validate;

/// Reads a message and asks whether it may pass.
///
/// # Panics
///
/// When what was read is not the same after it was written, when what passes does not fit its schema or was not
/// allowed, or when an answer is out of proportion.
pub fn frames(data: &[u8]) {
    // What is no UTF-8 ends the connection before anything here is asked.
    let Ok(text) = std::str::from_utf8(data) else { return };
    match Request::parse(text) {
        Ok(request) => {
            is_the_same_when_written(&request);
            let admin = ["operator.admin".to_owned()];
            let read = ["operator.read".to_owned()];
            passes_the_gate(Role::Operator, &admin, &request, text);
            passes_the_gate(Role::Operator, &read, &request, text);
            passes_the_gate(Role::Node, &[], &request, text);
        }
        Err(BadFrame::Invalid { id, error }) => is_in_proportion(&Response::error(id, *error), text),
        Err(BadFrame::NotJson) => {}
    }
}

fn is_the_same_when_written(request: &Request) {
    let Request { id, method, params } = request;
    assert!(!id.is_empty() && !method.is_empty(), "a request without id or method: {request:?}");
    let written = json!({ "type": "req", "id": id, "method": method, "params": params }).to_string();
    assert_eq!(Request::parse(&written).as_ref(), Ok(request), "{written}");
}

fn passes_the_gate(role: Role, scopes: &[String], request: &Request, text: &str) {
    match admit(role, scopes, request.clone()) {
        Ok((method, params)) => {
            assert_eq!(Method::parse(&request.method), Some(method));
            assert_eq!(authorize(role, scopes, method.name()), Ok(()));
            assert_eq!(validate(method.params(), &params), Ok(()), "{params}");
        }
        Err(error) => is_in_proportion(&Response::error(request.id.as_str(), error), text),
    }
}

/// The answer to nonsense must not be a way to have the gateway send much for little.
pub(super) fn is_in_proportion(answer: &impl Serialize, question: &str) {
    let answer = serde_json::to_value(answer).unwrap_or(Value::Null).to_string();
    assert!(answer.len() <= 16 * 1024 + 8 * question.len(), "{} bytes for {}", answer.len(), question.len());
}
