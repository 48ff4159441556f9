//! What a person reads while the harness runs. Pure: notices in, lines out.

use std::path::Path;
use std::time::Duration;

use super::events::kind;
use crate::cli::commands::recording;
use crate::cli::output::{listen, startup};
use crate::config;
use crate::harness::supervisor::notice::{Notice, Timing, Trigger};
use crate::harness::supervisor::plan::Problem;
use crate::platform::ports;
use crate::profile::shorten;

/// One line for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// Good news: `✓ ` on standard output.
    Done(String),
    /// Bad news: `✗ ` on standard error.
    Failed(String),
    /// Detail of bad news, on standard error.
    Detail(String),
}

/// What the lines are about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places<'a> {
    /// What is supervised: a gateway, or a command.
    pub(super) kind: &'static str,
    /// The home directory.
    pub(super) home: &'a Path,
    /// The workspace.
    pub(super) workspace: &'a Path,
}

/// Files named in one line before the rest is counted.
const NAMED: usize = 3;

/// Lines about a notice. The start-up lines of the first generation are not made here.
pub(super) fn lines(
    notice: &Notice,
    tail: &[String],
    running: Option<u32>,
    places: &Places<'_>,
) -> Vec<Line> {
    let Places { kind, home, workspace } = *places;
    match notice {
        Notice::Serving { triggers, service, timing, .. } => {
            vec![Line::Done(reloaded(triggers, timing, service.pid(), workspace))]
        }
        Notice::Kept { triggers, pid, reason, .. } => {
            let why = causes(triggers, workspace);
            let mut lines = vec![Line::Failed(format!("the new {kind} did not start: {reason} ({why})"))];
            lines.extend(tail.iter().map(|line| Line::Detail(format!("  {line}"))));
            lines.push(Line::Failed(format!("kept the running {kind} (PID {pid})")));
            lines
        }
        Notice::Refused { problem, .. } => {
            let mut lines = problem_lines(problem, home);
            lines.push(match running {
                Some(pid) => Line::Failed(format!("kept the running {kind} (PID {pid})")),
                None => Line::Failed(format!("the {kind} that is starting uses the configuration as it was")),
            });
            lines
        }
        Notice::Applied { pid, triggers, waiting, took, .. } => {
            let why = causes(triggers, workspace);
            let mut lines =
                vec![Line::Done(format!("applied in {} ({why}) (PID {pid})", milliseconds(*took)))];
            if !waiting.is_empty() {
                let waiting = waiting.join(", ");
                lines.push(Line::Failed(format!("needs a restart (gateway.reload.mode=hot): {waiting}")));
            }
            lines
        }
        Notice::Mended => vec![Line::Done("config is valid again; nothing changed".to_owned())],
        Notice::Ignored { keys } => vec![Line::Done(format!(
            "config edit not acted upon (gateway.reload.mode=off): {}",
            keys.join(", ")
        ))],
        Notice::Crashed { pid, reason, retry_in, rollback, .. } => {
            let mut lines = vec![Line::Failed(match pid {
                Some(pid) => format!("the {kind} ended: {reason} (PID {pid})"),
                None => format!("the {kind} did not start: {reason}"),
            })];
            lines.extend(tail.iter().map(|line| Line::Detail(format!("  {line}"))));
            match retry_in {
                Some(_) if *rollback => {
                    lines.push(Line::Detail("  going back to the last configuration that worked".to_owned()));
                }
                Some(delay) if !delay.is_zero() => lines.push(Line::Detail(format!(
                    "  next attempt in {}, or at the next edit",
                    milliseconds(*delay)
                ))),
                _ => {}
            }
            lines
        }
        Notice::Built { took } => vec![Line::Done(format!("built in {}", milliseconds(*took)))],
        Notice::BuildFailed { triggers, reason } => {
            let failed = format!("the build failed: {reason} ({})", causes(triggers, workspace));
            let kept = running.map(|pid| Line::Failed(format!("kept the running {kind} (PID {pid})")));
            [Line::Failed(failed)].into_iter().chain(kept).collect()
        }
        Notice::Revealed { summary, .. } => {
            startup::command(summary).into_iter().skip(1).map(Line::Done).collect()
        }
        Notice::Finished { pid, .. } => {
            vec![Line::Done(format!("the {kind} is done (PID {pid}); the next edit starts it again"))]
        }
        Notice::Hung { pid, .. } => {
            vec![Line::Failed(format!("the gateway does not answer; killing it (PID {pid})"))]
        }
        Notice::Escalated { generation, signal } => {
            vec![Line::Failed(format!("generation {} did not end in time: {signal}", generation.0))]
        }
        Notice::Recording(now) => vec![match recording::news(now, home) {
            Ok(good) => Line::Done(good),
            Err(bad) => Line::Failed(bad),
        }],
        Notice::Degraded { message } => vec![Line::Failed(message.clone())],
        Notice::Quarantined { path } => vec![Line::Detail(format!(
            "  {} is written by the gateway itself at every start; held back while one starts",
            relative(path, workspace)
        ))],
        Notice::Output { line, .. } => vec![Line::Detail(line.clone())],
        Notice::Starting { .. } | Notice::Armed { .. } | Notice::Stopping { .. } | Notice::Stopped { .. } => {
            Vec::new()
        }
    }
}

/// The problem itself, with places and marks.
pub(super) fn problem_lines(problem: &Problem, home: &Path) -> Vec<Line> {
    let text = match problem {
        Problem::Config { issues, .. } => config::render(issues, home),
        Problem::Missing(path) => {
            format!("no config at {}", shorten(path, home))
        }
        Problem::Dotenv(message) | Problem::Refused(message) => message.clone(),
        Problem::Address { address, kind } => {
            listen::failed(*address, &(*kind).into(), &ports::holders(address.port()))
        }
    };
    let mut lines = text.lines().map(str::to_owned);
    let first = lines.next().map(Line::Failed);
    first.into_iter().chain(lines.map(Line::Detail)).collect()
}

fn reloaded(triggers: &[Trigger], timing: &Timing, pid: u32, workspace: &Path) -> String {
    let verb = match triggers {
        [Trigger::Crash] => "restarted",
        [Trigger::Rollback] => "rolled back",
        _ => "reloaded",
    };
    format!("{verb} in {} ({}) (PID {pid})", milliseconds(timing.total), causes(triggers, workspace))
}

/// `workspace: AGENTS.md, SOUL.md; config: gateway.port`.
fn causes(triggers: &[Trigger], workspace: &Path) -> String {
    let mut groups: Vec<(&str, Vec<String>)> = Vec::new();
    for trigger in triggers {
        let (name, items) = match trigger {
            Trigger::File { cause, path, keys } if keys.is_empty() => {
                (kind(*cause), vec![relative(path, workspace)])
            }
            Trigger::File { cause, keys, .. } => (kind(*cause), keys.clone()),
            Trigger::Signal(signal) => ("signal", vec![(*signal).to_owned()]),
            Trigger::Key(key) => ("key", vec![key.to_string()]),
            Trigger::Start => ("start", Vec::new()),
            Trigger::Crash => ("after a crash", Vec::new()),
            Trigger::Rollback => ("last good configuration", Vec::new()),
        };
        match groups.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => known.extend(items),
            None => groups.push((name, items)),
        }
    }
    let group = |(name, items): (&str, Vec<String>)| {
        if items.is_empty() {
            return name.to_owned();
        }
        let more = items.len().saturating_sub(NAMED);
        let named = items[..items.len().min(NAMED)].join(", ");
        if more == 0 { format!("{name}: {named}") } else { format!("{name}: {named} and {more} more") }
    };
    groups.into_iter().map(group).collect::<Vec<_>>().join("; ")
}

/// A file of the workspace by its path in it, any other by its name.
fn relative(path: &Path, workspace: &Path) -> String {
    let short = path.strip_prefix(workspace).ok().filter(|rest| !rest.as_os_str().is_empty());
    let name = short.map(Path::as_os_str).or_else(|| path.file_name()).unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

fn milliseconds(duration: Duration) -> String {
    let whole = duration.as_micros().div_ceil(1000);
    if whole < 10_000 { format!("{whole}ms") } else { format!("{:.1}s", duration.as_secs_f64()) }
}
