//! The one list of deliberate differences, and whether it is true.

use std::collections::BTreeSet;
use std::fs;

use serde::Deserialize;
use serde_json::Value;

use super::script::directory;

/// `fixtures/protocol/differences.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Differences {
    /// Methods that this gateway does not serve yet.
    unserved: BTreeSet<String>,
    /// Differences that are meant.
    meant: Vec<Meant>,
}

/// A difference that is meant.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Meant {
    /// Why.
    reason: String,
    /// Where: `script/step /json/pointer`, with `*` for anything.
    at: Vec<String>,
}

/// A difference that was found.
#[derive(Debug)]
pub(super) struct Found {
    place: String,
    theirs: Option<Value>,
    ours: Option<Value>,
}

impl Differences {
    pub(super) fn read() -> Self {
        let text = fs::read_to_string(directory().join("differences.json")).unwrap();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("differences.json: {error}"))
    }

    /// Everything that contradicts the list, as lines for a person.
    pub(super) fn contradictions(&self, found: &[Found], unserved: &BTreeSet<String>) -> Vec<String> {
        let mut lines = Vec::new();
        for found in found {
            let is_meant = self.meant.iter().any(|meant| meant.at.iter().any(|at| fits(at, &found.place)));
            if !is_meant {
                let text =
                    |side: &Option<Value>| side.as_ref().map_or("nothing".to_owned(), Value::to_string);
                let (theirs, ours) = (text(&found.theirs), text(&found.ours));
                lines.push(format!("differs: {}\n  theirs: {theirs}\n  ours:   {ours}", found.place));
            }
        }
        for meant in &self.meant {
            assert!(!meant.reason.is_empty(), "a difference without a reason: {meant:?}");
            let gone = meant.at.iter().filter(|at| !found.iter().any(|found| fits(at, &found.place)));
            lines.extend(gone.map(|at| format!("listed, but differs no longer: {at}")));
        }
        let unlisted = unserved.difference(&self.unserved);
        lines.extend(unlisted.map(|method| format!("not served, and not listed as such: {method}")));
        let served = self.unserved.difference(unserved);
        lines.extend(served.map(|method| format!("listed as not served, but is: {method}")));
        lines
    }
}

/// All places below `place` where two answers differ. Lists of different length differ as a whole.
pub(super) fn compare(place: &str, theirs: &Value, ours: &Value, found: &mut Vec<Found>) {
    match (theirs, ours) {
        (Value::Object(theirs), Value::Object(ours)) => {
            let names: BTreeSet<&String> = theirs.keys().chain(ours.keys()).collect();
            for name in names {
                let place = format!("{place}/{name}");
                match (theirs.get(name), ours.get(name)) {
                    (Some(theirs), Some(ours)) => compare(&place, theirs, ours, found),
                    (theirs, ours) => {
                        found.push(Found { place, theirs: theirs.cloned(), ours: ours.cloned() });
                    }
                }
            }
        }
        (Value::Array(theirs), Value::Array(ours)) if theirs.len() == ours.len() => {
            for (index, (theirs, ours)) in theirs.iter().zip(ours).enumerate() {
                compare(&format!("{place}/{index}"), theirs, ours, found);
            }
        }
        (theirs, ours) if theirs == ours => {}
        // JavaScript writes 0.0 as 0.
        (Value::Number(theirs), Value::Number(ours)) if theirs.as_f64() == ours.as_f64() => {}
        (theirs, ours) => {
            let place = place.to_owned();
            found.push(Found { place, theirs: Some(theirs.clone()), ours: Some(ours.clone()) });
        }
    }
}

fn fits(pattern: &str, place: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == place,
        Some((before, after)) => place.strip_prefix(before).is_some_and(|rest| {
            rest.char_indices()
                .map(|(index, _)| index)
                .chain([rest.len()])
                .any(|index| fits(after, &rest[index..]))
        }),
    }
}

#[test]
fn a_star_is_anything() {
    assert!(fits("a/* /x", "a/b /x"));
    assert!(fits("*", ""));
    assert!(fits("a*", "a"));
    assert!(fits("*/x", "/y/x"));
    assert!(!fits("a/* /x", "a/b /y"));
    assert!(!fits("a", "ab"));
}
