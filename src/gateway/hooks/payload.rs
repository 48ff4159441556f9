//! What `wake` and `agent` take.

use serde_json::Value;

use crate::config::schema::WakeMode;

/// The name of a hook that has none.
const NAME: &str = "Hook";

/// Where an answer may be sent to. Nothing is sent by this gateway; a mistake is one all the same.
const CHANNELS: [&str; 1] = ["last"];

/// A text for the main session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wake {
    pub(crate) text: String,
    pub(crate) mode: WakeMode,
}

/// A task for an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AgentTask {
    pub(crate) message: String,
    pub(crate) name: String,
    pub(crate) wake_mode: WakeMode,
}

impl Wake {
    /// Reads the body of `wake`; what is wrong with it otherwise.
    pub(crate) fn read(body: &Value) -> Result<Self, &'static str> {
        let text = text(body, "text").ok_or("text required")?.to_owned();
        Ok(Self { text, mode: mode(&body["mode"]) })
    }
}

impl AgentTask {
    /// Reads the body of `agent`; what is wrong with it otherwise.
    pub(crate) fn read(body: &Value) -> Result<Self, String> {
        let message = text(body, "message").ok_or("message required")?.to_owned();
        let is_known = |name: &str| CHANNELS.iter().any(|channel| channel.eq_ignore_ascii_case(name));
        if body.get("channel").is_some() && !text(body, "channel").is_some_and(is_known) {
            return Err(format!("channel must be {}", CHANNELS.join("|")));
        }
        if body.get("model").is_some() && text(body, "model").is_none() {
            return Err("model required".to_owned());
        }
        let name = text(body, "name").unwrap_or(NAME).to_owned();
        Ok(Self { message, name, wake_mode: mode(&body["wakeMode"]) })
    }

    /// What the main session is told while no agent runs.
    pub(crate) fn event(&self) -> String {
        format!("Hook {}: {}", self.name, self.message)
    }
}

/// A member that says something.
fn text<'a>(body: &'a Value, name: &str) -> Option<&'a str> {
    body[name].as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// Everything but the one word means at once.
fn mode(value: &Value) -> WakeMode {
    if value == WakeMode::NextHeartbeat.as_str() { WakeMode::NextHeartbeat } else { WakeMode::Now }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn wake() {
        let wake = |text: &str, mode| Ok(Wake { text: text.to_owned(), mode });
        for (body, expected) in [
            (json!({ "text": " a " }), wake("a", WakeMode::Now)),
            (json!({ "text": "a", "mode": "next-heartbeat" }), wake("a", WakeMode::NextHeartbeat)),
            (json!({ "text": "a", "mode": "later" }), wake("a", WakeMode::Now)),
            (json!({ "text": "a", "mode": 5 }), wake("a", WakeMode::Now)),
            (json!({ "text": " " }), Err("text required")),
            (json!({ "text": 5 }), Err("text required")),
            (json!({}), Err("text required")),
            (json!([]), Err("text required")),
            (json!("text"), Err("text required")),
            (Value::Null, Err("text required")),
        ] {
            assert_eq!(Wake::read(&body), expected, "{body}");
        }
    }

    #[test]
    fn agent() {
        let read = |body: Value| AgentTask::read(&body).map(|task| (task.event(), task.wake_mode));
        let done = |text: &str, mode| Ok((text.to_owned(), mode));
        let failed = |text: &str| Err(text.to_owned());
        for (body, expected) in [
            (json!({ "message": " m " }), done("Hook Hook: m", WakeMode::Now)),
            (json!({ "message": "m", "name": " Mail " }), done("Hook Mail: m", WakeMode::Now)),
            (
                json!({ "message": "m", "name": "", "wakeMode": "next-heartbeat", "channel": "LAST", "model": "a/b" }),
                done("Hook Hook: m", WakeMode::NextHeartbeat),
            ),
            (json!({}), failed("message required")),
            (json!({ "message": ["m"] }), failed("message required")),
            (json!({ "message": "m", "model": " " }), failed("model required")),
            (json!({ "message": "m", "model": null }), failed("model required")),
            (json!({ "message": "m", "channel": " " }), failed("channel must be last")),
            (json!({ "message": "m", "channel": "pigeon" }), failed("channel must be last")),
        ] {
            assert_eq!(read(body.clone()), expected, "{body}");
        }
    }
}
