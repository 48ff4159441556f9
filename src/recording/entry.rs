//! One line of a journal. Pure.

use std::io::Write as _;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Bytes, Utf8Bytes};

use super::layout::Part;
use super::start::FORMAT;
use crate::platform::clock;

/// Something that happened.
#[derive(Debug, Clone)]
pub(crate) enum Event {
    /// A client has connected.
    Open(Box<Opened>),
    /// It has sent a frame.
    In(Utf8Bytes),
    /// It has sent what is no text.
    Bytes(Bytes),
    /// It is sent a frame.
    Out(Utf8Bytes),
    /// The connection is over: the code and the reason of the gateway's close, if it closed.
    Close(Option<(u16, String)>),
    /// The gateway has come so far.
    Mark(&'static str),
    /// The configuration with this hash counts from here on.
    Config(String),
    /// So many events are missing here, because the disk was too slow.
    Missed(u64),
}

/// Who has connected: its address, behind a trusted proxy as that tells it, and what it says about itself.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Opened {
    pub(crate) peer: String,
    /// `Host`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) host: Option<String>,
    /// `Origin`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) origin: Option<String>,
    /// `User-Agent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user_agent: Option<String>,
}

/// An event with its moment.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// Monotonic, microseconds since the machine was started: the same clock in every generation.
    pub(super) at_us: u64,
    /// Unix milliseconds.
    pub(super) ts: u64,
    /// The connection; `None` for what is about the gateway.
    pub(super) connection: Option<Arc<str>>,
    pub(super) event: Event,
}

/// The first line of a file.
pub(super) fn heading(part: Part, pid: u32) -> Vec<u8> {
    let (at, ts, program) = (clock::monotonic_us(), clock::unix_ms(), env!("CARGO_PKG_VERSION"));
    let Part { number, generation, .. } = part;
    let heading = json!({
        "at": at, "ts": ts, "event": "journal", "format": FORMAT, "program": program, "generation": generation,
        "pid": pid, "part": number,
    });
    format!("{heading}\n").into_bytes()
}

impl Event {
    /// How much memory it keeps.
    pub(super) fn weight(&self) -> usize {
        let text = match self {
            Self::In(frame) | Self::Out(frame) => frame.len(),
            Self::Bytes(bytes) => bytes.len(),
            // What is bounded elsewhere, and small.
            Self::Open(_) => 1024,
            Self::Config(hash) => hash.len(),
            Self::Close(Some((_, reason))) => reason.len(),
            Self::Close(None) | Self::Mark(_) | Self::Missed(_) => 0,
        };
        size_of::<Entry>() + text
    }
}

impl Entry {
    /// Appends its line.
    pub(super) fn write(&self, line: &mut Vec<u8>) {
        // Writing to memory does not fail.
        let _ = write!(line, "{{\"at\":{},\"ts\":{}", self.at_us, self.ts);
        if let Some(connection) = &self.connection {
            let _ = write!(line, ",\"conn\":\"{connection}\"");
        }
        let rest = match &self.event {
            Event::In(frame) => return received(line, frame),
            // The gateway wrote it: JSON of one line.
            Event::Out(frame) => return frame_line(line, "out", "frame", frame),
            Event::Bytes(bytes) => {
                return frame_line(line, "in", "bytes", &json!(STANDARD.encode(bytes)).to_string());
            }
            Event::Open(opened) => with_event("open", json!(opened)),
            Event::Config(hash) => json!({ "event": "config", "hash": hash }),
            Event::Close(None) => json!({ "event": "close" }),
            Event::Close(Some((code, reason))) => {
                json!({ "event": "close", "code": code, "reason": reason })
            }
            Event::Mark(name) => json!({ "event": name }),
            Event::Missed(count) => json!({ "event": "missed", "count": count }),
        };
        let rest = rest.to_string();
        let _ = writeln!(line, ",{}", &rest[1..]);
    }
}

fn with_event(event: &str, members: Value) -> Value {
    let mut line = json!({ "event": event });
    if let (Some(line), Value::Object(members)) = (line.as_object_mut(), members) {
        line.extend(members);
    }
    line
}

/// A frame stands in its line as it is, where it is JSON of one line; anything else stands there as a text.
fn received(line: &mut Vec<u8>, frame: &str) {
    let is_json = !frame.contains(['\n', '\r']) && serde_json::from_str::<IgnoredAny>(frame).is_ok();
    if is_json {
        frame_line(line, "in", "frame", frame);
    } else {
        frame_line(line, "in", "text", &json!(frame).to_string());
    }
}

fn frame_line(line: &mut Vec<u8>, direction: &str, key: &str, value: &str) {
    // Writing to memory does not fail.
    let _ = writeln!(line, ",\"event\":\"{direction}\",\"{key}\":{value}}}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(event: Event) -> Value {
        let entry = Entry { at_us: 7, ts: 1_769_248_800_000, connection: Some("c1".into()), event };
        let mut line = Vec::new();
        entry.write(&mut line);
        let text = String::from_utf8(line).unwrap();
        assert_eq!(text.matches('\n').count(), 1, "{text}");
        assert!(text.ends_with('\n'), "{text}");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    #[track_caller]
    fn check(event: Event, expected: &Value) {
        let mut expected = expected.clone();
        expected["at"] = json!(7);
        expected["ts"] = json!(1_769_248_800_000_u64);
        expected["conn"] = json!("c1");
        assert_eq!(line(event), expected);
    }

    #[test]
    fn every_event_is_one_line_of_json() {
        let mut opened = Opened { peer: "127.0.0.1".to_owned(), ..Opened::default() };
        check(Event::Open(opened.clone().into()), &json!({ "event": "open", "peer": "127.0.0.1" }));
        opened.host = Some("h".to_owned());
        opened.user_agent = Some("a \"b\"".to_owned());
        let expected = json!({ "event": "open", "peer": "127.0.0.1", "host": "h", "userAgent": "a \"b\"" });
        check(Event::Open(opened.into()), &expected);
        check(Event::Config("e3b0".to_owned()), &json!({ "event": "config", "hash": "e3b0" }));
        check(Event::Bytes(vec![0xff, 0, 10].into()), &json!({ "event": "in", "bytes": "/wAK" }));
        check(Event::Close(None), &json!({ "event": "close" }));
        let close = Event::Close(Some((1008, "slow \"consumer\"".to_owned())));
        check(close, &json!({ "event": "close", "code": 1008, "reason": "slow \"consumer\"" }));
        check(Event::Mark("serving"), &json!({ "event": "serving" }));
        check(Event::Missed(3), &json!({ "event": "missed", "count": 3 }));
        let frame = r#"{"type":"req","id":"1"}"#;
        check(Event::In(frame.into()), &json!({ "event": "in", "frame": { "type": "req", "id": "1" } }));
        check(Event::Out(frame.into()), &json!({ "event": "out", "frame": { "type": "req", "id": "1" } }));
    }

    #[test]
    fn what_is_no_json_of_one_line_is_a_text() {
        for text in ["", "no", "{\"a\":1", "{\n}", "[1]\r", "{} {}", "\u{0}", "{\"event\":\"close\"}}"] {
            check(Event::In(text.into()), &json!({ "event": "in", "text": text }));
        }
    }

    #[test]
    fn the_heading_names_the_format() {
        let part = Part { began_ms: 7, number: 5, generation: 3 };
        let mut heading: Value = serde_json::from_slice(&heading(part, 71)).unwrap();
        for clock in ["at", "ts"] {
            assert!(heading.as_object_mut().unwrap().remove(clock).unwrap().is_u64());
        }
        let program = env!("CARGO_PKG_VERSION");
        let expected = json!({
            "event": "journal", "format": 2, "program": program, "generation": 3, "pid": 71, "part": 5,
        });
        assert_eq!(heading, expected);
    }
}
