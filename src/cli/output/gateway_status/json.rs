//! The same for scripts: the published members, and ours (`ok`, `profile`, `process`, `problems`, `logFile`).

use serde_json::{Map, Value, json};

use super::problem::problems;
use super::report::{ConfigFile, Manager, Mode, Port, Probe, Report};
use crate::config::Issue;
use crate::platform::ports::PortHolder;
use crate::profile::ProfileName;
use crate::service::Definition;
use crate::settings::BindMode;

/// Variables of a service whose values are shown.
const SHOWN_VARIABLES: [&str; 4] =
    ["CLAWDBOT_PROFILE", "CLAWDBOT_STATE_DIR", "CLAWDBOT_CONFIG_PATH", "CLAWDBOT_GATEWAY_PORT"];

/// The object.
pub(crate) fn json(report: &Report) -> Value {
    let mut value = json!({
        "ok": report.is_up(),
        "profile": report.paths.name.as_ref().map(ProfileName::as_str),
        "stateDir": report.paths.state_dir,
        "logFile": report.log_file,
        "service": service(&report.manager),
        "config": config(report),
        "gateway": gateway(report),
        "port": port(&report.port),
        "legacyServices": [],
        "extraServices": extra(report),
        "problems": problems(report)
            .into_iter()
            .map(|problem| json!({ "code": problem.code, "message": problem.message, "fixes": problem.fixes }))
            .collect::<Vec<_>>(),
    });
    let mut add = |name: &str, part: Option<Value>| {
        if let Some(part) = part {
            value[name] = part;
        }
    };
    add("process", process(report));
    add("portCli", report.configured_port.as_ref().map(port));
    add(
        "lastError",
        report.last_error.as_ref().map(|error| json!(format!("{} {}", error.time, error.message))),
    );
    add("rpc", report.probe.as_ref().map(|probe| rpc(report, probe)));
    value
}

fn service(manager: &Manager) -> Value {
    let words = manager.words;
    let status = manager.status.as_ref();
    let mut runtime = Map::new();
    runtime.insert("status".to_owned(), json!(status.map_or("unknown", |status| status.runtime.as_str())));
    if let Some(status) = status {
        runtime.extend(known([
            ("state", json!(status.state)),
            ("subState", json!(status.sub_state)),
            ("pid", json!(status.pid)),
            ("lastExitStatus", json!(status.last_exit)),
            ("lastExitReason", json!(status.last_reason)),
            ("lastRunTime", json!(status.last_run)),
            ("restarts", json!(status.restarts)),
            ("detail", json!(status.detail)),
        ]));
    }
    if manager.definition.is_none() {
        runtime.insert("missingUnit".to_owned(), json!(true));
    }
    if let Some((detail, _)) = &manager.unavailable {
        runtime.insert("detail".to_owned(), json!(detail));
    }
    if let Some(lingers) = manager.lingers {
        runtime.insert("lingers".to_owned(), json!(lingers));
    }
    let issues: Vec<Value> = manager
        .drift
        .iter()
        .map(|line| json!({ "code": "gateway-definition-drift", "message": line, "level": "recommended" }))
        .collect();
    json!({
        "label": words.label,
        "loaded": status.is_some_and(|status| status.loaded),
        "loadedText": words.loaded,
        "notLoadedText": words.not_loaded,
        "command": manager.definition.as_ref().map(command),
        "runtime": runtime,
        "configAudit": { "ok": issues.is_empty(), "issues": issues },
    })
}

fn command(definition: &Definition) -> Value {
    let environment: Map<String, Value> = SHOWN_VARIABLES
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), json!(definition.environment.get(name)?))))
        .collect();
    let mut command = Map::from_iter([
        ("programArguments".to_owned(), json!(crate::platform::ports::without_secrets(&definition.argv))),
        ("sourcePath".to_owned(), json!(definition.path)),
    ]);
    command.extend(known([
        ("workingDirectory", json!(definition.working_directory)),
        ("environment", if environment.is_empty() { Value::Null } else { Value::Object(environment) }),
    ]));
    Value::Object(command)
}

fn config(report: &Report) -> Value {
    let mut value = json!({ "cli": config_file(&report.config) });
    if let Some(theirs) = &report.service_config {
        value["daemon"] = config_file(theirs);
        value["mismatch"] = json!(true);
    }
    value
}

fn config_file(file: &ConfigFile) -> Value {
    let mut value =
        json!({ "path": file.path, "exists": file.exists, "valid": file.exists && file.issues.is_empty() });
    if !file.issues.is_empty() {
        value["issues"] = file.issues.iter().map(issue).collect();
    }
    value
}

fn issue(issue: &Issue) -> Value {
    json!({ "path": issue.path, "message": issue.message })
}

fn gateway(report: &Report) -> Value {
    let bind_host = match report.bind {
        BindMode::Lan | BindMode::Auto => "0.0.0.0",
        BindMode::Custom => report.custom_bind_host.as_deref().unwrap_or("0.0.0.0"),
        BindMode::Loopback | BindMode::Tailnet => "127.0.0.1",
    };
    let mut value = json!({
        "bindMode": report.bind,
        "bindHost": bind_host,
        "port": report.port.number,
        "portSource": report.port.source,
        "probeUrl": report.url,
    });
    if let Some(host) = &report.custom_bind_host {
        value["customBindHost"] = json!(host);
    }
    value
}

fn port(port: &Port) -> Value {
    let (status, holders, hints) = match &port.holders {
        Ok(holders) if holders.is_empty() => ("free", &[][..], Vec::new()),
        Ok(holders) => ("busy", holders.as_slice(), Vec::new()),
        Err(reason) => ("unknown", &[][..], vec![reason.clone()]),
    };
    let listeners: Vec<Value> = holders.iter().map(listener).collect();
    json!({ "port": port.number, "status": status, "listeners": listeners, "hints": hints })
}

fn listener(holder: &PortHolder) -> Value {
    let process = holder.process.as_ref();
    json!({
        "pid": holder.pid(),
        "command": process.map(|process| &process.command),
        "address": holder.addresses.first().map(ToString::to_string),
        "commandLine": process.map(|process| crate::platform::ports::without_secrets(&process.cmdline).join(" ")),
        "user": holder.user,
    })
}

fn process(report: &Report) -> Option<Value> {
    let (pid, mode) = report.running()?;
    let word = match mode {
        Mode::Service => "service",
        Mode::Unit(_) => "unit",
        Mode::Dev => "dev",
        Mode::Foreground => "foreground",
    };
    let mut value = json!({ "pid": pid, "mode": word });
    if let Mode::Unit(name) = mode {
        value["unit"] = json!(name);
    }
    if let Some(process) = &report.process {
        value["startedAtMs"] = json!(process.started_at_ms);
    }
    Some(value)
}

fn rpc(report: &Report, probe: &Probe) -> Value {
    match probe {
        Probe::Answered { latency_ms, version, owner, .. } => {
            let mut value =
                json!({ "ok": true, "url": report.url, "latencyMs": latency_ms, "version": version });
            if let Some(owner) = owner {
                value["owner"] = json!(owner);
            }
            value
        }
        Probe::Silent { cause, .. } | Probe::Refused { cause, .. } => {
            let refused = matches!(probe, Probe::Refused { .. });
            json!({ "ok": false, "url": report.url, "error": cause, "refused": refused })
        }
    }
}

fn extra(report: &Report) -> Value {
    let others = report.manager.others.iter().flatten();
    others.map(|other| json!({ "label": other.name, "detail": other.path, "port": other.port })).collect()
}

/// Members that have a value.
fn known<const N: usize>(members: [(&str, Value); N]) -> impl Iterator<Item = (String, Value)> {
    members.into_iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.to_owned(), value))
}
