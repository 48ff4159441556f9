//! What `systemctl show` says of a unit. Pure.

use std::collections::HashMap;

use crate::service::{Runtime, ServiceStatus};

/// Everything that is asked for, in one call.
pub(super) const PROPERTIES: &str = "--property=LoadState,LoadError,UnitFileState,FragmentPath,DropInPaths,\
NeedDaemonReload,ActiveState,SubState,Result,MainPID,ExecMainCode,ExecMainStatus,ExecMainStartTimestamp,NRestarts,\
InvocationID";

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    /// `loaded`, `not-found`, `masked`, `bad-setting`, `error`.
    pub(super) load: String,
    /// What is wrong with the unit file.
    pub(super) load_error: Option<String>,
    /// Where the manager found it.
    pub(super) fragment: Option<String>,
    /// The file was changed since the manager read it.
    pub(super) outdated: bool,
    /// Identifies the last run.
    pub(super) invocation: Option<String>,
    /// Everything else.
    pub(super) status: ServiceStatus,
}

/// Reads an answer; `None` when it is none.
pub(super) fn parse(text: &str) -> Option<Shown> {
    let values: HashMap<&str, &str> = text.lines().filter_map(|line| line.split_once('=')).collect();
    let value = |name: &str| values.get(name).copied().filter(|value| !value.is_empty()).map(str::to_owned);
    let number = |name: &str| values.get(name).and_then(|value| value.parse::<u32>().ok());
    let load = value("LoadState")?;
    let state = value("ActiveState")?;
    let result = value("Result").filter(|result| result != "success");
    let status = i32::try_from(number("ExecMainStatus").unwrap_or_default()).ok();
    // CLD_EXITED, CLD_KILLED, CLD_DUMPED; zero when nothing has ended yet.
    let (last_exit, signal) = match number("ExecMainCode") {
        Some(1) => (status, None),
        Some(2 | 3) => (None, status),
        _ => (None, None),
    };
    let last_reason = match (result, signal) {
        (Some(result), Some(signal)) => Some(format!("{result} ({signal})")),
        (result, _) => result,
    };
    Some(Shown {
        load_error: value("LoadError").map(|error| described(&error)),
        fragment: value("FragmentPath"),
        outdated: value("NeedDaemonReload").as_deref() == Some("yes"),
        invocation: value("InvocationID"),
        status: ServiceStatus {
            loaded: matches!(value("UnitFileState").as_deref(), Some("enabled" | "enabled-runtime")),
            runtime: runtime(&state),
            sub_state: value("SubState"),
            pid: number("MainPID").filter(|pid| *pid != 0),
            last_exit,
            last_reason,
            restarts: number("NRestarts"),
            last_run: value("ExecMainStartTimestamp"),
            detail: detail(&load, value("DropInPaths")),
            state: Some(state),
        },
        load,
    })
}

fn runtime(state: &str) -> Runtime {
    match state {
        // One that stops serves until it has stopped, or at least may.
        "active" | "reloading" | "refreshing" | "deactivating" => Runtime::Running,
        "activating" => Runtime::Starting,
        "inactive" => Runtime::Stopped,
        "failed" => Runtime::Failed,
        _ => Runtime::Unknown,
    }
}

/// What else somebody who looks at the service has to know.
fn detail(load: &str, drop_ins: Option<String>) -> Option<String> {
    match load {
        "masked" => Some("masked".to_owned()),
        "bad-setting" | "error" => Some("the manager cannot use the unit file".to_owned()),
        _ => drop_ins.map(|paths| format!("changed by {paths}")),
    }
}

/// `org.example.Error "Text."` without the name.
fn described(error: &str) -> String {
    match error.split_once(" \"") {
        Some((_, text)) => text.trim_end_matches('"').to_owned(),
        None => error.to_owned(),
    }
}

#[cfg(test)]
mod tests;
