//! What onboarding asks, in its order.

use crate::cli::args::Flow;
use crate::cli::commands::questions::Questions;
use crate::cli::output::Printer;
use crate::cli::prompt::{Choice, Prompt, Stopped};
use crate::onboarding::{Answers, OnboardAuth, RISK, present_auth};

const FLOWS: [(Flow, Choice); 2] = [
    (Flow::Quickstart, Choice { name: "quickstart", meaning: "this machine alone, with a token" }),
    (Flow::Advanced, Choice { name: "advanced", meaning: "choose port, addresses, and the rest" }),
];

/// Whether the person accepts that.
pub(super) fn risk(prompt: Prompt<'_>, printer: &Printer) -> Result<bool, Stopped> {
    printer.error(RISK);
    prompt.confirm("Go on?", true)
}

/// Asks for what the options have not said.
pub(super) fn questions(
    questions: &Questions<'_>,
    flow: Option<Flow>,
    mut answers: Answers,
) -> Result<Answers, Stopped> {
    let flow = match flow {
        Some(flow) => flow,
        None => FLOWS[questions.prompt.select("How?", &FLOWS.map(|(_, choice)| choice), 0)?].0,
    };
    if flow == Flow::Advanced {
        questions.listen(&mut answers)?;
        let proposed = match present_auth(questions.config) {
            OnboardAuth::Off => OnboardAuth::Token,
            present => present,
        };
        questions.auth(&mut answers, proposed)?;
        questions.tailscale(&mut answers)?;
        questions.workspace(&mut answers)?;
    }
    Ok(answers)
}
