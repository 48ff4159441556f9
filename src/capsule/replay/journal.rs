//! The lines of a recording (`dev/RECORDING.md`), taken apart once.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::value::RawValue;

/// A recording, in the order of its moments.
#[derive(Debug, Default)]
pub struct Journal<'a> {
    /// What happened.
    pub(super) entries: Vec<Entry<'a>>,
    /// How many connections are named.
    pub(super) connections: usize,
    /// Events that the recording says are missing.
    pub(super) missed: u64,
}

/// Something that happened.
#[derive(Debug, PartialEq)]
pub(super) struct Entry<'a> {
    /// Monotonic, microseconds.
    pub(super) at_us: u64,
    /// Unix milliseconds.
    pub(super) ts_ms: u64,
    /// The connection; a small number in the order of their first lines.
    pub(super) connection: Option<usize>,
    pub(super) event: Event<'a>,
}

/// What happened.
#[derive(Debug, PartialEq)]
pub(super) enum Event<'a> {
    /// A client has connected; or was there already, and this was agreed with it.
    Open(Headers, Option<&'a str>),
    /// It has sent a message.
    In(Message<'a>),
    /// It was sent a frame.
    Out(&'a str),
    /// The connection ended: the gateway's close, if it was the one that closed.
    Close(Option<(u16, String)>),
    /// The gateway has come so far.
    Mark(Mark),
}

/// What a client has said when it connected.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers {
    /// Its address.
    pub peer: Option<String>,
    /// `Host`.
    pub host: Option<String>,
    /// `Origin`.
    pub origin: Option<String>,
    /// `User-Agent`.
    pub user_agent: Option<String>,
}

/// A message of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message<'a> {
    /// JSON of one line, as it stands there.
    Frame(&'a str),
    /// A text that is none.
    Text(String),
    /// A binary message that is no text.
    Bytes(Vec<u8>),
}

/// How far a gateway has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// It accepts.
    Serving,
    /// It accepts no more.
    Quiescing,
}

/// Why a recording cannot be replayed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// A line says nothing that is known.
    #[error("line {line} of the recording cannot be read: {cause}")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        cause: String,
    },
    /// Nothing was sent.
    #[error("the recording holds no message of a client")]
    Empty,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    #[serde(default)]
    at: u64,
    #[serde(default)]
    ts: u64,
    conn: Option<&'a str>,
    event: &'a str,
    #[serde(borrow)]
    frame: Option<&'a RawValue>,
    text: Option<String>,
    bytes: Option<String>,
    peer: Option<String>,
    host: Option<String>,
    origin: Option<String>,
    user_agent: Option<String>,
    #[serde(borrow)]
    joined: Option<&'a RawValue>,
    code: Option<u16>,
    reason: Option<String>,
    count: Option<u64>,
}

// === impl Journal ===

impl<'a> Journal<'a> {
    /// Reads the lines. The last one may be cut off: whoever wrote it was killed.
    pub fn read(text: &'a str) -> Result<Self, JournalError> {
        let mut journal = Self::default();
        let mut known: HashMap<&'a str, usize> = HashMap::new();
        let mut lines = text.lines().enumerate().peekable();
        while let Some((index, line)) = lines.next() {
            if line.trim().is_empty() {
                continue;
            }
            let failed = |cause: String| JournalError::Line { line: index + 1, cause };
            let line: Line<'a> = match serde_json::from_str(line) {
                Ok(line) => line,
                Err(_) if lines.peek().is_none() && !text.ends_with('\n') => break,
                Err(error) => return Err(failed(error.to_string())),
            };
            let connection = line.conn.map(|name| {
                let next = known.len();
                *known.entry(name).or_insert(next)
            });
            if line.event == "missed" {
                journal.missed += line.count.unwrap_or(1);
                continue;
            }
            let (at_us, ts_ms) = (line.at, line.ts);
            if let Some(event) = event(line).map_err(failed)? {
                journal.entries.push(Entry { at_us, ts_ms, connection, event });
            }
        }
        journal.connections = known.len();
        // Whoever wrote them together may have left those of one moment in any order; this keeps it.
        journal.entries.sort_by_key(|entry| entry.at_us);
        if journal.entries.iter().any(|entry| matches!(entry.event, Event::In(_))) {
            Ok(journal)
        } else {
            Err(JournalError::Empty)
        }
    }
}

/// The event of a line; `None` for what a replay does not need.
fn event(line: Line<'_>) -> Result<Option<Event<'_>>, String> {
    let event = match line.event {
        "open" => {
            let headers = Headers {
                peer: line.peer,
                host: line.host,
                origin: line.origin,
                user_agent: line.user_agent,
            };
            Event::Open(headers, line.joined.map(RawValue::get))
        }
        "in" => match (line.frame, line.text, line.bytes) {
            (Some(frame), ..) => Event::In(Message::Frame(frame.get())),
            (None, Some(text), _) => Event::In(Message::Text(text)),
            (None, None, Some(bytes)) => {
                Event::In(Message::Bytes(STANDARD.decode(bytes).map_err(|error| error.to_string())?))
            }
            (None, None, None) => return Err("a message without content".to_owned()),
        },
        "out" => Event::Out(line.frame.ok_or("an answer without content")?.get()),
        "close" => Event::Close(line.code.map(|code| (code, line.reason.unwrap_or_default()))),
        "serving" => Event::Mark(Mark::Serving),
        "quiescing" => Event::Mark(Mark::Quiescing),
        // Whatever later versions have added, or is said for people.
        _ => return Ok(None),
    };
    Ok(Some(event))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_taken_apart() {
        let text = r#"{"event":"journal","format":2,"program":"0.1.0","generation":1,"pid":7}
{"at":1,"ts":2,"event":"serving"}
{"at":2,"ts":2,"conn":"a","event":"open","peer":"127.0.0.1","host":"127.0.0.1:1","userAgent":"x"}
{"at":3,"ts":2,"conn":"a","event":"in","frame":{"id": "1"}}
{"at":4,"ts":2,"conn":"b","event":"in","text":"{\n"}
{"at":5,"ts":2,"conn":"a","event":"in","bytes":"/w=="}
{"at":6,"ts":2,"conn":"a","event":"out","frame":{"ok":true}}
{"at":7,"ts":2,"conn":"a","event":"close","code":1008,"reason":"no"}
{"at":8,"ts":2,"conn":"b","event":"close"}
{"at":8,"ts":2,"event":"missed","count":3}
{"at":9,"ts":2,"event":"something new"}
{"at":9,"ts":2,"conn":"c","event":"open","joined":{"role":"node"}}
{"at":9,"ts":2,"conn":"d","event":"open","joined":null}
{"at":10,"ts":2,"conn":"a","ev"#;
        let journal = Journal::read(text).unwrap();
        let shown: Vec<(u64, Option<usize>, String)> = (journal.entries.iter())
            .map(|entry| (entry.at_us, entry.connection, format!("{:?}", entry.event)))
            .collect();
        let headers = "Headers { peer: Some(\"127.0.0.1\"), host: Some(\"127.0.0.1:1\"), origin: None, user_agent: Some(\"x\") }";
        let nothing = "Headers { peer: None, host: None, origin: None, user_agent: None }";
        let expected = [
            (1, None, "Mark(Serving)".to_owned()),
            (2, Some(0), format!("Open({headers}, None)")),
            (3, Some(0), r#"In(Frame("{\"id\": \"1\"}"))"#.to_owned()),
            (4, Some(1), r#"In(Text("{\n"))"#.to_owned()),
            (5, Some(0), "In(Bytes([255]))".to_owned()),
            (6, Some(0), r#"Out("{\"ok\":true}")"#.to_owned()),
            (7, Some(0), r#"Close(Some((1008, "no")))"#.to_owned()),
            (8, Some(1), "Close(None)".to_owned()),
            (9, Some(2), format!("Open({nothing}, Some(\"{{\\\"role\\\":\\\"node\\\"}}\"))")),
            (9, Some(3), format!("Open({nothing}, None)")),
        ];
        assert_eq!(shown, expected);
        assert_eq!((journal.connections, journal.missed), (4, 3));
    }

    #[test]
    fn what_cannot_be_replayed_is_told() {
        for (text, expected) in [
            ("", "the recording holds no message of a client"),
            ("{\"at\":1,\"event\":\"serving\"}\n", "the recording holds no message of a client"),
            ("no\n", "line 1 of the recording cannot be read: expected ident at line 1 column 2"),
            (
                "{\"at\":1,\"event\":\"serving\"}\n{\"at\":1,\"event\":\"in\"}\n",
                "line 2 of the recording cannot be read: a message without content",
            ),
        ] {
            assert_eq!(Journal::read(text).unwrap_err().to_string(), expected, "{text}");
        }
    }
}
