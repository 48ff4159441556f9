//! One line of a journal. Pure.

use std::io::Write as _;
use std::sync::Arc;

use serde::de::IgnoredAny;
use serde_json::json;
use tokio_tungstenite::tungstenite::Utf8Bytes;

/// Version of the lines, which every file begins with.
pub(super) const FORMAT: u32 = 1;

/// Something that happened.
#[derive(Debug, Clone)]
pub(crate) enum Event {
    /// A client has connected, from this address.
    Open(String),
    /// It has sent a frame.
    In(Utf8Bytes),
    /// It is sent a frame.
    Out(Utf8Bytes),
    /// The connection is over: the code and the reason of the gateway's close, if it closed.
    Close(Option<(u16, String)>),
    /// The gateway has come so far.
    Mark(&'static str),
    /// So many events are missing here, because the disk was too slow.
    Missed(u64),
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
pub(super) fn heading(generation: u64, version: &str, pid: u32) -> Vec<u8> {
    let heading = json!({
        "event": "journal", "format": FORMAT, "program": version, "generation": generation, "pid": pid,
    });
    format!("{heading}\n").into_bytes()
}

impl Event {
    /// How much memory it keeps.
    pub(super) fn weight(&self) -> usize {
        let text = match self {
            Self::In(frame) | Self::Out(frame) => frame.len(),
            Self::Open(text) => text.len(),
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
            Event::Open(peer) => json!({ "event": "open", "peer": peer }),
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
    use serde_json::Value;

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
        check(Event::Open("127.0.0.1:9".to_owned()), &json!({ "event": "open", "peer": "127.0.0.1:9" }));
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
        let heading: Value = serde_json::from_slice(&heading(3, "0.1.0", 71)).unwrap();
        assert_eq!(
            heading,
            json!({ "event": "journal", "format": 1, "program": "0.1.0", "generation": 3, "pid": 71 })
        );
    }
}
