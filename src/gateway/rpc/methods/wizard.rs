//! `wizard.*` (`wire-protocol` D.8): `clawdbot onboard` for clients.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::params::{off_thread, parse};
use crate::config::Document;
use crate::config::write::WriteError;
use crate::gateway::context::Gateway;
use crate::gateway::wizard::{Session, SlotError, Turn};
use crate::onboarding::{self, Answers};
use crate::profile::shorten;
use crate::protocol::error::RpcError;

#[derive(Debug, Deserialize)]
struct Start {
    mode: Option<Mode>,
    workspace: Option<String>,
}

#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Mode {
    Local,
    Remote,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Next {
    session_id: String,
    answer: Option<Answer>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    step_id: String,
    #[serde(default)]
    value: Value,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Of {
    session_id: String,
}

/// `wizard.start`.
pub(crate) async fn start(gateway: &Arc<Gateway>, params: Value) -> Result<Value, RpcError> {
    let Start { mode, workspace } = parse("wizard.start", params)?;
    if mode == Some(Mode::Remote) {
        return Err(RpcError::invalid(format!(
            "this gateway is local; to use another one, run on the client's machine: {command} config set \
             gateway.mode remote, then {command} config set gateway.remote.url wss://HOST:PORT",
            command = gateway.paths.command(),
        )));
    }
    if gateway.wizard().is_taken(Instant::now()) {
        return Err(refusal(&SlotError::Running));
    }
    let (path, live) = (gateway.paths.config_path.clone(), gateway.live());
    let config = off_thread(move || onboarding::usable(&Document::load(&path, &live.env))).await?;
    let file = shorten(&gateway.paths.config_path, &gateway.paths.home);
    let workspace = workspace.map(|place| place.trim().to_owned()).filter(|place| !place.is_empty());
    let session = Session::new(config, gateway.paths.default_port, file, workspace);
    gateway.wizard().start(session, Instant::now()).map_err(|error| refusal(&error))
}

/// `wizard.next`.
pub(crate) async fn next(gateway: &Arc<Gateway>, params: Value) -> Result<Value, RpcError> {
    let Next { session_id, answer } = parse("wizard.next", params)?;
    let answer = answer.as_ref().map(|answer| (answer.step_id.as_str(), &answer.value));
    let turn = gateway.wizard().next(&session_id, answer, Instant::now()).map_err(|error| refusal(&error))?;
    match turn {
        Turn::Told(told) => Ok(told),
        Turn::Write(answers) => {
            let ends = Ends { gateway, session_id: &session_id };
            let written = write(gateway, answers).await;
            drop(ends);
            Ok(match written {
                Ok(()) => json!({ "done": true, "status": "done" }),
                Err(why) => json!({ "done": true, "status": "error", "error": why }),
            })
        }
    }
}

/// `wizard.cancel`.
pub(crate) fn cancel(gateway: &Gateway, params: Value) -> Result<Value, RpcError> {
    let Of { session_id } = parse("wizard.cancel", params)?;
    gateway.wizard().cancel(&session_id).map_err(|error| refusal(&error))
}

/// `wizard.status`.
pub(crate) fn status(gateway: &Gateway, params: Value) -> Result<Value, RpcError> {
    let Of { session_id } = parse("wizard.status", params)?;
    gateway.wizard().status(&session_id).map_err(|error| refusal(&error))
}

/// Ends the wizard, also when whoever asked goes away while it writes.
struct Ends<'a> {
    gateway: &'a Gateway,
    session_id: &'a str,
}

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.gateway.wizard().end(self.session_id);
    }
}

/// Writes what was answered. The file is watched, so the gateway takes it over like any other edit.
async fn write(gateway: &Arc<Gateway>, answers: Answers) -> Result<(), String> {
    let (shared, live) = (Arc::clone(gateway), gateway.live());
    let written = off_thread(move || {
        let token = onboarding::fresh_token().map_err(|error| format!("failed to make a token: {error}"))?;
        onboarding::apply(&answers, &token, &shared.paths, &live.env).map(|_| ()).map_err(|error| why(&error))
    })
    .await;
    written.map_err(|error| error.message)?
}

/// Why nothing was written, with the first problem of the configuration.
fn why(error: &WriteError) -> String {
    match error {
        WriteError::Unreadable(issues) | WriteError::Invalid(issues) => match issues.first() {
            Some(issue) => format!("{error}: {}: {}", issue.path, issue.message),
            None => error.to_string(),
        },
        _ => error.to_string(),
    }
}

fn refusal(error: &SlotError) -> RpcError {
    match error {
        SlotError::Running => RpcError::unavailable(error.to_string()),
        SlotError::Unknown | SlotError::NoStep => RpcError::invalid(error.to_string()),
        SlotError::Wrong(wrong) if wrong.allowed.is_empty() => RpcError::invalid(error.to_string()),
        SlotError::Wrong(wrong) => {
            RpcError::invalid(error.to_string()).with_details(json!({ "allowed": wrong.allowed }))
        }
    }
}
