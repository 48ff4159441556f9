//! The stream of `--events json`: every line kept, with the moment at which it arrived.

use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;

/// One line.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    /// When the line was read.
    pub(crate) at: Instant,
    /// The object; a string when the line was no JSON object, which is a defect.
    pub(crate) value: Value,
}

impl Event {
    /// The `event` member; `not-json` for a line that is no object.
    pub(crate) fn name(&self) -> &str {
        self.value["event"].as_str().unwrap_or("not-json")
    }

    /// Whether this is event `name`.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name() == name
    }

    /// The `generation` member; 0 when absent.
    pub(crate) fn generation(&self) -> u64 {
        self.value["generation"].as_u64().unwrap_or(0)
    }

    /// The `pid` member; 0 when absent.
    pub(crate) fn pid(&self) -> u32 {
        self.value["pid"].as_u64().and_then(|pid| u32::try_from(pid).ok()).unwrap_or(0)
    }

    /// A member of `ms`, in milliseconds.
    pub(crate) fn ms(&self, phase: &str) -> Option<f64> {
        self.value["ms"][phase].as_f64()
    }

    /// The `message` member; empty when absent.
    pub(crate) fn message(&self) -> &str {
        self.value["message"].as_str().unwrap_or("")
    }

    /// The kinds of the causes.
    pub(crate) fn cause_kinds(&self) -> Vec<&str> {
        self.value["causes"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|cause| cause["kind"].as_str())
            .collect()
    }

    /// Whether one of the causes names a path that ends in `suffix`.
    pub(crate) fn names(&self, suffix: &str) -> bool {
        let causes = self.value["causes"].as_array();
        causes
            .into_iter()
            .flatten()
            .any(|cause| cause["path"].as_str().is_some_and(|path| path.ends_with(suffix)))
    }
}

/// Every event so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Events {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    log: Mutex<Log>,
    grown: Condvar,
}

#[derive(Debug, Default)]
struct Log {
    events: Vec<Event>,
    closed: bool,
}

impl Events {
    /// Reads `pipe` to its end in a thread.
    pub(crate) fn read(pipe: impl Read + Send + 'static) -> (Self, JoinHandle<()>) {
        let events = Self::default();
        let sink = events.clone();
        let thread = thread::spawn(move || {
            for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                let value = serde_json::from_str::<Value>(&line).unwrap_or(Value::String(line));
                sink.change(|log| log.events.push(Event { at: Instant::now(), value }));
            }
            sink.change(|log| log.closed = true);
        });
        (events, thread)
    }

    /// How many there are; a position for [`Events::wait`].
    pub(crate) fn mark(&self) -> usize {
        self.lock().events.len()
    }

    /// All from position `mark`.
    pub(crate) fn since(&self, mark: usize) -> Vec<Event> {
        self.lock().events[mark..].to_vec()
    }

    /// The first one from position `mark` that `wanted` accepts; an error that tells all of them when there is
    /// none within `patience`, or when the stream ends.
    pub(crate) fn wait(
        &self,
        mark: usize,
        patience: Duration,
        mut wanted: impl FnMut(&Event) -> bool,
    ) -> Result<Event, String> {
        let deadline = Instant::now() + patience;
        let mut next = mark;
        let mut log = self.lock();
        loop {
            if let Some(found) = log.events[next..].iter().find(|event| wanted(event)) {
                return Ok(found.clone());
            }
            next = log.events.len();
            let rest = deadline.saturating_duration_since(Instant::now());
            if log.closed || rest.is_zero() {
                let why = if log.closed { "the stream has ended" } else { "time is over" };
                let seen: Vec<String> = log.events.iter().map(|event| event.value.to_string()).collect();
                return Err(format!(
                    "{why}; events so far (waiting from number {mark}):\n{}",
                    seen.join("\n")
                ));
            }
            log = self.shared.grown.wait_timeout(log, rest).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn change(&self, change: impl FnOnce(&mut Log)) {
        change(&mut self.lock());
        self.shared.grown.notify_all();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Log> {
        self.shared.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
