//! `--events json`: one JSON object per line for every change of state. Documented in `dev/EVENTS.md`; `v` counts
//! incompatible changes.

use std::path::Path;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::cli::output::event::object;
use crate::harness::supervisor::notice::{CommandSummary, Notice, Service, Timing, Trigger};
use crate::harness::supervisor::plan::Problem;
use crate::recording::Recording;
use crate::watch::Cause;

/// The event of a notice. `ts` is wall time in Unix milliseconds, `running` the process id that serves.
/// `first`: nothing has served before.
pub(super) fn event(
    notice: &Notice,
    tail: &[String],
    running: Option<u32>,
    first: bool,
    ts: u64,
) -> Option<Value> {
    let (name, fields) = describe(notice, tail, running, first)?;
    Some(object(name, fields, ts))
}

fn describe(
    notice: &Notice,
    tail: &[String],
    running: Option<u32>,
    first: bool,
) -> Option<(&'static str, Value)> {
    Some(match notice {
        Notice::Starting { generation, triggers, replaces } => {
            let name = if replaces.is_some() { "reloading" } else { "starting" };
            (name, json!({ "generation": generation.0, "causes": causes(triggers) }))
        }
        Notice::Serving { generation, triggers, service, timing } => {
            let name = if first { "ready" } else { "reloaded" };
            let mut fields = serving(service);
            fields["generation"] = json!(generation.0);
            fields["causes"] = causes(triggers);
            fields["ms"] = milliseconds(timing);
            (name, fields)
        }
        Notice::Kept { candidate, triggers, pid, reason } => {
            let fields = json!({
                "generation": candidate.0,
                "pid": pid,
                "causes": causes(triggers),
                "message": reason,
                "tail": tail,
            });
            ("kept", fields)
        }
        Notice::Refused { triggers, problem } => {
            let fields = json!({
                "pid": running,
                "causes": causes(triggers),
                "message": summarize(problem),
                "issues": issues(problem),
            });
            ("kept", fields)
        }
        Notice::Applied { generation, pid, triggers, waiting, took } => {
            let fields = json!({
                "generation": generation.0,
                "pid": pid,
                "causes": causes(triggers),
                "waiting": waiting,
                "ms": { "total": millis(*took) },
            });
            ("applied", fields)
        }
        Notice::Mended => ("mended", json!({ "pid": running })),
        Notice::Ignored { keys } => ("ignored", json!({ "pid": running, "keys": keys })),
        Notice::Crashed { generation, pid, reason, retry_in, rollback } => {
            let fields = json!({
                "generation": generation.0,
                "pid": pid,
                "message": reason,
                "tail": tail,
                "retryInMs": retry_in.map(millis),
                "rollback": rollback,
            });
            ("crashed", fields)
        }
        Notice::Built { took } => ("built", json!({ "ms": { "total": millis(*took) } })),
        Notice::BuildFailed { triggers, reason } => {
            let message = format!("the build failed: {reason}");
            ("kept", json!({ "pid": running, "causes": causes(triggers), "message": message }))
        }
        Notice::Revealed { generation, summary } => {
            let mut fields = serving_command(summary);
            fields["generation"] = json!(generation.0);
            ("revealed", fields)
        }
        Notice::Finished { generation, pid } => {
            ("finished", json!({ "generation": generation.0, "pid": pid }))
        }
        Notice::Hung { generation, pid } => ("hung", json!({ "generation": generation.0, "pid": pid })),
        Notice::Escalated { generation, signal } => {
            ("escalated", json!({ "generation": generation.0, "signal": signal }))
        }
        Notice::Recording(Recording { current, last, problem }) => {
            let name = if current.is_some() { "recording" } else { "recorded" };
            let path = current.as_ref().or(last.as_ref()).map(|path| text(path));
            (name, json!({ "path": path, "message": problem }))
        }
        Notice::Armed { directories, files, took } => {
            ("armed", json!({ "directories": directories, "files": files, "ms": { "total": millis(*took) } }))
        }
        Notice::Degraded { message } => ("degraded", json!({ "message": message })),
        Notice::Quarantined { path } => ("quarantined", json!({ "path": text(path) })),
        Notice::Stopping { at_once } => ("stopping", json!({ "atOnce": at_once })),
        Notice::Stopped { code } => ("stopped", json!({ "exitCode": code })),
        Notice::Output { .. } => return None,
    })
}

/// What serves. A command has the address of a gateway, whatever it speaks.
fn serving(service: &Service) -> Value {
    match service {
        Service::Gateway(summary) => json!({
            "pid": summary.pid,
            "url": summary.urls.first(),
            "urls": summary.urls,
            "tlsFingerprint": summary.tls_fingerprint,
        }),
        Service::Command(summary) => serving_command(summary),
    }
}

fn serving_command(summary: &CommandSummary) -> Value {
    let urls: Vec<String> = summary.addresses.iter().map(|address| format!("ws://{address}")).collect();
    json!({
        "pid": summary.pid,
        "url": urls.first(),
        "urls": urls,
        "command": summary.command,
        "tier": summary.tier.name(),
        "ownPort": summary.own_port,
    })
}

fn causes(triggers: &[Trigger]) -> Value {
    triggers
        .iter()
        .map(|trigger| match trigger {
            Trigger::Start => json!({ "kind": "start" }),
            Trigger::File { cause, path, keys } if keys.is_empty() => {
                json!({ "kind": kind(*cause), "path": text(path) })
            }
            Trigger::File { cause, path, keys } => {
                json!({ "kind": kind(*cause), "path": text(path), "keys": keys })
            }
            Trigger::Signal(name) => json!({ "kind": "signal", "signal": name }),
            Trigger::Key(key) => json!({ "kind": "key", "key": key.to_string() }),
            Trigger::Crash => json!({ "kind": "crash" }),
            Trigger::Rollback => json!({ "kind": "rollback" }),
        })
        .collect()
}

/// The word for a cause, also on the screen.
pub(super) fn kind(cause: Cause) -> &'static str {
    match cause {
        Cause::Config => "config",
        Cause::Env => "env",
        Cause::Executable => "executable",
        Cause::Workspace => "workspace",
        Cause::Extra => "watch",
    }
}

fn milliseconds(timing: &Timing) -> Value {
    json!({
        "total": millis(timing.total),
        "debounce": millis(timing.debounce),
        "prepare": millis(timing.prepare),
        "drain": millis(timing.drain),
        "activate": millis(timing.activate),
    })
}

/// Milliseconds with three digits after the point.
fn millis(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1_000_000.0).round() / 1000.0
}

/// One line about a problem.
fn summarize(problem: &Problem) -> String {
    match problem {
        Problem::Config { path, issues } => {
            let first = issues.first().map(|issue| format!("{}: {}", issue.path, issue.message));
            let more = issues.len().saturating_sub(1);
            let rest = if more == 0 { String::new() } else { format!(" (and {more} more)") };
            format!("invalid config at {}: {}{rest}", path.display(), first.unwrap_or_default())
        }
        Problem::Missing(path) => format!("no config at {}", path.display()),
        Problem::Dotenv(message) | Problem::Refused(message) => message.clone(),
        Problem::Address { address, kind } => format!("cannot listen on {address}: {kind}"),
    }
}

/// Place and text of every mistake; never the text of the file, which may be a secret.
fn issues(problem: &Problem) -> Value {
    let Problem::Config { issues, .. } = problem else { return Value::Null };
    issues
        .iter()
        .map(|issue| {
            let mut object = Map::new();
            object.insert("path".to_owned(), json!(issue.path));
            object.insert("message".to_owned(), json!(issue.message));
            if let Some(suggestion) = &issue.suggestion {
                object.insert("suggestion".to_owned(), json!(suggestion));
            }
            if let Some(place) = &issue.place {
                object.insert("file".to_owned(), json!(text(&place.file)));
                object.insert("line".to_owned(), json!(place.line));
                object.insert("column".to_owned(), json!(place.column));
            }
            Value::Object(object)
        })
        .collect()
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
