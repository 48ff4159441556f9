//! The counters.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::histogram::Histogram;
use crate::protocol::error::ErrorCode;
use crate::protocol::methods::Method;

/// Results of a request: one that succeeded, and one for each error code.
pub(super) const RESULTS: [&str; 6] =
    ["ok", "NOT_LINKED", "NOT_PAIRED", "AGENT_TIMEOUT", "INVALID_REQUEST", "UNAVAILABLE"];

/// Classes of answers to plain requests.
pub(super) const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// What is counted.
#[derive(Debug)]
pub(crate) struct Metrics {
    /// One per method, in the order of [`Method::ALL`], and the last one for names that no method has: a label must not
    /// be whatever a client sends.
    methods: Box<[OfMethod]>,
    pub(super) http: [AtomicU64; CLASSES.len()],
    pub(super) http_took: Histogram,
    pub(super) connections: AtomicU64,
    pub(super) ended: AtomicU64,
    pub(super) refused: AtomicU64,
    pub(super) reloads: AtomicU64,
}

/// Requests of one method.
#[derive(Debug, Default)]
pub(super) struct OfMethod {
    pub(super) results: [AtomicU64; RESULTS.len()],
    pub(super) took: Histogram,
}

// === impl Metrics ===

impl Metrics {
    /// Nothing has happened yet.
    pub(crate) fn new() -> Self {
        Self {
            methods: std::iter::repeat_with(OfMethod::default).take(Method::ALL.len() + 1).collect(),
            http: Default::default(),
            http_took: Histogram::default(),
            connections: AtomicU64::new(0),
            ended: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            reloads: AtomicU64::new(0),
        }
    }

    /// A request of a client was answered; `error` when it failed.
    pub(crate) fn answered(&self, method: Option<Method>, error: Option<ErrorCode>, took: Duration) {
        // Variants have the order of the table.
        let index = method.map_or(Method::ALL.len(), |method| method as usize);
        let of_method = &self.methods[index];
        of_method.results[result(error)].fetch_add(1, Ordering::Relaxed);
        of_method.took.note(took);
    }

    /// A plain request was answered.
    pub(crate) fn http_answered(&self, status: u16, took: Duration) {
        let class = usize::from(status / 100).clamp(1, CLASSES.len()) - 1;
        self.http[class].fetch_add(1, Ordering::Relaxed);
        self.http_took.note(took);
    }

    /// A connection was accepted and has a place.
    pub(crate) fn connection_accepted(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    /// One of those is over.
    pub(crate) fn connection_ended(&self) {
        self.ended.fetch_add(1, Ordering::Relaxed);
    }

    /// A connection was refused for want of one.
    pub(crate) fn connection_refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// Another configuration was taken over in place.
    pub(crate) fn reloaded(&self) {
        self.reloads.fetch_add(1, Ordering::Relaxed);
    }

    /// Every method with its name.
    pub(super) fn by_method(&self) -> impl Iterator<Item = (&'static str, &OfMethod)> {
        let names = Method::ALL.iter().map(|method| method.name()).chain(["unknown"]);
        names.zip(&self.methods)
    }
}

/// The place of a result in [`RESULTS`].
fn result(error: Option<ErrorCode>) -> usize {
    match error {
        None => 0,
        Some(ErrorCode::NotLinked) => 1,
        Some(ErrorCode::NotPaired) => 2,
        Some(ErrorCode::AgentTimeout) => 3,
        Some(ErrorCode::InvalidRequest) => 4,
        Some(ErrorCode::Unavailable) => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_has_its_own_counters() {
        let metrics = Metrics::new();
        for &method in Method::ALL {
            metrics.answered(Some(method), None, Duration::ZERO);
        }
        for (name, of_method) in metrics.by_method() {
            let expected = u64::from(name != "unknown");
            assert_eq!(of_method.results[0].load(Ordering::Relaxed), expected, "{name}");
        }
    }

    #[test]
    fn results_are_named_as_on_the_wire() {
        for code in [
            ErrorCode::NotLinked,
            ErrorCode::NotPaired,
            ErrorCode::AgentTimeout,
            ErrorCode::InvalidRequest,
            ErrorCode::Unavailable,
        ] {
            assert_eq!(serde_json::to_value(code).unwrap(), RESULTS[result(Some(code))]);
        }
        assert_eq!(RESULTS[result(None)], "ok");
    }
}
