//! The log of a gateway elsewhere: its `logs.tail`, asked again and again to follow it.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use super::sources::milliseconds;
use super::view::{End, Entry, View};
use crate::cli::args::LogsArgs;
use crate::cli::commands::reach::{Question, ask};
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;
use crate::logging::LogLine;
use crate::profile::ResolvedProfile;

/// Most lines that a gateway is asked for.
const MOST: usize = 5000;

/// Its answer.
#[derive(Debug, Deserialize)]
struct Tail {
    file: String,
    cursor: u64,
    size: u64,
    lines: Vec<String>,
    #[serde(default)]
    truncated: bool,
    #[serde(default)]
    reset: bool,
}

/// Shows the lines, and with `--follow` what comes after them.
pub(super) fn show(
    args: &LogsArgs,
    view: &View<'_>,
    profile: &ResolvedProfile,
    printer: &Printer,
) -> Result<(), End> {
    let mut is_first = true;
    let mut is_lost = false;
    let mut cursor: Option<u64> = None;
    loop {
        // What is left out here cannot be left out there.
        let limit = if view.is_selective() || !is_first { MOST } else { view.limit.clamp(1, MOST) };
        let mut params = json!({ "limit": limit, "maxBytes": args.max_bytes });
        if let Some(cursor) = cursor {
            params["cursor"] = json!(cursor);
        }
        let question = Question { method: "logs.tail", params, failure: "" };
        let tail = ask(question, &args.client, profile, printer).and_then(|answer| {
            serde_json::from_value::<Tail>(answer).map_err(|error| {
                ExpectedError::Failed(format!("failed to understand the answer to logs.tail: {error}"))
            })
        });
        match tail {
            Ok(tail) => {
                if is_first {
                    view.origin(&tail.file, tail.size, tail.cursor)?;
                } else if tail.reset {
                    view.notice("The log was rotated or emptied, or is written faster than it is read; lines may be missing.")?;
                }
                if is_first && tail.truncated && view.is_selective() {
                    view.notice(&format!(
                        "Older lines were not looked at (--max-bytes {}).",
                        args.max_bytes
                    ))?;
                }
                cursor = Some(tail.cursor);
                let mut entries = shown(view, &tail.lines);
                if is_first {
                    entries.drain(..entries.len().saturating_sub(view.limit));
                }
                view.show(&entries)?;
                (is_first, is_lost) = (false, false);
            }
            Err(ExpectedError::Unreachable(text)) if is_first => {
                let text = format!("Gateway not reachable. Is it running and accessible?\n{text}");
                return Err(End::Failed(ExpectedError::Unreachable(text)));
            }
            Err(ExpectedError::Unreachable(_)) => {
                if !is_lost {
                    view.notice("The gateway does not answer any more; it is asked again and again.")?;
                }
                is_lost = true;
            }
            Err(error) => return Err(End::Failed(error)),
        }
        if !args.follow {
            return Ok(());
        }
        pause(args.interval);
    }
}

fn shown(view: &View<'_>, lines: &[String]) -> Vec<Entry> {
    let lines = lines.iter().filter(|raw| !raw.is_empty()).map(|raw| LogLine::of_file(raw));
    let entries =
        lines.map(|line| Entry { at: line.time.as_deref().and_then(milliseconds).unwrap_or(i64::MAX), line });
    entries
        .filter(|entry| view.shows(entry.line.level) && view.since.is_none_or(|since| entry.at >= since))
        .collect()
}

#[expect(clippy::disallowed_methods, reason = "a gateway announces new lines of its log to nobody")]
fn pause(milliseconds: u64) {
    std::thread::sleep(Duration::from_millis(milliseconds));
}
