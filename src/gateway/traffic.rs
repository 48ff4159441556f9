//! What is logged about WebSocket traffic (`--ws-log`), within the spans of the connection and of the request. Never
//! parameters, and never results.

use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use tokio::time::Instant;

use crate::logging::subsystem;
use crate::settings::WsLog;

/// A request that takes as long is slow.
const SLOW: Duration = Duration::from_millis(50);

/// Failures that are logged within a second, of all clients together. Who floods the gateway with requests that fail would
/// wash everything else out of the log.
const FAILURES: u32 = 100;

/// How many failures have been logged lately.
#[derive(Debug, Default)]
pub(crate) struct Ration(Mutex<Option<Second>>);

#[derive(Debug)]
struct Second {
    begun: Instant,
    failures: u32,
}

/// One request that was answered.
#[derive(Debug)]
pub(crate) struct Answered<'a> {
    pub(crate) method: &'a str,
    pub(crate) took: Duration,
    /// The text of the error, if it failed.
    pub(crate) error: Option<&'a str>,
}

/// Which way a frame went.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Direction {
    In,
    Out,
}

/// What a frame says about itself; everything else in it is passed over.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
struct Label<'a> {
    #[serde(rename = "type", borrow)]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    method: Option<Cow<'a, str>>,
    #[serde(borrow)]
    event: Option<Cow<'a, str>>,
    ok: Option<bool>,
    seq: Option<u64>,
}

/// Logs a request.
pub(crate) fn answered(style: WsLog, ration: &Ration, request: &Answered<'_>) {
    let Answered { method, took, error } = *request;
    let (ok, ms) = (error.is_none(), u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
    if style != WsLog::Auto || took >= SLOW || (!ok && ration.has_room(Instant::now())) {
        tracing::info!(target: subsystem::WS, method, ok, ms, error, "request");
    } else {
        tracing::debug!(target: subsystem::WS, method, ok, ms, error, "request");
    }
}

/// Logs a frame, when frames are logged.
pub(crate) fn frame(style: WsLog, direction: Direction, text: &str) {
    if style != WsLog::Full {
        return;
    }
    let Label { kind, id, method, event, ok, seq } = Label::of(text);
    let (kind, id) = (kind.as_deref().unwrap_or("unreadable"), id.as_deref());
    let (method, event) = (method.as_deref(), event.as_deref());
    let bytes = text.len();
    match direction {
        Direction::In => {
            tracing::info!(target: subsystem::WS, kind, method, id, bytes, "received");
        }
        Direction::Out => {
            tracing::info!(target: subsystem::WS, kind, event, seq, id, ok, bytes, "sent");
        }
    }
}

impl Ration {
    /// Whether one more failure is logged; says how many were not.
    fn has_room(&self, now: Instant) -> bool {
        let (has_room, withheld) = self.count(now);
        if withheld > 0 {
            tracing::warn!(target: subsystem::WS, "{withheld} more requests failed within a second");
        }
        has_room
    }

    /// Whether there is room, and how many found none in the second before.
    fn count(&self, now: Instant) -> (bool, u32) {
        let mut second = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lasts = |second: &Second| now.saturating_duration_since(second.begun) < Duration::from_secs(1);
        if let Some(second) = second.as_mut().filter(|second| lasts(second)) {
            second.failures = second.failures.saturating_add(1);
            (second.failures <= FAILURES, 0)
        } else {
            let before = second.replace(Second { begun: now, failures: 1 });
            (true, before.map_or(0, |before| before.failures.saturating_sub(FAILURES)))
        }
    }
}

impl<'a> Label<'a> {
    /// Nothing is known about what is no frame.
    fn of(text: &'a str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_rationed_and_counted() {
        let ration = Ration::default();
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let logged = (0..FAILURES + 50).filter(|_| ration.count(at(10)) == (true, 0)).count();
        assert_eq!(logged, usize::try_from(FAILURES).unwrap());
        assert_eq!(ration.count(at(1009)), (false, 0));
        assert_eq!(ration.count(at(1010)), (true, 51));
        assert_eq!(ration.count(at(2500)), (true, 0));
    }

    #[test]
    fn labels_of_frames() {
        let request = r#"{"type":"req","id":"a\n1","method":"health","params":{"type":"x","deep":[{}]}}"#;
        let label = Label::of(request);
        assert_eq!((label.kind.as_deref(), label.id.as_deref()), (Some("req"), Some("a\n1")));
        assert_eq!(label.method.as_deref(), Some("health"));
        let event = Label::of(r#"{"type":"event","event":"tick","payload":{"ts":1},"seq":7}"#);
        assert_eq!((event.event.as_deref(), event.seq), (Some("tick"), Some(7)));
        for text in ["", "{", "[]", r#"{"type":5}"#] {
            assert_eq!(Label::of(text), Label::default(), "{text}");
        }
    }
}
