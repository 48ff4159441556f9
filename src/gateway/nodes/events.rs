//! What a node tells (`node.event`, `wire-protocol` D.6). Pure.

use serde_json::Value;

/// Characters of a command's output that are passed on.
const OUTPUT: usize = 4096;

/// What follows from an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NodeEvent {
    /// It follows a session.
    Subscribe(String),
    /// It follows a session no longer.
    Unsubscribe(String),
    /// A text for the main session.
    Tell(String),
    /// Somebody speaks to an agent, of which there is none.
    ForAgent,
    /// Nothing that is known, or nothing usable.
    Ignored,
}

impl NodeEvent {
    /// Reads an event of a node.
    pub(crate) fn read(node_id: &str, event: &str, payload: &Value) -> Self {
        let text = |name: &str| payload[name].as_str().map(str::trim).filter(|text| !text.is_empty());
        let session = || text("sessionKey").map(str::to_owned);
        match event {
            "chat.subscribe" => session().map_or(Self::Ignored, Self::Subscribe),
            "chat.unsubscribe" => session().map_or(Self::Ignored, Self::Unsubscribe),
            "voice.transcript" if text("text").is_some() => Self::ForAgent,
            "agent.request" if text("message").is_some() => Self::ForAgent,
            "exec.started" | "exec.finished" | "exec.denied" => {
                let run = text("runId").map(|run| format!(" id={run}")).unwrap_or_default();
                let about = format!("node={node_id}{run}");
                let command = text("command").map(|command| format!(": {command}")).unwrap_or_default();
                Self::Tell(match event {
                    "exec.started" => format!("Exec started ({about}){command}"),
                    "exec.denied" => {
                        let reason = text("reason").map(|reason| format!(", {reason}")).unwrap_or_default();
                        format!("Exec denied ({about}{reason}){command}")
                    }
                    _ => {
                        let end = if payload["timedOut"] == true {
                            ", timed out".to_owned()
                        } else {
                            payload["exitCode"]
                                .as_i64()
                                .map(|code| format!(", code {code}"))
                                .unwrap_or_default()
                        };
                        let output = text("output").map(|output| format!("\n{}", last(output)));
                        format!("Exec finished ({about}{end}){}", output.unwrap_or_default())
                    }
                })
            }
            _ => Self::Ignored,
        }
    }
}

/// The end of an output says what became of it.
fn last(output: &str) -> &str {
    let skipped = output.chars().count().saturating_sub(OUTPUT);
    output.char_indices().nth(skipped).map_or("", |(start, _)| &output[start..])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(event: &str, payload: &Value, expect: &NodeEvent) {
        assert_eq!(&NodeEvent::read("n", event, payload), expect);
    }

    #[test]
    fn events() {
        let tell = |text: &str| NodeEvent::Tell(text.to_owned());
        check("chat.subscribe", &json!({ "sessionKey": " main " }), &NodeEvent::Subscribe("main".to_owned()));
        check("chat.unsubscribe", &json!({ "sessionKey": "x" }), &NodeEvent::Unsubscribe("x".to_owned()));
        check("chat.subscribe", &json!({}), &NodeEvent::Ignored);
        check("voice.transcript", &json!({ "text": "hello" }), &NodeEvent::ForAgent);
        check("agent.request", &json!({ "message": " " }), &NodeEvent::Ignored);
        check("unheard.of", &Value::Null, &NodeEvent::Ignored);
        check(
            "exec.started",
            &json!({ "runId": "r", "command": "ls" }),
            &tell("Exec started (node=n id=r): ls"),
        );
        check(
            "exec.denied",
            &json!({ "runId": "r", "command": "rm", "reason": "user" }),
            &tell("Exec denied (node=n id=r, user): rm"),
        );
        let finished = json!({ "runId": "r", "exitCode": 0, "output": "done\n" });
        check("exec.finished", &finished, &tell("Exec finished (node=n id=r, code 0)\ndone"));
        check("exec.finished", &json!({ "timedOut": true }), &tell("Exec finished (node=n, timed out)"));
    }

    #[test]
    fn only_the_end_of_an_output_is_passed_on() {
        let long = format!("{}end", "ä".repeat(OUTPUT));
        assert_eq!(last(&long).chars().count(), OUTPUT);
        assert!(last(&long).ends_with("end"));
        assert_eq!(last("short"), "short");
    }
}
