//! `config.set`, `config.patch`, `config.apply`.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::params;
use super::get::short;
use super::restart;
use crate::config::edit::Edit;
use crate::config::write::{self, WriteError, Written, edited, saying};
use crate::config::{Document, Issue, Outcome};
use crate::gateway::context::Gateway;
use crate::gateway::redact::{self, REDACTED};
use crate::gateway::requests::Request;
use crate::profile::EnvMap;
use crate::protocol::error::RpcError;

/// What is put before the message of a text that is no JSON5.
const PARSE_PREFIX: &str = "JSON5 parse failed: ";

/// Parameters of all three.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WriteParams {
    raw: String,
    base_hash: Option<String>,
    session_key: Option<String>,
    note: Option<String>,
    restart_delay_ms: Option<u64>,
}

/// What the text of a request means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// The whole file.
    Whole,
    /// A merge patch (RFC 7396).
    Patch,
}

/// `config.set`: another text. Whether and how it counts is for the reload mode to say.
pub(crate) async fn set(gateway: &Arc<Gateway>, params: Value) -> Result<Value, RpcError> {
    let params = params::parse("config.set", params)?;
    let (written, shown) = write(gateway, params, Meaning::Whole).await?;
    Ok(json!({ "ok": true, "path": written.after.path, "config": shown }))
}

/// `config.apply`: another text that counts after a delay, whatever the reload mode is.
pub(crate) async fn apply(gateway: &Arc<Gateway>, params: Value) -> Result<Value, RpcError> {
    let params = params::parse("config.apply", params)?;
    applied(gateway, "config.apply", params, Meaning::Whole).await
}

/// `config.patch`: changed values that count after a delay, whatever the reload mode is.
pub(crate) async fn patch(gateway: &Arc<Gateway>, params: Value) -> Result<Value, RpcError> {
    let params = params::parse("config.patch", params)?;
    applied(gateway, "config.patch", params, Meaning::Patch).await
}

async fn applied(
    gateway: &Arc<Gateway>,
    method: &str,
    params: WriteParams,
    meaning: Meaning,
) -> Result<Value, RpcError> {
    let delay_ms = restart::delay_ms(params.restart_delay_ms);
    let (session_key, note) = (params.session_key.clone(), params.note.clone());
    let (written, shown) = write(gateway, params, meaning).await?;
    let needed = restart::is_needed(&gateway.live().snapshot, &written.after);
    gateway.requests.ask(Request::ApplyConfig { after: Duration::from_millis(delay_ms) });
    Ok(json!({
        "ok": true,
        "path": written.after.path,
        "config": shown,
        "restart": restart::describe(method, delay_ms, needed),
        "sentinel": restart::sentinel(method, gateway.now_ms(), session_key.as_deref(), note.as_deref()),
    }))
}

/// Writes, and says what the configuration is now, without its secrets.
async fn write(
    gateway: &Arc<Gateway>,
    params: WriteParams,
    meaning: Meaning,
) -> Result<(Written, Value), RpcError> {
    let (path, live) = (gateway.paths.config_path.clone(), gateway.live());
    params::off_thread(move || {
        let env = &live.env;
        let current = Document::load(&path, env);
        check_base(&current, params.base_hash.as_deref(), meaning)?;
        let sent = parsed(&current, &params.raw, env)?;
        if meaning == Meaning::Patch && !sent.is_object() {
            return Err(RpcError::invalid("config.patch raw must be an object"));
        }
        let change = |document: &Document| match meaning {
            Meaning::Whole => whole(document, &params.raw, sent),
            Meaning::Patch => edited(document, &[Edit::Merge(put_back(sent, document)?)], env),
        };
        let written =
            write::write(&path, env, params.base_hash.as_deref(), change).map_err(|error| refused(&error))?;
        let shown = shown(&written, env);
        Ok((written, shown))
    })
    .await?
}

/// Merges `changes` into the file as it is by then, for methods that change one thing in it; what a client sent back as
/// it was shown stays. Returns what the configuration is now, without its secrets.
pub(crate) async fn merge(gateway: &Arc<Gateway>, changes: Value) -> Result<Value, RpcError> {
    let (path, live) = (gateway.paths.config_path.clone(), gateway.live());
    params::off_thread(move || {
        let env = &live.env;
        let change =
            |document: &Document| edited(document, &[Edit::Merge(put_back(changes, document)?)], env);
        let written = write::write(&path, env, None, change).map_err(|error| refused(&error))?;
        Ok(shown(&written, env))
    })
    .await?
}

/// What the configuration is now, without its secrets.
fn shown(written: &Written, env: &EnvMap) -> Value {
    let mut shown = written.after.resolved.clone();
    redact::resolved(&mut shown, &Document::load(&written.after.path, env).written);
    shown
}

/// In the published order: a client has to know what it overwrites.
fn check_base(current: &Document, base: Option<&str>, meaning: Meaning) -> Result<(), RpcError> {
    let snapshot = &current.snapshot;
    if snapshot.outcome == Outcome::Missing {
        return Ok(());
    }
    match base {
        None => Err(RpcError::invalid("config base hash required; re-run config.get and retry")),
        Some(base) if base != snapshot.hash => Err(conflict()),
        Some(_) if meaning == Meaning::Patch && snapshot.outcome != Outcome::Valid => {
            Err(RpcError::invalid("invalid config; fix before patching"))
        }
        Some(_) => Ok(()),
    }
}

fn conflict() -> RpcError {
    RpcError::invalid("config changed since last load; re-run config.get and retry")
}

/// The text as it was sent, with the secrets put back.
fn whole(document: &Document, raw: &str, sent: Value) -> Result<String, WriteError> {
    // Secrets in comments were taken out, too. Where the client leaves such a comment, the file keeps its own.
    let comments_lost = raw.matches(REDACTED).count() > sent.to_string().matches(REDACTED).count();
    let value = put_back(sent, document)?;
    match (&document.snapshot.raw, comments_lost) {
        (Some(current), true) => saying(current, &value),
        _ => saying(raw, &value),
    }
}

fn put_back(sent: Value, document: &Document) -> Result<Value, WriteError> {
    redact::put_back(sent, &document.snapshot.parsed).map_err(|path| {
        let message = "a redacted value, and there is none to keep: send the real one".to_owned();
        WriteError::Invalid(vec![Issue { path, message, suggestion: None, place: None }])
    })
}

/// The value that a text says, references and includes as they are written.
fn parsed(document: &Document, raw: &str, env: &EnvMap) -> Result<Value, RpcError> {
    let snapshot = Document::of_text(&document.snapshot.path, raw.to_owned(), env).snapshot;
    match snapshot.outcome {
        Outcome::Invalid(issues) if snapshot.parsed.is_null() => {
            Err(refused(&WriteError::Unreadable(issues)))
        }
        _ => Ok(snapshot.parsed),
    }
}

fn refused(error: &WriteError) -> RpcError {
    match error {
        WriteError::Conflict => conflict(),
        WriteError::Unreadable(issues) => {
            let message = issues.first().map_or("the configuration cannot be read", |issue| &issue.message);
            RpcError::invalid(message.strip_prefix(PARSE_PREFIX).unwrap_or(message))
        }
        WriteError::Invalid(issues) => RpcError::invalid("invalid config")
            .with_details(json!({ "issues": issues.iter().map(short).collect::<Vec<_>>() })),
        WriteError::Edit(_)
        | WriteError::Rewrite(_)
        | WriteError::Included { .. }
        | WriteError::Merged { .. } => RpcError::invalid(error.to_string()),
        WriteError::Refused(reason) => RpcError::invalid(reason.clone()),
        WriteError::Busy { .. } | WriteError::Io { .. } => RpcError::unavailable(error.to_string()),
    }
}
