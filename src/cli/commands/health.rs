//! `clawdbot gateway health`.

use std::process::ExitCode;

use serde_json::json;

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
        printer.tick("WebSocket connection: OK");
        printer.tick("RPC methods: available");
    }
    Ok(if healthy { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
