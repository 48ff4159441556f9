//! One line of a journal. Pure, but for the clock of a heading.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Value, json};

use super::layout::Part;
use super::start::FORMAT;
use crate::platform::clock;

/// Readers of ours give up below so many levels of a line, and one is its own.
const DEEPEST: usize = 126;

/// What happened, besides frames.
#[derive(Debug, Clone)]
pub(crate) enum Event<'a> {
    /// A client has connected.
    Open(&'a Opened),
    /// It was connected when the recording began: what was agreed with it, unless that is still to come.
    Joined(&'a Opened, Value),
    /// The connection is over: the code and the reason of the gateway's close, if it closed.
    Close(Option<(u16, &'a str)>),
    /// The gateway has come so far.
    Mark(&'static str),
    /// The configuration with this hash counts from here on.
    Config(&'a str),
    /// So many events are missing here, because the disk was too slow.
    Missed(u64),
}

/// A frame as it went over the wire.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Frame<'a> {
    /// From the client; whether it is JSON, as far as that is known.
    In(&'a str, Option<bool>),
    /// From the client, and no text.
    Bytes(&'a [u8]),
    /// To the client: JSON of one line.
    Out(&'a str),
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

/// When something happened.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    /// Monotonic, microseconds since the machine was started: the same clock in every generation.
    pub(super) at_us: u64,
    /// Unix milliseconds.
    pub(super) ts: u64,
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

impl Frame<'_> {
    /// About as long as its line.
    pub(super) fn weight(&self) -> usize {
        let frame = match self {
            Self::In(text, _) | Self::Out(text) => text.len(),
            Self::Bytes(bytes) => bytes.len() * 4 / 3,
        };
        frame + 150
    }

    /// Appends its line. This is what a frame costs who serves.
    pub(super) fn write(&self, lines: &mut Vec<u8>, moment: Moment, connection: &str) {
        lines.reserve(self.weight());
        begin(lines, moment, Some(connection));
        match self {
            Self::Out(text) => around(lines, b",\"event\":\"out\",\"frame\":", text),
            Self::In(text, is_json) if stands_in_a_line(text, *is_json) => {
                around(lines, b",\"event\":\"in\",\"frame\":", text);
            }
            Self::In(text, _) => around(lines, b",\"event\":\"in\",\"text\":", &json!(text).to_string()),
            Self::Bytes(bytes) => {
                let text = json!(STANDARD.encode(bytes)).to_string();
                around(lines, b",\"event\":\"in\",\"bytes\":", &text);
            }
        }
    }
}

impl Event<'_> {
    /// Appends its line; without a connection it is about the gateway.
    pub(super) fn write(&self, lines: &mut Vec<u8>, moment: Moment, connection: Option<&str>) {
        let event = match self {
            Self::Open(opened) => with_event("open", json!(opened)),
            Self::Joined(opened, session) => {
                let mut line = with_event("open", json!(opened));
                line["joined"] = session.clone();
                line
            }
            Self::Close(None) => json!({ "event": "close" }),
            Self::Close(Some((code, reason))) => json!({ "event": "close", "code": code, "reason": reason }),
            Self::Mark(name) => json!({ "event": name }),
            Self::Config(hash) => json!({ "event": "config", "hash": hash }),
            Self::Missed(count) => json!({ "event": "missed", "count": count }),
        };
        begin(lines, moment, connection);
        lines.push(b',');
        lines.extend_from_slice(&event.to_string().as_bytes()[1..]);
        lines.push(b'\n');
    }
}

/// The members that every line begins with.
fn begin(lines: &mut Vec<u8>, moment: Moment, connection: Option<&str>) {
    let mut digits = itoa::Buffer::new();
    lines.extend_from_slice(b"{\"at\":");
    lines.extend_from_slice(digits.format(moment.at_us).as_bytes());
    lines.extend_from_slice(b",\"ts\":");
    lines.extend_from_slice(digits.format(moment.ts).as_bytes());
    if let Some(connection) = connection {
        lines.extend_from_slice(b",\"conn\":\"");
        lines.extend_from_slice(connection.as_bytes());
        lines.push(b'"');
    }
}

fn around(lines: &mut Vec<u8>, before: &[u8], value: &str) {
    lines.extend_from_slice(before);
    lines.extend_from_slice(value.as_bytes());
    lines.extend_from_slice(b"}\n");
}

fn with_event(event: &str, members: Value) -> Value {
    let mut line = json!({ "event": event });
    if let (Some(line), Value::Object(members)) = (line.as_object_mut(), members) {
        line.extend(members);
    }
    line
}

/// Whether a frame can stand in its line as it is: JSON of one line that every reader takes. What is known already is not
/// found out again, but for what only our own parser takes.
fn stands_in_a_line(text: &str, is_json: Option<bool>) -> bool {
    // Without a way out, so that it is done many bytes at a time.
    let found = text.bytes().fold(0, |found, byte| {
        found | u8::from(byte == b'\n') | u8::from(byte == b'\r') | (u8::from(byte == b'\\') << 1)
    });
    if is_json == Some(false) || found & 1 != 0 {
        return false;
    }
    let has_surrogates = || text.contains("\\ud") || text.contains("\\uD");
    if is_json == Some(true) && !may_be_deep(text) && !(found & 2 != 0 && has_surrogates()) {
        return true;
    }
    serde_json::from_str::<Value>(text).is_ok_and(|value| depth(&value) <= DEEPEST)
}

/// Whether there are so many brackets that it can be too deep. The two kinds differ in one bit.
fn may_be_deep(text: &str) -> bool {
    text.len() > 2 * DEEPEST && text.bytes().filter(|byte| byte | 0x20 == b'{').count() > DEEPEST
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or_default(),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOMENT: Moment = Moment { at_us: 7, ts: 1_769_248_800_000 };

    #[track_caller]
    fn check(write: impl FnOnce(&mut Vec<u8>), expected: &Value) {
        let mut line = Vec::new();
        write(&mut line);
        let text = String::from_utf8(line).unwrap();
        assert_eq!(text.matches('\n').count(), 1, "{text}");
        assert!(text.ends_with('\n'), "{text}");
        let line: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let mut expected = expected.clone();
        expected["at"] = json!(7);
        expected["ts"] = json!(1_769_248_800_000_u64);
        expected["conn"] = json!("c1");
        assert_eq!(line, expected);
    }

    #[track_caller]
    fn event(event: &Event<'_>, expected: &Value) {
        check(|line| event.write(line, MOMENT, Some("c1")), expected);
    }

    #[track_caller]
    fn frame(frame: Frame<'_>, expected: &Value) {
        check(|line| frame.write(line, MOMENT, "c1"), expected);
    }

    #[test]
    fn every_event_is_one_line_of_json() {
        let mut opened = Opened { peer: "127.0.0.1".to_owned(), ..Opened::default() };
        event(&Event::Open(&opened), &json!({ "event": "open", "peer": "127.0.0.1" }));
        opened.host = Some("h".to_owned());
        opened.user_agent = Some("a \"b\"".to_owned());
        let mut expected =
            json!({ "event": "open", "peer": "127.0.0.1", "host": "h", "userAgent": "a \"b\"" });
        event(&Event::Open(&opened), &expected);
        expected["joined"] = json!({ "role": "node" });
        event(&Event::Joined(&opened, json!({ "role": "node" })), &expected);
        event(&Event::Config("e3b0"), &json!({ "event": "config", "hash": "e3b0" }));
        event(&Event::Close(None), &json!({ "event": "close" }));
        let close = Event::Close(Some((1008, "slow \"consumer\"")));
        event(&close, &json!({ "event": "close", "code": 1008, "reason": "slow \"consumer\"" }));
        event(&Event::Mark("serving"), &json!({ "event": "serving" }));
        event(&Event::Missed(3), &json!({ "event": "missed", "count": 3 }));
    }

    #[test]
    fn a_frame_stands_in_its_line_as_it_is() {
        let text = r#"{"type":"req","id":"1"}"#;
        for known in [Some(true), None] {
            let expected = json!({ "event": "in", "frame": { "type": "req", "id": "1" } });
            frame(Frame::In(text, known), &expected);
        }
        frame(Frame::Out(text), &json!({ "event": "out", "frame": { "type": "req", "id": "1" } }));
        frame(Frame::Bytes(&[0xff, 0, 10]), &json!({ "event": "in", "bytes": "/wAK" }));
    }

    #[test]
    fn what_is_no_json_of_one_line_is_a_text() {
        for text in ["", "no", "{\"a\":1", "{\n}", "[1]\r", "{} {}", "\u{0}", "{\"event\":\"close\"}}"] {
            frame(Frame::In(text, None), &json!({ "event": "in", "text": text }));
            frame(Frame::In(text, Some(false)), &json!({ "event": "in", "text": text }));
        }
        // What our parser takes and others do not.
        let deep = format!("{}{}", "[".repeat(127), "]".repeat(127));
        for text in [r#"{"a":"\ud83d"}"#, "{\"a\":\n1}", &deep] {
            frame(Frame::In(text, Some(true)), &json!({ "event": "in", "text": text }));
        }
        let wide = format!("[{}0]", "{},".repeat(500));
        let expected: Value = serde_json::from_str(&wide).unwrap();
        frame(Frame::In(&wide, Some(true)), &json!({ "event": "in", "frame": expected }));
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
