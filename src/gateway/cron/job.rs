//! One job: the document that files and clients have, with what this version does not know, and what of it matters
//! here. Pure.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::plan;
use super::schedule::{Schedule, ScheduleError};
use crate::protocol::cron::whole;

/// A job.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    id: Arc<str>,
    document: Arc<Map<String, Value>>,
    schedule: Result<Arc<Schedule>, ScheduleError>,
}

/// What became of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Done, with what it was about.
    Ok(String),
    /// Tried, without success.
    Error(String),
    /// Not tried.
    Skipped(String),
}

/// A run that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ended {
    /// When it began, Unix milliseconds.
    pub(crate) begin_ms: u64,
    /// How long it took.
    pub(crate) duration_ms: u64,
    /// What became of it.
    pub(crate) outcome: Outcome,
}

// === impl Outcome ===

impl Outcome {
    /// The published name.
    pub(crate) fn status(&self) -> &'static str {
        match self {
            Self::Ok(_) => "ok",
            Self::Error(_) => "error",
            Self::Skipped(_) => "skipped",
        }
    }

    /// Why it is not what it should be.
    pub(crate) fn error(&self) -> Option<&str> {
        match self {
            Self::Ok(_) => None,
            Self::Error(why) | Self::Skipped(why) => Some(why),
        }
    }

    /// What it was about.
    pub(crate) fn summary(&self) -> Option<&str> {
        match self {
            Self::Ok(summary) => Some(summary),
            Self::Error(_) | Self::Skipped(_) => None,
        }
    }

    /// The outcome that was told with these members.
    pub(crate) fn told(status: &str, error: Option<&str>, summary: Option<&str>) -> Self {
        let owned = |text: Option<&str>| text.unwrap_or_default().to_owned();
        match status {
            "ok" => Self::Ok(owned(summary)),
            "skipped" => Self::Skipped(owned(error)),
            _ => Self::Error(owned(error)),
        }
    }
}

// === impl Job ===

impl Job {
    /// Reads a document; `None` when it is none of a job. A schedule that makes no sense is kept, and never due.
    pub(crate) fn from_value(value: &Value) -> Option<Self> {
        let document = value.as_object()?;
        let id = document.get("id")?.as_str().filter(|id| !id.is_empty())?;
        Some(Self::new(id, document.clone()))
    }

    /// A job of this document, which has this id.
    pub(crate) fn new(id: &str, document: Map<String, Value>) -> Self {
        let schedule = Schedule::parse(document.get("schedule").unwrap_or(&Value::Null));
        Self { id: id.into(), document: Arc::new(document), schedule: schedule.map(Arc::new) }
    }

    /// Its id.
    pub(crate) fn id(&self) -> &Arc<str> {
        &self.id
    }

    /// The document.
    pub(crate) fn document(&self) -> &Arc<Map<String, Value>> {
        &self.document
    }

    /// The same for an answer.
    pub(crate) fn to_value(&self) -> Value {
        Value::Object((*self.document).clone())
    }

    /// A member of the document; `null` when there is none.
    pub(crate) fn member(&self, name: &str) -> &Value {
        self.document.get(name).unwrap_or(&Value::Null)
    }

    /// When it is due.
    pub(crate) fn schedule(&self) -> Result<&Schedule, &ScheduleError> {
        self.schedule.as_deref()
    }

    /// Whether it is due at all.
    pub(crate) fn is_enabled(&self) -> bool {
        self.member("enabled").as_bool().unwrap_or(true)
    }

    /// Whether it goes once it is done.
    fn goes_when_done(&self) -> bool {
        self.member("deleteAfterRun").as_bool().unwrap_or(false)
    }

    /// When it is due next, Unix milliseconds.
    pub(crate) fn next_ms(&self) -> Option<u64> {
        self.state_ms("nextRunAtMs")
    }

    /// When the run began that is under way, or was when the gateway ended.
    pub(crate) fn running_ms(&self) -> Option<u64> {
        self.state_ms("runningAtMs")
    }

    fn state_ms(&self, name: &str) -> Option<u64> {
        whole(&self.member("state")[name])
    }

    /// Works on the part of the document that says what happened.
    fn with_state(&mut self, work: impl FnOnce(&mut Map<String, Value>)) {
        let state = Arc::make_mut(&mut self.document).entry("state").or_insert_with(|| json!({}));
        if !state.is_object() {
            *state = json!({});
        }
        if let Some(state) = state.as_object_mut() {
            work(state);
        }
    }

    /// Decides anew when it is due; says whether that is another time.
    pub(crate) fn replan(&mut self, now_ms: u64) -> bool {
        let next_ms = match self.schedule() {
            Ok(schedule) if self.is_enabled() => {
                let changed_ms =
                    ["updatedAtMs", "createdAtMs"].iter().find_map(|name| whole(self.member(name)));
                plan::next_run(schedule, self.state_ms("lastRunAtMs"), changed_ms.unwrap_or(0), now_ms)
            }
            _ => None,
        };
        let is_other = next_ms != self.next_ms();
        if is_other {
            self.with_state(|state| put(state, "nextRunAtMs", next_ms));
        }
        is_other
    }

    /// A run begins.
    pub(crate) fn begin(&mut self, now_ms: u64) {
        self.with_state(|state| put(state, "runningAtMs", Some(now_ms)));
    }

    /// A run has ended. `None` when that was the end of the job.
    pub(crate) fn end(mut self, ended: &Ended, now_ms: u64) -> Option<Self> {
        let is_done =
            matches!(ended.outcome, Outcome::Ok(_)) && matches!(self.schedule(), Ok(Schedule::At(_)));
        if is_done && self.goes_when_done() {
            return None;
        }
        if is_done {
            Arc::make_mut(&mut self.document).insert("enabled".to_owned(), false.into());
        }
        self.with_state(|state| {
            state.shift_remove("runningAtMs");
            state.insert("lastRunAtMs".to_owned(), ended.begin_ms.into());
            state.insert("lastStatus".to_owned(), ended.outcome.status().into());
            state.insert("lastDurationMs".to_owned(), ended.duration_ms.into());
            match ended.outcome.error() {
                Some(error) => state.insert("lastError".to_owned(), error.into()),
                None => state.shift_remove("lastError"),
            };
        });
        self.replan(now_ms);
        Some(self)
    }
}

/// Sets a member, or takes it away.
fn put(state: &mut Map<String, Value>, name: &str, value: Option<u64>) {
    match value {
        Some(value) => state.insert(name.to_owned(), value.into()),
        None => state.shift_remove(name),
    };
}
