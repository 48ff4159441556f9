//! `clawdbot gateway health`, and `clawdbot health`, which says more.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::reach::{Question, ask};
use crate::cli::args::ClientArgs;
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;
use crate::profile::ResolvedProfile;

/// Asks a running gateway how it is. With `--json` prints the summary, else three lines; an answer to the request
/// is the proof for all three.
pub(crate) fn run(
    args: &ClientArgs,
    profile: &ResolvedProfile,
    printer: &Printer,
) -> Result<ExitCode, ExpectedError> {
    tell(args, profile, printer, |_| {
        printer.tick("WebSocket connection: OK");
        printer.tick("RPC methods: available");
    })
}

/// The same, with the agents and their sessions instead of what an answer proves.
pub(crate) fn summary(
    args: &ClientArgs,
    profile: &ResolvedProfile,
    printer: &Printer,
) -> Result<ExitCode, ExpectedError> {
    tell(args, profile, printer, |health| printer.text(&summary_lines(health).join("\n")))
}

fn tell(
    args: &ClientArgs,
    profile: &ResolvedProfile,
    printer: &Printer,
    details: impl FnOnce(&Value),
) -> Result<ExitCode, ExpectedError> {
    let question = Question { method: "health", params: json!({}), failure: "" };
    let health = ask(question, args, profile, printer)?;
    let healthy = health["ok"] != json!(false);
    if args.json {
        printer.json(&health);
    } else {
        if healthy {
            printer.tick("Gateway is healthy");
        } else {
            printer.cross("Gateway is not healthy");
        }
        details(&health);
    }
    Ok(if healthy { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The published lines, as far as there is something to say.
fn summary_lines(health: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let agents = health["agents"].as_array().map(Vec::as_slice).unwrap_or_default();
    let names: Vec<String> = agents
        .iter()
        .map(|agent| {
            let default = if agent["isDefault"] == true { " (default)" } else { "" };
            format!("{}{default}", text(&agent["agentId"]))
        })
        .collect();
    let mut lines =
        vec![format!("Agents: {}", if names.is_empty() { "none".to_owned() } else { names.join(", ") })];
    lines.extend(agents.iter().map(|agent| {
        let (sessions, id) = (&agent["sessions"], text(&agent["agentId"]));
        let count = sessions["count"].as_u64().unwrap_or_default();
        let noun = if count == 1 { "entry" } else { "entries" };
        format!("Session store ({id}): {} ({count} {noun})", text(&sessions["path"]))
    }));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agents_and_their_sessions() {
        let sessions = |count: u32| json!({ "path": "/s/sessions.json", "count": count, "recent": [] });
        let health = json!({ "agents": [
            { "agentId": "main", "isDefault": true, "sessions": sessions(1) },
            { "agentId": "work", "isDefault": false, "sessions": sessions(2) },
        ] });
        assert_eq!(
            summary_lines(&health),
            [
                "Agents: main (default), work",
                "Session store (main): /s/sessions.json (1 entry)",
                "Session store (work): /s/sessions.json (2 entries)",
            ]
        );
        assert_eq!(summary_lines(&json!({})), ["Agents: none"]);
    }
}
