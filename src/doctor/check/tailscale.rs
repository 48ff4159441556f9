//! Tailscale, when the configuration asks for it.

use crate::doctor::facts::Facts;
use crate::doctor::finding::Finding;
use crate::platform::tailscale::TailscaleError;

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(Err(error)) = &facts.tailscale else { return Vec::new() };
    let (code, command) = match error {
        TailscaleError::NotInstalled => ("tailscale-not-installed", None),
        TailscaleError::NotRunning => ("tailscale-not-running", Some("sudo systemctl start tailscaled")),
        TailscaleError::LoggedOut { .. } => ("tailscale-logged-out", Some("tailscale up")),
        TailscaleError::Stopped => ("tailscale-stopped", Some("tailscale up")),
        _ => ("tailscale-unusable", Some("tailscale status")),
    };
    let finding =
        Finding::error(code, said(error)).why("The gateway runs, and nobody in the tailnet reaches it.");
    vec![match command {
        Some(command) => finding.command(command),
        None => finding
            .advice("install it (https://tailscale.com/download), or set gateway.tailscale.mode to off"),
    }]
}

/// What is wrong, without the way out, which stands beside it.
fn said(error: &TailscaleError) -> String {
    let text = error.to_string();
    text.split_once(". ").map_or(text.as_str(), |(said, _)| said).to_owned()
}
