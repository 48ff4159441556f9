//! What came of a command about the service. Pure.

use serde_json::{Value, json};

use crate::cli::error::ExpectedError;
use crate::service::audit::Drift;
use crate::service::{ServiceError, ServiceStatus, Words};

/// It was done, or there was nothing to do.
#[derive(Debug, Default)]
pub(super) struct Done {
    /// One word for scripts.
    pub(super) result: &'static str,
    /// Lines with a tick.
    pub(super) lines: Vec<String>,
    /// Lines after them: what comes next.
    pub(super) notes: Vec<String>,
    /// What somebody should think about.
    pub(super) warnings: Vec<String>,
    /// The service afterwards.
    pub(super) status: Option<ServiceStatus>,
}

/// It was not done.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: ExpectedError,
    /// What helps, one line each.
    pub(super) hints: Vec<String>,
    /// One word for scripts, when the reason has one.
    pub(super) result: Option<&'static str>,
    /// How the installed definition differs.
    pub(super) drift: Vec<Drift>,
}

impl Done {
    /// `systemd service enabled` and `service runtime: active`.
    pub(super) fn state(words: Words, status: &ServiceStatus) -> Vec<String> {
        let runtime = status.state.as_deref().unwrap_or(status.runtime.as_str());
        vec![
            format!("{} {}", words.noun(), words.loaded(status.loaded)),
            format!("service runtime: {runtime}"),
        ]
    }

    pub(super) fn to_json(&self, action: &str, words: Words) -> Value {
        let mut value = json!({
            "action": action,
            "ok": true,
            "result": self.result,
            "message": self.lines.first(),
            "hints": self.notes,
            "warnings": self.warnings,
            "service": service(words, self.status.as_ref()),
        });
        if let Some(status) = &self.status {
            value["runtime"] = runtime(status);
        }
        value
    }
}

impl Failure {
    pub(super) fn new(error: ExpectedError) -> Self {
        Self { error, hints: Vec::new(), result: None, drift: Vec::new() }
    }

    pub(super) fn failed(text: String) -> Self {
        Self::new(ExpectedError::Failed(text))
    }

    pub(super) fn refused(text: String) -> Self {
        Self::new(ExpectedError::Refused(text))
    }

    /// A failure of the manager while `action` was done.
    pub(super) fn of(action: &str, error: ServiceError) -> Self {
        match error {
            ServiceError::Unavailable { detail, hints } => {
                Self { hints, ..Self::failed(format!("Gateway service check failed: {detail}")) }
            }
            error => Self::failed(format!("Gateway {action} failed: {error}")),
        }
    }

    pub(super) fn with(self, result: &'static str, hints: Vec<String>) -> Self {
        Self { result: Some(result), hints, ..self }
    }

    /// The same with everything in one text.
    pub(super) fn for_people(self) -> ExpectedError {
        let with_hints = |text: String| [vec![text], self.hints.clone()].concat().join("\n");
        match self.error {
            ExpectedError::Failed(text) => ExpectedError::Failed(with_hints(text)),
            ExpectedError::Refused(text) => ExpectedError::Refused(with_hints(text)),
            ExpectedError::Usage(text) => ExpectedError::Usage(with_hints(text)),
            other => other,
        }
    }

    pub(super) fn to_json(&self, action: &str, words: Option<Words>) -> Value {
        let mut value = json!({
            "action": action,
            "ok": false,
            "error": self.error.to_string(),
            "exitCode": self.error.code(),
            "hints": self.hints,
        });
        if let Some(result) = self.result {
            value["result"] = json!(result);
        }
        if !self.drift.is_empty() {
            let drift = |drift: &Drift| json!({ "code": drift.code, "message": drift.message });
            value["drift"] = self.drift.iter().map(drift).collect();
        }
        if let Some(words) = words {
            value["service"] = service(words, None);
        }
        value
    }
}

fn service(words: Words, status: Option<&ServiceStatus>) -> Value {
    let mut value = json!({
        "label": words.label,
        "loadedText": words.loaded,
        "notLoadedText": words.not_loaded,
    });
    if let Some(status) = status {
        value["loaded"] = json!(status.loaded);
    }
    value
}

fn runtime(status: &ServiceStatus) -> Value {
    json!({
        "status": status.runtime.as_str(),
        "state": status.state,
        "subState": status.sub_state,
        "pid": status.pid,
    })
}
