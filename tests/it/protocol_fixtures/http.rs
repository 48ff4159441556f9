//! Steps over HTTP.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::support::http::{self, Failure};
use crate::support::wait::PATIENCE;

/// What is asked.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HttpRequest {
    method: String,
    path: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<String, String>,
    /// A string is sent as it is, anything else as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<Value>,
}

/// Headers that say something about the answer and not about the server.
const TELLING: [&str; 4] = ["allow", "cache-control", "content-type", "location"];

/// Asks; the status, the telling headers, and the body, or that the connection was cut.
pub(super) fn ask(address: SocketAddr, request: &HttpRequest) -> Value {
    let headers: Vec<(&str, &str)> =
        request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let body =
        request.body.as_ref().map(|body| body.as_str().map_or_else(|| body.to_string(), str::to_owned));
    let answer = http::send(address, &request.method, &request.path, &headers, body.as_deref(), PATIENCE);
    let answer = match answer {
        Ok(answer) => answer,
        Err(Failure::Reset) => return json!("reset"),
        Err(failure) => panic!("{} {}: {failure:?}", request.method, request.path),
    };
    let told = answer.headers.iter().filter(|(name, _)| TELLING.contains(&name.as_str()));
    let told: BTreeMap<&str, &str> = told.map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let mut whole = Map::new();
    whole.insert("status".to_owned(), answer.status.into());
    whole.insert("headers".to_owned(), json!(told));
    let body = serde_json::from_str(&answer.body).unwrap_or_else(|_| Value::from(answer.body));
    whole.insert("body".to_owned(), body);
    Value::Object(whole)
}
