//! The lines of a start: what was created, the model, the addresses, the log file.

use std::path::Path;

use serde_json::{Value, json};

use crate::gateway::StartupReport;
use crate::harness::SeedReport;
use crate::harness::exec::Tier;
use crate::harness::supervisor::notice::CommandSummary;
use crate::profile::ProfilePaths;
use crate::removal::Report;

/// One line per removed path, or one that says that there was nothing.
pub(crate) fn reset(report: &Report, paths: &ProfilePaths) -> Vec<String> {
    if report.removed.is_empty() {
        return vec!["nothing to reset".to_owned()];
    }
    let did = if report.to_trash { "moved to trash:" } else { "removed" };
    report.removed.iter().map(|removal| format!("{did} {}", paths.display(&removal.path))).collect()
}

/// `dev config created at …` and `dev workspace initialized at …`; nothing when nothing was created.
pub(crate) fn seeded(report: &SeedReport, paths: &ProfilePaths) -> Vec<String> {
    let mut lines = Vec::new();
    if report.config_created {
        lines.push(format!("dev config created at {}", paths.display(&paths.config_path)));
    }
    let workspace = paths.display(&report.workspace);
    if report.workspace_created {
        lines.push(format!("dev workspace initialized at {workspace}"));
    } else if !report.files.is_empty() {
        lines.push(format!("dev workspace completed at {workspace}: {}", report.files.join(", ")));
    }
    lines
}

/// `agent model: …`, one `listening on …` per address, with TLS what clients can pin, and `log file: …`.
pub(crate) fn started(
    model: &str,
    urls: &[String],
    tls_fingerprint: Option<&str>,
    pid: u32,
    log_file: &Path,
    paths: &ProfilePaths,
) -> Vec<String> {
    let mut lines = vec![self::model(model)];
    for (index, url) in urls.iter().enumerate() {
        let pid = if index == 0 { format!(" (PID {pid})") } else { String::new() };
        lines.push(format!("{}{pid}", listening(url)));
    }
    lines.extend(tls_fingerprint.map(certificate));
    lines.push(format!("log file: {}", paths.display(log_file)));
    lines
}

/// The lines of a command: what runs, where clients reach it, and how one generation follows another.
pub(crate) fn command(summary: &CommandSummary) -> Vec<String> {
    let mut lines = vec![format!("command: {} (PID {})", summary.command, summary.pid)];
    lines.extend(summary.addresses.iter().map(|address| format!("listening on {address}")));
    lines.push(match (summary.tier, summary.own_port) {
        (Tier::Sockets, _) => {
            "tier: sockets (it takes ours and says when it is ready; the next one starts beside it)"
                .to_owned()
        }
        (Tier::Port, port) => {
            let port = port.map_or_else(String::new, |port| format!(" {port}"));
            format!(
                "tier: port (it binds{port} itself; connections are forwarded, and wait for the next one)"
            )
        }
        (Tier::Nothing, _) => "tier: none (it is no server; it is ended and started again)".to_owned(),
    });
    lines
}

/// The same for scripts: `--json`.
pub(crate) fn ready(report: &StartupReport, paths: &ProfilePaths) -> Value {
    let mut ready = json!({
        "ok": true,
        "event": "ready",
        "pid": report.pid,
        "url": report.urls.first(),
        "urls": report.urls,
        "model": report.model,
        "logFile": report.log_file,
        "stateDir": paths.state_dir,
        "configPath": paths.config_path,
    });
    if let Some(fingerprint) = &report.tls_fingerprint {
        ready["tlsFingerprint"] = json!(fingerprint);
    }
    ready
}

/// `agent model: …`.
pub(crate) fn model(model: &str) -> String {
    format!("agent model: {model}")
}

/// `listening on …`.
pub(crate) fn listening(url: &str) -> String {
    format!("listening on {url}")
}

/// What clients can pin.
pub(crate) fn certificate(fingerprint: &str) -> String {
    format!("TLS certificate SHA-256: {fingerprint}")
}

/// The last line of a start in dev mode.
pub(crate) const WATCHING: &str = "watching config and workspace for changes";

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::profile::{EnvMap, ProfileRequest, resolve};
    use crate::removal::{Part, Removal};

    fn paths(dev: bool) -> ProfilePaths {
        let request = ProfileRequest { dev_after_command: dev, ..ProfileRequest::default() };
        resolve(&request, &EnvMap::default(), Some(PathBuf::from("/home/you"))).unwrap().paths
    }

    #[test]
    fn the_foreground_shows_full_paths() {
        let paths = paths(false);
        let urls = ["ws://127.0.0.1:18789".to_owned(), "ws://[::1]:18789".to_owned()];
        assert_eq!(
            started("anthropic/claude-opus-4-5", &urls, None, 12345, &paths.log_file, &paths),
            [
                "agent model: anthropic/claude-opus-4-5",
                "listening on ws://127.0.0.1:18789 (PID 12345)",
                "listening on ws://[::1]:18789",
                "log file: /home/you/.clawdbot/logs/gateway.log",
            ]
        );
    }

    #[test]
    fn dev_mode_shortens_paths_and_says_what_it_created() {
        let paths = paths(true);
        let mut report = SeedReport {
            workspace: paths.default_workspace.clone(),
            config_created: true,
            workspace_created: true,
            files: vec!["AGENTS.md", "SOUL.md"],
        };
        let check = |report: &SeedReport, expected: &[&str]| assert_eq!(seeded(report, &paths), expected);
        check(
            &report,
            &[
                "dev config created at ~/.clawdbot-dev/clawdbot.json",
                "dev workspace initialized at ~/clawd-dev",
            ],
        );
        report.config_created = false;
        report.workspace_created = false;
        check(&report, &["dev workspace completed at ~/clawd-dev: AGENTS.md, SOUL.md"]);
        report.files.clear();
        check(&report, &[]);

        let removed = Removal { part: Part::Workspace, path: paths.default_workspace.clone() };
        let mut report = Report { removed: vec![removed], to_trash: false };
        assert_eq!(reset(&report, &paths), ["removed ~/clawd-dev"]);
        report.to_trash = true;
        assert_eq!(reset(&report, &paths), ["moved to trash: ~/clawd-dev"]);
        report.removed.clear();
        assert_eq!(reset(&report, &paths), ["nothing to reset"]);

        let lines = started("m", &[], None, 1, &paths.log_file, &paths);
        assert_eq!(lines.last().unwrap(), "log file: ~/.clawdbot-dev/logs/gateway.log");
    }
}
