//! Reports for tests.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::json;

use super::report::{ConfigFile, Elsewhere, LogError, Manager, Mode, Port, Probe, Process, Report};
use crate::client::target::TargetSource;
use crate::config::Issue;
use crate::platform::ports::{HolderProcess, PortHolder};
use crate::profile::{EnvMap, ProfileRequest, resolve};
use crate::service::{Definition, Runtime, ServiceStatus, Words};
use crate::settings::BindMode;

/// A gateway in the foreground, and no service.
pub(crate) fn foreground() -> Report {
    let paths = resolve(&ProfileRequest::default(), &EnvMap::default(), Some(PathBuf::from("/home/you")));
    let paths = paths.unwrap().paths;
    let row = |key: &str, age: u64, total: Option<u64>| json!({ "key": key, "kind": "direct", "age": age, "totalTokens": total, "percentUsed": total.map(|_| 1) });
    Report {
        manager: Manager {
            words: Words { label: "systemd", loaded: "enabled", not_loaded: "disabled" },
            unavailable: None,
            definition: None,
            status: Some(status(Runtime::Stopped, None)),
            lingers: None,
            drift: Vec::new(),
            last_line: None,
            log_command: None,
            others: None,
        },
        process: Some(Process { pid: 12_345, mode: Mode::Foreground, started_at_ms: 1_769_248_800_000 }),
        harness: None,
        config: ConfigFile { path: paths.config_path.clone(), exists: true, issues: Vec::new() },
        service_config: None,
        bind: BindMode::Loopback,
        custom_bind_host: None,
        port: Port {
            number: 18_789,
            source: "running gateway",
            holders: Ok(vec![holder("clawdbot", 12_345)]),
        },
        configured_port: None,
        url: "ws://127.0.0.1:18789".to_owned(),
        dashboard: Some("http://127.0.0.1:18789/".to_owned()),
        target: TargetSource::Running(12_345),
        probe: Some(Probe::Answered {
            latency_ms: 12,
            version: "0.1.0".to_owned(),
            host: Some("box".to_owned()),
            owner: None,
            status: json!({
                "heartbeat": { "defaultAgentId": "main" },
                "sessions": {
                    "count": 2,
                    "defaults": { "model": "claude-opus-4-5" },
                    "byAgent": [{ "agentId": "main" }, { "agentId": "日本" }],
                    "recent": [row("agent:main:main", 65_000, Some(1200)), row("agent:日本:main", 7_200_000, None)],
                },
            }),
        }),
        log_file: paths.log_file.clone(),
        last_error: None,
        paths,
    }
}

/// The same as a service.
pub(crate) fn service() -> Report {
    let mut report = foreground();
    report.manager.definition = Some(definition());
    report.manager.status = Some(status(Runtime::Running, Some(12_345)));
    report.process = report.process.map(|process| Process { mode: Mode::Service, ..process });
    report
}

/// Nothing runs, somebody else has the port, and the configuration is wrong.
pub(crate) fn down() -> Report {
    let mut report = foreground();
    report.process = None;
    report.probe = Some(Probe::Silent { cause: "Connection refused (os error 111)".to_owned(), fix: None });
    report.target = TargetSource::Local;
    report.port.source = "env/config";
    report.port.holders = Ok(vec![holder("node", 9876)]);
    report.config.issues = vec![Issue {
        path: "gateway".to_owned(),
        message: "Unrecognized key: \"prot\"".to_owned(),
        suggestion: Some("did you mean \"port\"?".to_owned()),
        place: None,
    }];
    report.last_error = Some(LogError {
        time: "2026-01-24 10:00:00".to_owned(),
        message: "failed to write /home/you/.clawdbot/agents/日本語/sessions/sessions.json: \u{1b}[31mNo space left on \
                  device (os error 28), and nothing was changed"
            .to_owned(),
    });
    report
}

/// A service that has failed, was installed long ago, and is not alone.
pub(crate) fn failed() -> Report {
    let mut report = down();
    report.config.issues.clear();
    report.last_error = None;
    report.port.holders = Ok(Vec::new());
    report.manager.definition = Some(definition());
    report.manager.status = Some(ServiceStatus {
        last_exit: Some(78),
        last_reason: Some("exit-code".to_owned()),
        ..status(Runtime::Failed, None)
    });
    report.manager.lingers = Some(false);
    report.manager.drift = vec!["its program is gone: /opt/old/clawdbot".to_owned()];
    report.manager.last_line =
        Some("Gateway start blocked: set gateway.mode=local (current: unset)".to_owned());
    report.manager.log_command =
        Some("journalctl --user -u clawdbot-gateway.service -n 200 --no-pager".to_owned());
    report.manager.others = Some(vec![Elsewhere {
        name: "clawdbot-gateway-work.service".to_owned(),
        path: PathBuf::from("/home/you/.config/systemd/user/clawdbot-gateway-work.service"),
        port: Some(19_005),
    }]);
    report.configured_port = Some(Port { number: 19_000, source: "env/config", holders: Ok(Vec::new()) });
    report
}

fn status(runtime: Runtime, pid: Option<u32>) -> ServiceStatus {
    ServiceStatus {
        loaded: runtime != Runtime::Stopped,
        runtime,
        state: Some("active".to_owned()),
        sub_state: Some("running".to_owned()),
        pid,
        last_exit: None,
        last_reason: None,
        restarts: None,
        last_run: None,
        detail: None,
    }
}

fn definition() -> Definition {
    let marker = ("CLAWDBOT_SERVICE_MARKER".to_owned(), "clawdbot".to_owned());
    let secret = ("SOME_KEY".to_owned(), "do-not-show".to_owned());
    let argv = ["/usr/local/bin/clawdbot", "gateway", "--port", "18789", "--token", "do-not-show"];
    Definition {
        path: PathBuf::from("/home/you/.config/systemd/user/clawdbot-gateway.service"),
        text: String::new(),
        argv: argv.map(str::to_owned).into(),
        environment: BTreeMap::from([marker, secret]),
        working_directory: None,
    }
}

fn holder(command: &str, pid: u32) -> PortHolder {
    let process = HolderProcess {
        pid,
        command: command.to_owned(),
        cmdline: vec![command.to_owned(), "--token=do-not-show".to_owned()],
        age: Some(Duration::from_mins(1)),
        started: None,
        origin: None,
    };
    let addresses = vec!["127.0.0.1:18789".parse().unwrap()];
    PortHolder { addresses, uid: Some(1000), user: Some("you".to_owned()), process: Some(process) }
}
