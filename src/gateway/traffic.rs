//! What is logged about WebSocket traffic (`--ws-log`), within the spans of the connection and of the request. Never
//! parameters, and never results.

use std::borrow::Cow;
use std::time::Duration;

use serde::Deserialize;

use crate::logging::subsystem;
use crate::settings::WsLog;

/// A request that takes as long is slow.
const SLOW: Duration = Duration::from_millis(50);

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
pub(crate) fn answered(style: WsLog, request: &Answered<'_>) {
    let Answered { method, took, error } = *request;
    let (ok, ms) = (error.is_none(), u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
    if style != WsLog::Auto || !ok || took >= SLOW {
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
