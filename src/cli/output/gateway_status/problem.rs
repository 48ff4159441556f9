//! What is not as it should be, and what to do about it. The order is the one in which to look.

use super::report::{Mode, Probe, Report};
use crate::config::render;
use crate::platform::ports::describe;
use crate::profile::shorten;
use crate::service::{Author, Runtime};

/// Configuration problems that are shown; `config validate` shows all.
const ISSUES_SHOWN: usize = 5;

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// For scripts.
    pub(crate) code: &'static str,
    /// For people; may have several lines.
    pub(crate) message: String,
    /// Commands and advice.
    pub(crate) fixes: Vec<String>,
}

/// All problems.
pub(crate) fn problems(report: &Report) -> Vec<Problem> {
    let all = [
        config(report),
        service_config(report),
        other_port(report),
        drift(report),
        not_running(report),
        held(report),
        other_process(report),
        silent(report),
        lingers(report),
        others(report),
    ];
    all.into_iter().flatten().collect()
}

fn problem(code: &'static str, message: String, fixes: impl IntoIterator<Item = String>) -> Problem {
    Problem { code, message, fixes: fixes.into_iter().collect() }
}

fn config(report: &Report) -> Option<Problem> {
    let (issues, paths) = (&report.config.issues, &report.paths);
    if issues.is_empty() {
        return None;
    }
    let shown = &issues[..issues.len().min(ISSUES_SHOWN)];
    let mut message = format!("The configuration cannot be used:\n{}", render(shown, &paths.home).trim_end());
    if issues.len() > shown.len() {
        let more = issues.len() - shown.len();
        message = format!("{message}\nand {more} more: {} config validate", paths.command());
    }
    Some(problem("config-invalid", message, [format!("{} config edit", paths.command())]))
}

/// The service reads another file than this command.
fn service_config(report: &Report) -> Option<Problem> {
    let theirs = report.service_config.as_ref()?;
    let home = &report.paths.home;
    let message = format!(
        "The service uses another configuration than this command: {}, not {}.",
        shorten(&theirs.path, home),
        shorten(&report.config.path, home)
    );
    Some(problem("config-mismatch", message, [reinstall(report)]))
}

fn other_port(report: &Report) -> Option<Problem> {
    let configured = report.configured_port.as_ref()?;
    let (has, says) = (report.port.number, configured.number);
    let message = format!("The service is installed for port {has}, and the configuration says {says}.");
    Some(problem("port-mismatch", message, [reinstall(report)]))
}

fn drift(report: &Report) -> Option<Problem> {
    let definition = report.manager.definition.as_ref()?;
    match definition.author() {
        Author::Published => Some(problem(
            "service-of-another-program",
            "The service runs the published Node program.".to_owned(),
            [reinstall(report)],
        )),
        Author::Foreign => Some(problem(
            "service-not-ours",
            format!(
                "{} was not written by clawdbot, and is left alone.",
                shorten(&definition.path, &report.paths.home)
            ),
            [reinstall(report)],
        )),
        Author::Ours if report.manager.drift.is_empty() => None,
        Author::Ours => {
            let lines: Vec<String> = report.manager.drift.iter().map(|line| format!("\n{line}")).collect();
            let message = format!("The service is not what would be installed now:{}", lines.concat());
            Some(problem("service-drift", message, [reinstall(report)]))
        }
    }
}

fn reinstall(report: &Report) -> String {
    format!("{} gateway install --force", report.paths.command())
}

fn not_running(report: &Report) -> Option<Problem> {
    let manager = &report.manager;
    if report.running().is_some() || report.harness.is_some() || report.is_elsewhere() || report.is_up() {
        return None;
    }
    if manager.definition.is_none() {
        let fix = if report.config.exists || report.paths.dev_mode {
            report.paths.start_command()
        } else {
            format!("{} onboard", report.paths.command())
        };
        return Some(problem("not-running", "No gateway runs.".to_owned(), [fix]));
    }
    if let Some((detail, hints)) = &manager.unavailable {
        return Some(problem(
            "manager-unavailable",
            format!("{}.", detail.trim_end_matches('.')),
            hints.iter().cloned(),
        ));
    }
    let status = manager.status.as_ref()?;
    let message = match status.runtime {
        Runtime::Starting => return None,
        Runtime::Failed if status.last_exit == Some(78) => {
            "The service refuses to start, and will not until something is changed.".to_owned()
        }
        Runtime::Failed => "The service has failed, and the manager has given up.".to_owned(),
        _ => "The service does not run.".to_owned(),
    };
    let start = format!("{} gateway start", report.paths.command());
    let why = manager.log_command.iter().map(|command| format!("{command} (shows why)"));
    Some(problem("service-not-running", message, [start].into_iter().chain(why)))
}

/// Somebody else has the port.
fn held(report: &Report) -> Option<Problem> {
    if report.answers_unknown()
        || report.running().is_some()
        || report.harness.is_some()
        || report.is_elsewhere()
    {
        return None;
    }
    let holders = report.port.holders.as_ref().ok().filter(|holders| !holders.is_empty())?;
    let mut lines = vec![format!("Port {} is taken by another program.", report.port.number)];
    lines.extend(holders.iter().map(describe));
    Some(problem("port-taken", lines.join("\n"), [format!("{} --force", report.paths.start_command())]))
}

/// The service runs, and another process of this profile serves.
fn other_process(report: &Report) -> Option<Problem> {
    let process = report.process.as_ref().filter(|process| process.mode != Mode::Service)?;
    let service = report.manager.running()?;
    let pid = process.pid;
    let message = format!("The service runs as PID {service}, and PID {pid} serves this profile.");
    Some(problem(
        "two-gateways",
        message,
        [format!("kill {pid}, then: {} gateway restart", report.paths.command())],
    ))
}

/// It runs and does not answer, answers and refuses, or another one answers.
fn silent(report: &Report) -> Option<Problem> {
    let running = report.running().map(|(pid, _)| pid);
    match report.probe.as_ref()? {
        Probe::Answered { owner: Some(owner), .. } => {
            let message = format!("The gateway at {} belongs to {owner}.", report.url);
            Some(problem(
                "gateway-of-another-profile",
                message,
                [format!("start this profile's: {}", report.paths.start_command())],
            ))
        }
        Probe::Answered { owner: None, .. } => None,
        Probe::Refused { cause, fix } => {
            let message = format!("The gateway does not let this command in: {cause}.");
            Some(problem("probe-refused", message, fix.clone()))
        }
        Probe::Silent { cause, fix } => {
            let message = match running {
                _ if report.is_elsewhere() => {
                    format!("The gateway at {} does not answer: {cause}.", report.url)
                }
                Some(pid) => format!("The gateway runs (PID {pid}) and does not answer: {cause}."),
                None => return None,
            };
            let log = running
                .filter(|_| !report.is_elsewhere())
                .map(|_| format!("look into {}", shorten(&report.log_file, &report.paths.home)));
            Some(problem("probe-failed", message, fix.iter().cloned().chain(log)))
        }
    }
}

/// The service ends with the user's last session.
fn lingers(report: &Report) -> Option<Problem> {
    (report.manager.lingers == Some(false)).then_some(())?;
    let message = "The service ends when you log out, and does not start before you log in.".to_owned();
    Some(problem("not-lingering", message, ["loginctl enable-linger".to_owned()]))
}

/// Others on this machine that a manager starts.
fn others(report: &Report) -> Option<Problem> {
    let others = report.manager.others.as_ref().filter(|others| !others.is_empty())?;
    let home = &report.paths.home;
    let lines = others.iter().map(|other| {
        let port = other.port.map_or_else(String::new, |port| format!(", port {port}"));
        format!("\n{} ({}{port})", other.name, shorten(&other.path, home))
    });
    let message = format!("Other gateways are installed:{}", lines.collect::<String>());
    Some(problem("other-gateways", message, []))
}
