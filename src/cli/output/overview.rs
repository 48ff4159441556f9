//! What `status` shows: the gateway and its sessions at one glance, and what to do next. Pure.

use serde_json::{Value, json};

use super::boxes::{self, Row, TextBox};
use super::columns;
use super::gateway_status::{Probe, Report, problems};
use super::harmless::harmless;
use super::paint::{Mark, Paint};
use crate::client::target::TargetSource;
use crate::platform::host::HostFacts;
use crate::profile::{ProfileName, shorten};

/// Sessions that are shown.
const SHOWN: usize = 5;

/// The screen, for a terminal of so many columns, or for none.
pub(crate) fn screen(report: &Report, machine: &HostFacts, columns: Option<usize>, paint: Paint) -> String {
    let home = &report.paths.home;
    let status = answer(report);
    let missing = match (report.config.exists, report.config.issues.is_empty()) {
        (false, _) => " (missing)",
        (true, false) => " (invalid)",
        (true, true) => "",
    };
    let mut rows = vec![gateway(report)];
    rows.push(Row::new("Dashboard", report.dashboard.as_deref().unwrap_or("disabled")));
    let service = format!("{}; {}", report.service_line(), report.runtime_line());
    rows.push(Row::new("Gateway service", service));
    rows.push(Row::new("Profile", report.paths.name.as_ref().map_or("default", |name| name.as_str())));
    rows.push(Row::new("Config", format!("{}{missing}", shorten(&report.config.path, home))));
    rows.push(Row::new("OS", format!("{} {} ({})", machine.os, machine.release, machine.arch)));
    if let Some(status) = status {
        rows.push(Row::new("Agents", agents(status)));
        rows.push(Row::new("Sessions", sessions_line(status)));
    }
    let mut lines = vec![paint.title("Clawdbot status"), String::new()];
    lines.extend(boxes::lines(&[TextBox { title: "Overview", rows }], columns, paint));
    let recent: Vec<[String; 4]> = status.map(recent).unwrap_or_default();
    if !recent.is_empty() {
        lines.extend([String::new(), paint.title("Sessions")]);
        lines.extend(columns::columns(&recent));
    }
    lines.extend([String::new(), paint.title("Next steps")]);
    lines.extend(next_steps(report));
    lines.join("\n")
}

/// The same for scripts, with the published members, as far as there is something behind them.
pub(crate) fn json(report: &Report, machine: &HostFacts) -> Value {
    let status = answer(report);
    let part = |name: &str| status.map(|status| status[name].clone()).unwrap_or_default();
    let manager = &report.manager;
    let is_remote = matches!(report.target, TargetSource::Remote | TargetSource::RemoteMissing);
    let (version, host, latency, error) = match &report.probe {
        Some(Probe::Answered { version, host, latency_ms, .. }) => {
            (Some(version), host.as_ref(), Some(latency_ms), None)
        }
        Some(Probe::Silent { cause, .. } | Probe::Refused { cause, .. }) => (None, None, None, Some(cause)),
        None => (None, None, None, None),
    };
    json!({
        "heartbeat": part("heartbeat"),
        "channelSummary": part("channelSummary"),
        "queuedSystemEvents": part("queuedSystemEvents"),
        "sessions": part("sessions"),
        "os": { "platform": machine.os, "release": machine.release, "arch": machine.arch },
        "gateway": {
            "mode": if is_remote { "remote" } else { "local" },
            "url": report.url,
            "urlSource": report.target.to_string(),
            "misconfigured": report.target == TargetSource::RemoteMissing,
            "reachable": status.is_some(),
            "connectLatencyMs": latency,
            "self": status.is_some().then(|| json!({ "host": host, "version": version })),
            "error": error,
            "dashboard": report.dashboard,
        },
        "gatewayService": {
            "label": manager.words.label,
            "installed": manager.definition.is_some(),
            "loadedText": manager.words.loaded,
            "runtimeShort": report.runtime_line(),
        },
        "profile": report.paths.name.as_ref().map(ProfileName::as_str),
        "nextSteps": next_steps(report),
    })
}

fn answer(report: &Report) -> Option<&Value> {
    match &report.probe {
        Some(Probe::Answered { status, .. }) => Some(status),
        _ => None,
    }
}

fn gateway(report: &Report) -> Row {
    let url = &report.url;
    match &report.probe {
        Some(Probe::Answered { latency_ms, version, owner, .. }) => {
            let owner = owner.as_ref().map_or_else(String::new, |owner| format!(", of {owner}"));
            Row::new("Gateway", format!("{url} (app {version}, {latency_ms}ms{owner})")).marked(Mark::Tick)
        }
        Some(Probe::Silent { cause, .. } | Probe::Refused { cause, .. }) => {
            Row::new("Gateway", format!("{url} ({cause})")).marked(Mark::Cross)
        }
        None => Row::new("Gateway", format!("{url} (not asked)")),
    }
}

fn agents(status: &Value) -> String {
    let all = status["sessions"]["byAgent"].as_array().map(Vec::as_slice).unwrap_or_default();
    let names: Vec<&str> = all.iter().filter_map(|agent| agent["agentId"].as_str()).collect();
    let default = status["heartbeat"]["defaultAgentId"].as_str();
    let default = default.filter(|_| names.len() > 1).map(|name| format!("; {name} is the default"));
    format!("{}{}", names.join(", "), default.unwrap_or_default())
}

fn sessions_line(status: &Value) -> String {
    let count = status["sessions"]["count"].as_u64().unwrap_or_default();
    match status["sessions"]["defaults"]["model"].as_str() {
        Some(model) => format!("{count} (default model {model})"),
        None => count.to_string(),
    }
}

/// Key, kind, age, and tokens of the last ones.
fn recent(status: &Value) -> Vec<[String; 4]> {
    let rows = status["sessions"]["recent"].as_array().map(Vec::as_slice).unwrap_or_default();
    let plain = |value: &Value| harmless(value.as_str().unwrap_or_default());
    let row = |row: &Value| {
        let age = row["age"].as_u64().map_or_else(String::new, |age| format!("{} ago", duration(age)));
        let tokens = row["totalTokens"].as_u64().map(|total| match row["percentUsed"].as_u64() {
            Some(percent) => format!("{total} tokens ({percent}%)"),
            None => format!("{total} tokens"),
        });
        [plain(&row["key"]), plain(&row["kind"]), age, tokens.unwrap_or_default()]
    };
    rows.iter().take(SHOWN).map(row).collect()
}

/// `3s`, `5m`, `2h`, `4d`.
fn duration(milliseconds: u64) -> String {
    let seconds = milliseconds / 1000;
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m", seconds / 60),
        3_600..86_400 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// What helps with the first problem, else where to look further.
fn next_steps(report: &Report) -> Vec<String> {
    let command = report.paths.command();
    let problems = problems(report);
    let Some(first) = problems.first() else {
        return vec![
            format!("More about the gateway: {command} gateway status"),
            format!("Its log: {}", shorten(&report.log_file, &report.paths.home)),
        ];
    };
    let what = first.message.lines().next().unwrap_or_default().trim_end_matches(':').to_owned();
    let mut lines = vec![what];
    lines.extend(first.fixes.iter().map(|fix| format!("Fix: {fix}")));
    lines.push(format!("More: {command} gateway status"));
    lines
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cli::output::gateway_status::samples;
    use crate::cli::output::screens;

    fn machine() -> HostFacts {
        HostFacts {
            name: "box".to_owned(),
            os: "linux",
            release: "6.1.0".to_owned(),
            family: "Linux",
            arch: "x64",
        }
    }

    #[test]
    fn the_screen() {
        for (name, report) in [("up", samples::foreground()), ("down", samples::down())] {
            for (width, colours) in [(60, false), (80, true), (200, false)] {
                let colour = if colours { "-colour" } else { "" };
                let screen = screen(&report, &machine(), Some(width), Paint::new(colours));
                screens::check(&format!("status-{name}-{width}{colour}.txt"), &screen);
            }
        }
    }

    #[test]
    fn the_object() {
        let up = super::json(&samples::foreground(), &machine());
        assert_eq!(up["gateway"]["reachable"], true);
        assert_eq!(up["gateway"]["self"]["version"], "0.1.0");
        assert_eq!(up["sessions"]["count"], 2);
        let down = super::json(&samples::down(), &machine());
        assert_eq!((&down["gateway"]["reachable"], &down["sessions"]), (&json!(false), &json!(null)));
        assert!(down["gateway"]["error"].is_string());
    }

    #[test]
    fn ages() {
        for (milliseconds, expected) in
            [(0, "0s"), (59_999, "59s"), (60_000, "1m"), (7_200_000, "2h"), (200_000_000, "2d")]
        {
            assert_eq!(duration(milliseconds), expected);
        }
    }
}
