//! The result as one JSON object. Its length is bounded, whatever differs.

use serde_json::{Map, Value, json};

use super::Report;
use crate::capsule::replay::{About, Difference, End, What};

/// The longest value that is shown whole, bytes of JSON.
const LONGEST: usize = 16 * 1024;

impl Report {
    /// One object.
    pub(crate) fn json(&self) -> Value {
        let findings = &self.findings;
        let differ = findings.differ();
        let counts: Vec<Value> = (findings.counts.iter())
            .map(|(about, count)| {
                json!({ "kind": kind(about), "name": about.name(), "compared": count.compared, "differ": count.differ })
            })
            .collect();
        let compared = |wanted: &str| findings.compared(|about| kind(about) == wanted);
        json!({
            "ok": differ == 0,
            "result": if differ == 0 { "same" } else { "differs" },
            "connections": findings.opened,
            "sent": findings.sent,
            "unsent": findings.unsent,
            "compared": {
                "answers": compared("answer"), "events": compared("event"), "closes": compared("close"),
            },
            "differ": differ,
            "stopped": self.is_given_up,
            "notes": self.notes,
            "counts": counts,
            "differences": findings.differences.iter().map(difference).collect::<Vec<_>>(),
            "ms": { "ready": self.ready.as_millis(), "total": self.took.as_millis() },
        })
    }
}

/// How scripts call what a difference is about.
pub(super) fn kind(about: &About) -> &'static str {
    match about {
        About::Method(_) => "answer",
        About::Event(_) => "event",
        About::Close => "close",
        About::Gateway => "gateway",
    }
}

fn difference(difference: &Difference) -> Value {
    let mut told = Map::new();
    let mut tell = |name: &str, value: Value| {
        if !value.is_null() {
            told.insert(name.to_owned(), value);
        }
    };
    tell("connection", json!(difference.connection));
    if !difference.client.is_empty() {
        tell("client", json!(difference.client));
    }
    tell("atMs", json!(difference.at_ms));
    tell("kind", json!(kind(&difference.about)));
    tell("name", json!(difference.about.name()));
    if let Some(asked) = &difference.asked {
        let asked = serde_json::from_str(asked).unwrap_or_else(|_| json!(asked));
        tell("asked", bounded(&asked));
    }
    match &difference.what {
        What::Content { mismatches, .. } => {
            let place = |mismatch: &crate::capsule::replay::Mismatch| {
                let mut place = json!({ "path": mismatch.place() });
                for (name, value) in [("recorded", &mismatch.recorded), ("now", &mismatch.here)] {
                    if let Some(value) = value {
                        place[name] = bounded(value);
                    }
                }
                place
            };
            tell("what", json!("content"));
            tell("places", mismatches.iter().take(50).map(place).collect());
        }
        What::Missing(recorded) => {
            tell("what", json!("missing"));
            tell("recorded", bounded(recorded));
        }
        What::Extra(now) => {
            tell("what", json!("extra"));
            tell("now", bounded(now));
        }
        What::Ends(recorded, now) => {
            tell("what", json!("ends"));
            tell("recorded", recorded.as_ref().map_or(Value::Null, end));
            tell("now", now.as_ref().map_or(Value::Null, end));
        }
        What::Gone(how) => {
            tell("what", json!("gone"));
            tell("now", json!(how));
        }
    }
    Value::Object(told)
}

fn end(end: &End) -> Value {
    json!({ "code": end.code, "reason": end.reason })
}

/// The value, or the beginning of its text.
fn bounded(value: &Value) -> Value {
    let text = value.to_string();
    if text.len() <= LONGEST {
        return value.clone();
    }
    let cut: String = text.chars().take(LONGEST / 4).collect();
    json!(format!("{cut}…"))
}
