//! `session_status`: one session at a glance, and its model.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::call::{Answer, Invocation};
use super::sessions::is_key;
use crate::gateway::context::VERSION;
use crate::gateway::sessions::SessionKey;

/// Context of a model of which nothing is known, in tokens; the published gateway assumes the same.
const CONTEXT_TOKENS: u64 = 200_000;

pub(super) async fn status(invocation: &Invocation<'_>) -> Result<Answer, String> {
    let key = wanted(invocation).await?;
    let changed = match invocation.text("model") {
        None => false,
        Some(model) => {
            let model = if model == "default" { Value::Null } else { model.into() };
            invocation.ask("sessions.patch", json!({ "key": key, "model": model })).await?;
            true
        }
    };
    let list =
        invocation.ask("sessions.list", json!({ "includeGlobal": true, "includeUnknown": true })).await?;
    let rows = list["sessions"].as_array().map_or(&[][..], Vec::as_slice);
    let Some(row) = rows.iter().find(|row| row["key"] == key.as_str()) else {
        return Err(format!("Unknown sessionKey: {key}"));
    };
    let text = card(invocation, &key, row);
    let details = json!({ "ok": true, "sessionKey": key, "changedModel": changed, "statusText": text });
    Ok(Answer::Text(text, details))
}

/// The session that is meant: by key or by id, otherwise the one that the call is made for.
async fn wanted(invocation: &Invocation<'_>) -> Result<String, String> {
    let Some(given) = invocation.text("sessionKey") else {
        return match invocation.given_session {
            Some(given) => by_name(invocation, given).await,
            None => Ok(invocation.session.canonical.clone()),
        };
    };
    by_name(invocation, given).await
}

async fn by_name(invocation: &Invocation<'_>, given: &str) -> Result<String, String> {
    if is_key(given) {
        let key = SessionKey::of(&invocation.live.roster, given);
        return key.map(|key| key.canonical).ok_or_else(|| format!("Unknown sessionKey: {given}"));
    }
    let found = invocation.ask("sessions.resolve", json!({ "sessionId": given })).await;
    let key = found.ok().and_then(|found| found["key"].as_str().map(str::to_owned));
    key.ok_or_else(|| format!("Unknown sessionId: {given}"))
}

/// The lines that the published gateway shows, as far as there is something to show here.
fn card(invocation: &Invocation<'_>, key: &str, row: &Value) -> String {
    let now_ms = invocation.gateway.now_ms();
    let model = match (row["modelProvider"].as_str(), row["model"].as_str()) {
        (Some(provider), Some(model)) => format!("{provider}/{model}"),
        (None, Some(model)) => model.to_owned(),
        _ => invocation.live.settings.model.clone(),
    };
    let used = row["totalTokens"].as_u64().unwrap_or(0);
    let context = row["contextTokens"].as_u64().unwrap_or(CONTEXT_TOKENS).max(1);
    let think = row["thinkingLevel"].as_str().unwrap_or("off");
    let updated = row["updatedAt"].as_u64().map_or_else(|| "unknown".to_owned(), |at| ago(now_ms, at));
    let mut text = format!("🦞 Clawdbot {VERSION}\n");
    // Writing to a text does not fail.
    let _ = writeln!(text, "🧠 Model: {model}");
    let _ = writeln!(text, "📚 Context: {}/{} ({}%)", short(used), short(context), used * 100 / context);
    let _ = writeln!(text, "🧵 Session: {key} • updated {updated}");
    let _ = write!(text, "⚙️ Runtime: no agent runs in this gateway · Think: {think}");
    text
}

/// How long ago something was, in the largest unit that fits.
fn ago(now_ms: u64, at_ms: u64) -> String {
    let Some(seconds) = now_ms.checked_sub(at_ms).map(|span| span / 1000) else {
        return "unknown".to_owned();
    };
    match seconds {
        0..60 => "just now".to_owned(),
        60..3600 => format!("{}m ago", seconds / 60),
        3600..86_400 => format!("{}h ago", seconds / 3600),
        _ => format!("{}d ago", seconds / 86_400),
    }
}

/// A number of tokens: `950`, `200k`.
fn short(tokens: u64) -> String {
    if tokens < 1000 { tokens.to_string() } else { format!("{}k", tokens / 1000) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_numbers_are_short() {
        for (at, expected) in
            [(100_000_000, "just now"), (99_000_000, "16m ago"), (90_000_000, "2h ago"), (0, "1d ago")]
        {
            assert_eq!(ago(100_000_000, at), expected);
        }
        assert_eq!(ago(1, 2), "unknown");
        assert_eq!([999, 1000, 200_500].map(short), ["999", "1k", "200k"]);
    }
}
