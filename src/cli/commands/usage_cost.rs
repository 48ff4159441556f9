//! `clawdbot gateway usage-cost`.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::reach::{Question, ask};
use crate::cli::args::UsageCostArgs;
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;
use crate::profile::ResolvedProfile;

/// Asks a running gateway what its transcripts say about costs; with `--json` prints its answer.
pub(crate) fn run(
    args: &UsageCostArgs,
    profile: &ResolvedProfile,
    printer: &Printer,
) -> Result<ExitCode, ExpectedError> {
    let params = json!({ "days": args.days });
    let question = Question { method: "usage.cost", params, failure: "Gateway usage cost failed: " };
    let cost = ask(question, &args.client, profile, printer)?;
    if args.client.json {
        printer.json(&cost);
    } else {
        printer.text(&lines(&cost, args.days).join("\n"));
    }
    Ok(ExitCode::SUCCESS)
}

/// The published lines.
fn lines(cost: &Value, days: u32) -> Vec<String> {
    let mut lines = vec![format!("Usage cost ({days} days)"), format!("Total: {}", amount(&cost["totals"]))];
    let missing = cost["totals"]["missingCostEntries"].as_u64().filter(|missing| *missing > 0);
    lines.extend(missing.map(|missing| format!("Missing entries: {missing}")));
    let latest = cost["daily"].as_array().and_then(|days| days.last());
    lines
        .extend(latest.map(|day| {
            format!("Latest day: {} · {}", day["date"].as_str().unwrap_or_default(), amount(day))
        }));
    lines
}

/// `$0.1234 · 1200 tokens`.
fn amount(sums: &Value) -> String {
    let cost = sums["totalCost"].as_f64().unwrap_or_default();
    let tokens = sums["totalTokens"].as_u64().unwrap_or_default();
    format!("${cost:.4} · {tokens} tokens")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_day_stands_last() {
        let none =
            json!({ "totals": { "totalCost": 0, "totalTokens": 0, "missingCostEntries": 0 }, "daily": [] });
        assert_eq!(lines(&none, 30), ["Usage cost (30 days)", "Total: $0.0000 · 0 tokens"]);
        let some = json!({
            "totals": { "totalCost": 1.5, "totalTokens": 1200, "missingCostEntries": 2 },
            "daily": [
                { "date": "2026-01-23", "totalCost": 1, "totalTokens": 1000 },
                { "date": "2026-01-24", "totalCost": 0.5, "totalTokens": 200 },
            ],
        });
        assert_eq!(
            lines(&some, 7),
            [
                "Usage cost (7 days)",
                "Total: $1.5000 · 1200 tokens",
                "Missing entries: 2",
                "Latest day: 2026-01-24 · $0.5000 · 200 tokens",
            ]
        );
    }
}
