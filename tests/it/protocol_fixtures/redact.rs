//! What differs from run to run and from machine to machine, replaced by a word for what it is.

use serde_json::{Map, Value};

/// What one run knows about itself.
#[derive(Debug)]
pub(super) struct Redactor {
    /// Texts and what is written instead of them, longest first.
    words: Vec<(String, &'static str)>,
    /// The name of the machine, which may be a word that stands elsewhere too.
    host: String,
}

/// Members whose numbers are measurements or counters.
const MEASURED: [&str; 10] = [
    "durationMs",
    "lastDurationMs",
    "uptimeMs",
    "pid",
    "age",
    "presence",
    "health",
    "lastInputSeconds",
    "cursor",
    "size",
];

/// Milliseconds of a wall clock are above this.
const WALL_CLOCK: u64 = 1_700_000_000_000;

impl Redactor {
    /// `words` are texts of this run: its home, its address.
    pub(super) fn new(mut words: Vec<(String, &'static str)>, host: String) -> Self {
        words.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
        Self { words, host }
    }

    /// `value` without what differs; below `depth` levels only types.
    pub(super) fn redact(&self, value: &Value, depth: Option<usize>) -> Value {
        self.value("", value, depth)
    }

    fn value(&self, key: &str, value: &Value, depth: Option<usize>) -> Value {
        if depth == Some(0) {
            return Value::from(kind(value));
        }
        let below = depth.map(|depth| depth - 1);
        match value {
            // In a hello: the last one, or none yet.
            Value::Object(_) if key == "health" => Value::from("<health>"),
            Value::Object(members) => {
                let each =
                    members.iter().map(|(name, member)| (self.text(name), self.value(name, member, below)));
                Value::Object(each.collect::<Map<_, _>>())
            }
            Value::Array(items) => {
                let mut items: Vec<Value> = items.iter().map(|item| self.value(key, item, below)).collect();
                // Presences are sorted by times that may be equal.
                if items.iter().all(|item| item["text"].is_string() && item["reason"].is_string()) {
                    items.sort_by_key(|item| item["text"].to_string());
                }
                Value::Array(items)
            }
            Value::Number(number) if MEASURED.contains(&key) || number.as_u64() > Some(WALL_CLOCK) => {
                Value::from(if MEASURED.contains(&key) { "<number>" } else { "<ms>" })
            }
            Value::String(text) => Value::from(match key {
                "version" | "generatedAt" | "lastTouchedVersion" => format!("<{key}>"),
                "host" if *text == self.host => "<host>".to_owned(),
                "ip" | "remoteIp" => "<ip>".to_owned(),
                "modelIdentifier" if ["x64", "arm64"].contains(&text.as_str()) => "<cpu>".to_owned(),
                "platform" if text.contains(' ') => "<platform>".to_owned(),
                "text" if text.starts_with("Gateway: ") => "<gateway>".to_owned(),
                _ => self.text(text),
            }),
            other => other.clone(),
        }
    }

    fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (word, instead) in &self.words {
            text = text.replace(word.as_str(), instead);
        }
        replace_runs(&replace_times(&text))
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Identifiers and digests: runs of hexadecimal digits and hyphens of the lengths that those have.
fn replace_runs(text: &str) -> String {
    let mut out = String::new();
    let mut run = String::new();
    for character in text.chars().chain(['\0']) {
        if character.is_ascii_hexdigit() || character == '-' {
            run.push(character);
            continue;
        }
        out.push_str(match run.len() {
            36 if run.matches('-').count() == 4 => "<uuid>",
            32 | 64 if !run.contains('-') => "<hex>",
            _ => &run,
        });
        run.clear();
        if character != '\0' {
            out.push(character);
        }
    }
    out
}

/// ISO 8601 times, with colons or with the hyphens of file names.
fn replace_times(text: &str) -> String {
    const SHAPE: &[u8] = b"dddd-dd-ddTdd:dd:dd.dddZ";
    let bytes = text.as_bytes();
    let mut out = String::new();
    let mut rest = 0;
    let mut at = 0;
    while at + SHAPE.len() <= bytes.len() {
        let fits = bytes[at..at + SHAPE.len()].iter().zip(SHAPE).all(|(byte, shape)| match shape {
            b'd' => byte.is_ascii_digit(),
            b':' | b'.' => [b':', b'-', b'.'].contains(byte),
            _ => byte == shape,
        });
        if fits {
            out.push_str(&text[rest..at]);
            out.push_str("<time>");
            at += SHAPE.len();
            rest = at;
        } else {
            at += 1;
        }
    }
    out.push_str(&text[rest..]);
    out
}

#[test]
fn only_what_differs_is_replaced() {
    let redactor = Redactor::new(vec![("/tmp/h".into(), "<home>"), ("/tmp/h/x".into(), "<x>")], "vm".into());
    let check = |given: &str, expected: &str| {
        let given: Value = serde_json::from_str(given).unwrap();
        let expected: Value = serde_json::from_str(expected).unwrap();
        assert_eq!(redactor.redact(&given, Some(3)), expected);
    };
    check(r#"{"path":"/tmp/h/y and /tmp/h/x"}"#, r#"{"path":"<home>/y and <x>"}"#);
    check(r#"{"host":"vm","name":"vm"}"#, r#"{"host":"<host>","name":"vm"}"#);
    check(r#"{"ts":1795403508135,"n":17,"pid":17}"#, r#"{"ts":"<ms>","n":17,"pid":"<number>"}"#);
    check(r#""a364d8cec-3c87-465d-b9d0-951228be8d10""#, r#""a364d8cec-3c87-465d-b9d0-951228be8d10""#);
    check(r#""id:364d8cec-3c87-465d-b9d0-951228be8d10""#, r#""id:<uuid>""#);
    check(r#""x.deleted.2026-01-02T03-04-05.678Z é""#, r#""x.deleted.<time> é""#);
    check(r#"{"a":{"b":{"c":[1]}}}"#, r#"{"a":{"b":{"c":"array"}}}"#);
}
