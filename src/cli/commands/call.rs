//! `clawdbot gateway call METHOD`.

use std::process::ExitCode;

use super::reach::{Question, ask};
use crate::cli::args::CallArgs;
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;
use crate::profile::ResolvedProfile;

/// Calls one method of a running gateway and prints its result; with `--json` nothing but the result.
pub(crate) fn run(
    args: CallArgs,
    profile: &ResolvedProfile,
    printer: &Printer,
) -> Result<ExitCode, ExpectedError> {
    let CallArgs { method, params, client, .. } = args;
    let question = Question { method: &method, params, failure: "Gateway call failed: " };
    let result = ask(question, &client, profile, printer)?;
    if client.json {
        printer.json(&result);
    } else {
        printer.text(&format!("Gateway call: {method}\n{result:#}"));
    }
    Ok(ExitCode::SUCCESS)
}
