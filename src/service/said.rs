//! What a manager's command said, for messages. Pure.

use crate::platform::exec::CommandOutput;

/// What it said in one line, errors before anything else; how it ended when it said nothing.
pub(super) fn said(output: &CommandOutput) -> String {
    let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    [&output.stderr, &output.stdout]
        .into_iter()
        .map(|text| line(text))
        .find(|text| !text.is_empty())
        .unwrap_or_else(|| output.exit.to_string())
}
