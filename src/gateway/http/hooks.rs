//! Hooks over HTTP (`wire-protocol` E.7): who may call, what they send, and what they are answered.

use std::sync::Arc;

use axum::extract::Query;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::answers;
use super::exchange::Exchange;
use super::secret::{self, Refused};
use crate::config::schema::WakeMode;
use crate::gateway::context::Gateway;
use crate::gateway::drain::Phase;
use crate::gateway::hooks::{AgentTask, Mapped, Scope, Wake, given};
use crate::gateway::live::Live;
use crate::protocol::json as protocol_json;
use crate::settings::HookSettings;

/// The header that holds the token, besides `Authorization`.
const TOKEN_HEADER: &str = "x-clawdbot-token";

/// Answers a request below the path of the hooks; `None` when it is not for them.
pub(super) async fn serve(exchange: &mut Exchange) -> Option<Response> {
    let live = exchange.gateway.live();
    let hooks = live.settings.hooks.as_ref()?;
    let name = below(hooks, exchange.path())?.to_owned();
    Some(answer(exchange, &live, hooks, &name).await)
}

/// What of a path is below that of the hooks, without the slashes before it.
fn below<'a>(hooks: &HookSettings, path: &'a str) -> Option<&'a str> {
    let rest = path.strip_prefix(hooks.path.as_str())?;
    (rest.is_empty() || rest.starts_with('/')).then(|| rest.trim_start_matches('/'))
}

async fn answer(exchange: &mut Exchange, live: &Live, hooks: &HookSettings, name: &str) -> Response {
    // Neither methods nor paths are told to strangers.
    if let Err(refused) = authorize(exchange, hooks).await {
        return match refused {
            Refused::Wrong => answers::text(StatusCode::UNAUTHORIZED, "Unauthorized"),
            Refused::TooMany => {
                let sentence = "Too many failed attempts; retry later";
                later(answers::text(StatusCode::TOO_MANY_REQUESTS, sentence), 6)
            }
        };
    }
    if exchange.head.method != Method::POST {
        return answers::method_not_allowed("POST");
    }
    if name.is_empty() {
        return answers::not_found();
    }
    let limit = usize::try_from(hooks.max_body_bytes).unwrap_or(usize::MAX);
    let bytes = match exchange.body(limit).await {
        Ok(bytes) => bytes,
        Err(error) => return failed(error.status(), &error.to_string()),
    };
    let payload = match parse(&bytes) {
        Ok(payload) => payload,
        Err(error) => return failed(StatusCode::BAD_REQUEST, &format!("SyntaxError: {error}")),
    };
    let gateway = Arc::clone(&exchange.gateway);
    let _in_flight = gateway.lifecycle.request();
    if gateway.lifecycle.phase() >= Phase::Released {
        // What it asks for would be lost with this gateway; the next one is about to answer.
        return later(failed(StatusCode::SERVICE_UNAVAILABLE, "gateway restarting; retry"), 1);
    }
    match name {
        "wake" => match Wake::read(&payload) {
            Ok(wake) => woken(&gateway, wake),
            Err(error) => failed(StatusCode::BAD_REQUEST, error),
        },
        "agent" => match AgentTask::read(&payload) {
            Ok(task) => asked(&gateway, &task),
            Err(error) => failed(StatusCode::BAD_REQUEST, &error),
        },
        name => mapped(exchange, live, name.trim_matches('/'), &payload),
    }
}

async fn authorize(exchange: &mut Exchange, hooks: &HookSettings) -> Result<(), Refused> {
    let in_query = exchange.parameter("token");
    let authorization = exchange.header(header::AUTHORIZATION.as_str());
    let given = given(authorization, exchange.header(TOKEN_HEADER), in_query.as_deref());
    let gateway = &exchange.gateway;
    secret::check(gateway, || gateway.hook_throttle(), &exchange.peer(), given, hooks.token.expose()).await
}

/// An empty body is an empty object; what is no object has no members.
pub(super) fn parse(bytes: &[u8]) -> serde_json::Result<Value> {
    let text = String::from_utf8_lossy(bytes);
    if text.trim().is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    protocol_json::from_str(&text)
}

/// The body has another shape than those of `wake` and `agent`: a mapping knows what it says.
fn mapped(exchange: &Exchange, live: &Live, path: &str, payload: &Value) -> Response {
    let gateway = &exchange.gateway;
    let now =
        i64::try_from(gateway.now_ms()).ok().and_then(|now| jiff::Timestamp::from_millisecond(now).ok());
    let scope = Scope {
        payload,
        headers: &shown_headers(&exchange.head.headers),
        query: &shown_query(&exchange.head.uri),
        path,
        now: &now.unwrap_or_default().strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(),
    };
    match live.hook_rules.apply(&scope) {
        None => answers::not_found(),
        Some(Mapped::Wake(wake)) => woken(gateway, wake),
        Some(Mapped::Agent(task)) => asked(gateway, &task),
        Some(Mapped::Refused(why)) => failed(StatusCode::BAD_REQUEST, why),
        Some(Mapped::NeedsCode(id)) => {
            tracing::warn!(mapping = id, "refused a hook: its mapping needs JavaScript");
            let hint = format!(
                "mapping {id}: transform.module needs JavaScript, which this gateway does not run; \
                 use textTemplate or messageTemplate"
            );
            let body = json!({ "ok": false, "error": "hook mapping failed", "hint": hint });
            answers::json(StatusCode::INTERNAL_SERVER_ERROR, &body)
        }
    }
}

/// The headers of a request for templates, without those that let it in.
fn shown_headers(headers: &HeaderMap) -> Value {
    let secret = [header::AUTHORIZATION.as_str(), header::COOKIE.as_str(), TOKEN_HEADER];
    let shown = headers.keys().filter(|name| !secret.contains(&name.as_str())).map(|name| {
        let lines = headers.get_all(name).iter().map(|line| String::from_utf8_lossy(line.as_bytes()));
        (name.as_str().to_owned(), Value::from(lines.collect::<Vec<_>>().join(", ")))
    });
    Value::Object(shown.collect())
}

/// The query of a request for templates, without what lets it in.
fn shown_query(uri: &Uri) -> Value {
    // Every text can be read as a query.
    let pairs =
        Query::<Vec<(String, String)>>::try_from_uri(uri).map(|Query(pairs)| pairs).unwrap_or_default();
    let shown = pairs.into_iter().filter(|(name, _)| name != "token");
    Value::Object(shown.map(|(name, value)| (name, Value::from(value))).collect())
}

/// A text for the main session.
fn woken(gateway: &Gateway, Wake { text, mode }: Wake) -> Response {
    tell(gateway, text, mode);
    answers::json(StatusCode::OK, &json!({ "ok": true, "mode": mode.as_str() }))
}

/// A task for an agent. None runs here: the main session is told instead, and the caller is told that.
fn asked(gateway: &Gateway, task: &AgentTask) -> Response {
    tell(gateway, task.event(), task.wake_mode);
    let run_id = uuid::Uuid::new_v4().to_string();
    answers::json(StatusCode::ACCEPTED, &json!({ "ok": true, "runId": run_id, "queuedAs": "system-event" }))
}

fn tell(gateway: &Gateway, text: String, mode: WakeMode) {
    gateway.system_events().push(text);
    if mode == WakeMode::Now {
        gateway.ask_heartbeat();
    }
}

fn failed(status: StatusCode, error: &str) -> Response {
    answers::json(status, &json!({ "ok": false, "error": error }))
}

fn later(mut answer: Response, seconds: u16) -> Response {
    answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Secret;

    #[test]
    fn paths_below_that_of_the_hooks() {
        let hooks = HookSettings { path: "/in/hooks".to_owned(), token: Secret::new("t"), max_body_bytes: 1 };
        for (path, expected) in [
            ("/in/hooks", Some("")),
            ("/in/hooks/", Some("")),
            ("/in/hooks/wake", Some("wake")),
            ("/in/hooks//a/b/", Some("a/b/")),
            ("/in/hooksx", None),
            ("/in", None),
            ("/", None),
        ] {
            assert_eq!(below(&hooks, path), expected, "{path}");
        }
    }

    #[test]
    fn templates_do_not_see_what_lets_a_request_in() {
        let mut headers = HeaderMap::new();
        for (name, value) in
            [("authorization", "Bearer s"), (TOKEN_HEADER, "s"), ("cookie", "s"), ("x-a", "1"), ("x-a", "2")]
        {
            headers.append(name, HeaderValue::from_static(value));
        }
        assert_eq!(shown_headers(&headers), json!({ "x-a": "1, 2" }));
        let uri = "/hooks/x?token=s&a=%C3%A4+b&empty".parse().unwrap();
        assert_eq!(shown_query(&uri), json!({ "a": "ä b", "empty": "" }));
    }

    #[test]
    fn bodies_are_json_or_nothing() {
        for (bytes, expected) in [
            (&b""[..], Some(json!({}))),
            (b" \n", Some(json!({}))),
            (b"[1]", Some(json!([1]))),
            (b"\"\\ud83d\"", Some(json!("\u{fffd}"))),
            (b"\"\xff\"", Some(json!("\u{fffd}"))),
            (b"{", None),
            (b"text=a", None),
        ] {
            assert_eq!(parse(bytes).ok(), expected);
        }
        let deep = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
        assert!(parse(&deep).is_err());
    }
}
