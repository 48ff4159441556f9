//! The screen: two boxes, then what else there is to say.

use super::problem::{Problem, problems};
use super::report::{Probe, Report};
use crate::cli::output::boxes::{self, Row, TextBox};
use crate::cli::output::paint::{Mark, Paint};
use crate::profile::shorten;
use crate::service::Runtime;

/// The lines, for a terminal of so many columns, or for none.
pub(crate) fn screen(report: &Report, columns: Option<usize>, paint: Paint) -> String {
    let mut all = vec![TextBox { title: "Gateway service status", rows: service(report) }];
    all.extend(report.probe.as_ref().map(|probe| TextBox { title: "RPC probe", rows: rpc(report, probe) }));
    let mut lines = boxes::lines(&all, columns, paint);
    lines.push(String::new());
    lines.extend(places(report));
    for problem in problems(report) {
        lines.push(String::new());
        lines.extend(told(&problem, paint));
    }
    lines.join("\n")
}

fn service(report: &Report) -> Vec<Row> {
    let last = last_error(report);
    let error = Row::new("Last gateway error", last.as_deref().unwrap_or("none"));
    vec![
        Row::new("Service", report.service_line()),
        Row::new("Runtime", report.runtime_line()),
        Row::new("Port", report.port.number.to_string()),
        if last.is_some() { error.marked(Mark::Cross) } else { error },
    ]
}

/// From the log, else from the manager.
fn last_error(report: &Report) -> Option<String> {
    if let Some(error) = &report.last_error {
        return Some(format!("{} {}", error.time, error.message));
    }
    let status = report.manager.status.as_ref().filter(|status| status.runtime == Runtime::Failed)?;
    let said = report.manager.last_line.clone();
    said.or_else(|| Some(format!("exit status {}", status.last_exit?))).or_else(|| status.last_reason.clone())
}

fn rpc(report: &Report, probe: &Probe) -> Vec<Row> {
    let mut rows = vec![Row::new("Target", &report.url)];
    match probe {
        Probe::Answered { latency_ms, .. } => {
            rows.push(Row::new("Status", "connected").marked(Mark::Tick));
            rows.push(Row::new("Latency", format!("{latency_ms}ms")));
        }
        Probe::Silent { cause, .. } => {
            rows.push(Row::new("Status", format!("failed: {cause}")).marked(Mark::Cross));
        }
        Probe::Refused { cause, .. } => {
            rows.push(Row::new("Status", format!("refused: {cause}")).marked(Mark::Cross));
        }
    }
    rows
}

/// Where the files are.
fn places(report: &Report) -> Vec<String> {
    let home = &report.paths.home;
    let missing = if report.config.exists { "" } else { " (missing)" };
    let mut lines = vec![
        format!("Config: {}{missing}", shorten(&report.config.path, home)),
        format!("Log file: {}", shorten(&report.log_file, home)),
    ];
    if let Some(definition) = &report.manager.definition {
        lines.push(format!("Service file: {}", shorten(&definition.path, home)));
    }
    lines
}

fn told(problem: &Problem, paint: Paint) -> Vec<String> {
    let mut lines = Vec::new();
    for (index, line) in problem.message.lines().enumerate() {
        let start = if index == 0 { format!("{} ", paint.mark(Mark::Cross)) } else { "  ".to_owned() };
        lines.push(format!("{start}{line}"));
    }
    lines.extend(problem.fixes.iter().map(|fix| format!("  Fix: {fix}")));
    lines
}
