//! The screen, laid out as the published program does.

use super::report::{Answer, Discovery, Report, Seen};
use super::warnings::warnings;
use crate::cli::output::harmless::harmless;
use crate::cli::output::paint::Paint;

/// Its lines.
pub(crate) fn screen(report: &Report, paint: Paint) -> String {
    let count = report.count();
    let reachable = match count {
        0 => paint.bad("no"),
        1 => paint.good("yes"),
        count => format!("{} ({count} gateways)", paint.good("yes")),
    };
    let mut lines = vec![
        paint.title("Gateway Status"),
        format!("Reachable: {reachable}"),
        format!("Probe budget: {}ms", report.timeout_ms),
        String::new(),
    ];
    let warnings = warnings(report);
    if !warnings.is_empty() {
        lines.push(paint.doubtful("Warning:"));
        lines.extend(warnings.iter().map(|warning| format!("- {}", harmless(&warning.message))));
        lines.push(String::new());
    }
    lines.push(paint.title("Discovery (this machine)"));
    lines.push(match &report.discovery {
        Discovery::Off(why) => format!("Not listened: {why}"),
        Discovery::Failed(why) => format!("{}: {}", paint.bad("failed"), harmless(why)),
        Discovery::Found(beacons) => format!("Found {} gateways via Bonjour (local.)", beacons.len()),
    });
    lines.push(String::new());
    lines.push(paint.title("Targets"));
    for seen in &report.seen {
        lines.extend(target(seen, paint));
    }
    lines.join("\n")
}

fn target(seen: &Seen, paint: Paint) -> Vec<String> {
    let through = seen.through.as_ref().map(|through| format!(" through {}", through.server));
    let mut lines = vec![format!("{} {}{}", seen.kind.title(), seen.url, through.unwrap_or_default())];
    let (ok, failed) = (paint.good("ok"), paint.bad("failed"));
    lines.push(match &seen.answer {
        Answer::None(reason) => format!("  Connect: {failed} - {}", harmless(reason)),
        Answer::Greeted { latency_ms } => {
            format!("  Connect: {ok} ({latency_ms}ms) · RPC: not asked (nothing to log in with)")
        }
        Answer::In { latency_ms, summary: Ok(_), .. } => {
            format!("  Connect: {ok} ({latency_ms}ms) · RPC: {ok}")
        }
        Answer::Refused { latency_ms, reason, .. } | Answer::In { latency_ms, summary: Err(reason), .. } => {
            format!("  Connect: {ok} ({latency_ms}ms) · RPC: {failed} - {}", harmless(reason))
        }
    });
    let hello = match &seen.answer {
        Answer::In { hello, .. } => Some(hello),
        _ => None,
    };
    let host = hello.and_then(|hello| hello.server.host.as_deref()).map(harmless);
    let version = hello.map(|hello| format!("app {}", harmless(&hello.server.version)));
    let pid = seen.pid.map(|pid| format!("PID {pid}"));
    let facts: Vec<String> = [host, version, pid].into_iter().flatten().collect();
    if seen.answer.is_there() && !facts.is_empty() {
        lines.push(format!("  Gateway: {}", facts.join(" · ")));
    }
    lines
}
