//! `clawdbot gateway discover`.

use std::process::ExitCode;
use std::time::Duration;

use super::reach::block_on;
use crate::cli::args::DiscoverArgs;
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;
use crate::cli::output::gateway_discover::{json, screen};
use crate::discovery::{Browsing, browse, is_disabled};
use crate::profile::{ResolvedProfile, vars};

/// Looks for gateways in the local network. Finding none is an answer and no failure, as in the published program.
pub(crate) fn run(
    args: &DiscoverArgs,
    profile: &ResolvedProfile,
    printer: &Printer,
) -> Result<ExitCode, ExpectedError> {
    if is_disabled(&profile.env) {
        return Err(ExpectedError::Failed(format!(
            "Multicast DNS is switched off by {}.",
            vars::DISABLE_BONJOUR
        )));
    }
    let limit = Duration::from_millis(args.timeout_ms);
    // Whoever asks for a time is patient.
    let browsing = Browsing { limit, quiet: limit };
    let found = block_on(async { Ok(browse(browsing).await) })?
        .map_err(|error| ExpectedError::Failed(format!("gateway discover failed: {error}")))?;
    if args.json {
        printer.json(&json(&found, args.timeout_ms));
    } else {
        printer.text(&screen(&found, printer.paint()));
    }
    Ok(ExitCode::SUCCESS)
}
