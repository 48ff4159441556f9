//! What was asked for, and who answers it.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::policy::Policy;
use super::{agents, control, cron, nodes, sessions, status};
use crate::gateway::context::Gateway;
use crate::gateway::live::Live;
use crate::gateway::rpc;
use crate::gateway::sessions::SessionKey;
use crate::protocol::error::RpcError;

/// A call of a tool.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Call {
    /// Its name.
    tool: String,
    /// Its arguments.
    args: Map<String, Value>,
    /// The session that it is made for; the main one without it.
    session_key: Option<String>,
}

/// Why there is no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refused {
    /// There is no such tool, or it is not allowed.
    NotAvailable(String),
    /// The tool says so.
    Tool(String),
}

/// A call on its way.
pub(super) struct Invocation<'a> {
    pub(super) gateway: &'a Arc<Gateway>,
    pub(super) live: &'a Live,
    pub(super) session: &'a SessionKey,
    /// How the caller has named it.
    pub(super) given_session: Option<&'a str>,
    pub(super) args: &'a Map<String, Value>,
}

/// What a tool answers: the result itself, or that and a text for people.
pub(super) enum Answer {
    /// Shown as JSON.
    Details(Value),
    /// Shown as this text.
    Text(String, Value),
}

// === impl Call ===

impl Call {
    /// Reads a body; `None` when it names no tool. `dryRun` is for times to come, as in the published gateway.
    pub(crate) fn read(body: &Value) -> Option<Self> {
        let text = |name: &str| body[name].as_str().map(str::trim).filter(|text| !text.is_empty());
        let tool = text("tool")?.to_owned();
        let mut args = body["args"].as_object().cloned().unwrap_or_default();
        if let Some(action) = text("action")
            && !args.contains_key("action")
        {
            args.insert("action".to_owned(), action.into());
        }
        Some(Self { tool, args, session_key: text("sessionKey").map(str::to_owned) })
    }
}

/// Calls a tool; its result as the published gateway shapes it.
pub(crate) async fn perform(gateway: &Arc<Gateway>, call: &Call) -> Result<Value, Refused> {
    let live = gateway.live();
    let given = call.session_key.as_deref().unwrap_or(crate::gateway::agents::MAIN);
    let main = || SessionKey {
        agent: live.roster.default_id().to_owned(),
        canonical: live.roster.main_session_key(),
    };
    let session = SessionKey::of(&live.roster, given).unwrap_or_else(main);
    let policy = Policy::of(&live.snapshot.resolved, &session.agent, session.is_subagent());
    if !policy.allows(&call.tool) {
        return Err(Refused::NotAvailable(call.tool.clone()));
    }
    let invocation = Invocation {
        gateway,
        live: &live,
        session: &session,
        given_session: call.session_key.as_deref(),
        args: &call.args,
    };
    let answer = match call.tool.as_str() {
        "agents_list" => Ok(agents::list(&invocation)),
        "sessions_list" => sessions::list(&invocation).await,
        "sessions_history" => sessions::history(&invocation).await,
        "session_status" => status::status(&invocation).await,
        "gateway" => control::gateway(&invocation).await,
        "nodes" => nodes::nodes(&invocation).await,
        "cron" => cron::cron(&invocation).await,
        _ => return Err(Refused::NotAvailable(call.tool.clone())),
    };
    answer.map(Answer::into_result).map_err(Refused::Tool)
}

// === impl Invocation ===

impl Invocation<'_> {
    /// A text among the arguments that says something.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.args.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
    }

    /// The same where there has to be one.
    pub(super) fn required(&self, name: &str) -> Result<&str, String> {
        self.text(name).ok_or_else(|| format!("{name} required"))
    }

    /// A count from 1; other numbers, and what is none, say nothing.
    pub(super) fn count(&self, name: &str) -> Option<u64> {
        let number = self.args.get(name)?.as_f64()?.floor();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "in range, and without a fraction"
        )]
        (1.0..9e15).contains(&number).then_some(number as u64)
    }

    /// Asks a method of the gateway.
    pub(super) async fn ask(&self, method: &str, params: Value) -> Result<Value, String> {
        let answer = rpc::perform(self.gateway, method, params).await;
        answer.map_err(|RpcError { message, .. }| message)
    }

    /// The same, as an answer.
    pub(super) async fn answer(&self, method: &str, params: Value) -> Result<Answer, String> {
        self.ask(method, params).await.map(Answer::Details)
    }
}

// === impl Answer ===

impl Answer {
    /// Text for whoever reads, details for whoever computes.
    fn into_result(self) -> Value {
        let (text, details) = match self {
            // A value always serialises.
            Self::Details(details) => (serde_json::to_string_pretty(&details).unwrap_or_default(), details),
            Self::Text(text, details) => (text, details),
        };
        json!({ "content": [{ "type": "text", "text": text }], "details": details })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls() {
        let call = |tool: &str, args: Value, session_key: Option<&str>| {
            let Value::Object(args) = args else { panic!("{args}") };
            Some(Call { tool: tool.to_owned(), args, session_key: session_key.map(str::to_owned) })
        };
        for (body, expected) in [
            (json!({ "tool": " a " }), call("a", json!({}), None)),
            (json!({ "tool": "a", "action": "x" }), call("a", json!({ "action": "x" }), None)),
            (
                json!({ "tool": "a", "action": "x", "args": { "action": "y" } }),
                call("a", json!({ "action": "y" }), None),
            ),
            (json!({ "tool": "a", "action": " ", "args": [1], "sessionKey": 5 }), call("a", json!({}), None)),
            (json!({ "tool": "a", "sessionKey": " k " }), call("a", json!({}), Some("k"))),
            (json!({ "tool": " " }), None),
            (json!({ "tool": 5 }), None),
            (json!([]), None),
            (json!("tool"), None),
        ] {
            assert_eq!(Call::read(&body), expected, "{body}");
        }
    }
}
