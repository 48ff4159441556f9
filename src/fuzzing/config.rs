//! Configurations: read with an included file and variables, shown without secrets, and edited.

use std::path::Path;

use serde_json::Value;

use super::comments::{comments, members};
use super::redaction::{problems_tell_nothing, secrets, shown_and_put_back, text_tells_nothing};
use super::scratch;
use super::sections::sections;
use crate::config::edit::{Edit, RewriteError, apply};
use crate::config::write::{WriteError, edited, saying};
use crate::config::{Config, Document, Outcome, diff, dotenv, render};
use crate::gateway::redact::REDACTED;
use crate::profile::EnvMap;

/// The value of a variable, which no text may tell.
const HIDDEN: &str = "9e2c-the-value-of-a-variable-9e2c";

/// Reads a configuration, the file `more.json5` that it may include, a merge patch, and a `.env` file.
///
/// # Panics
///
/// When a problem tells a secret or has no place, when what is valid cannot be used, when an edit of the text loses a
/// comment or changes what it should not, or when secrets that were taken out are not put back.
pub fn config(data: &[u8]) {
    let env = EnvMap::from([("FUZZ_SECRET", HIDDEN), ("FUZZ_EMPTY", "")]);
    let Ok(input) = std::str::from_utf8(data) else {
        let path = scratch::file("config/clawdbot.json", Some(data));
        return can_be_told(&Document::load(&path, &env));
    };
    let [main, more, patch, variables] = sections(input);
    let _ = dotenv(variables);
    scratch::file("config/more.json5", Some(more).filter(|text| !text.is_empty()).map(str::as_bytes));
    let file = scratch::file("config/clawdbot.json", Some(main.as_bytes()));
    let document = Document::load(&file, &env);
    can_be_told(&document);
    let mut known = secrets(&document.written, &[main, more]);
    if !input.contains(HIDDEN) {
        known.push(HIDDEN.to_owned());
    }
    problems_tell_nothing(&document.snapshot, &known);
    can_be_used(&document);
    let parsed = &document.snapshot.parsed;
    let shown = shown_and_put_back(parsed, &known);
    let shown_text = text_tells_nothing(main, &known);
    let patch: Value = serde_json::from_str(patch).unwrap_or_default();
    let _ = edited(&document, &[Edit::Merge(patch.clone())], &env);
    if is_readable(main, parsed) {
        let read_again = shown_text.map(|text| Document::of_text(&file, text, &env).snapshot.parsed);
        let is_same = read_again.as_ref().is_some_and(|text| is_same(text, &shown));
        assert!(is_same, "the text shows something else than the values: {read_again:?}, not {shown}");
        changed(main, parsed, &patch);
    }
}

/// Whether a text shows these values. A number beyond the largest has no value, and its text may still be hidden.
fn is_same(text: &Value, values: &Value) -> bool {
    match (text, values) {
        (Value::Object(text), Value::Object(values)) => {
            text.len() == values.len()
                && text.iter().all(|(key, text)| values.get(key).is_some_and(|value| is_same(text, value)))
        }
        (Value::Array(text), Value::Array(values)) => {
            text.len() == values.len() && text.iter().zip(values).all(|(text, value)| is_same(text, value))
        }
        (Value::String(text), Value::Null) => text == REDACTED,
        (text, value) => text == value,
    }
}

/// Every problem has its words, and its place is one of the text.
fn can_be_told(document: &Document) {
    let snapshot = &document.snapshot;
    if let Outcome::Invalid(issues) = &snapshot.outcome {
        assert!(!issues.is_empty(), "invalid, and nobody knows why");
        assert!(!render(issues, Path::new("/nowhere")).is_empty());
        for place in issues.iter().filter_map(|issue| issue.place.as_ref()) {
            assert!(place.line >= 1 && place.column >= 1 && place.width >= 1, "{place:?}");
            assert!(place.column > place.skipped, "the mark is not shown: {place:?}");
        }
    }
    let _ = render(&snapshot.warnings, Path::new("/nowhere"));
}

fn can_be_used(document: &Document) {
    let resolved = &document.snapshot.resolved;
    match &document.snapshot.outcome {
        Outcome::Valid => {
            let _ = Config::from_resolved(resolved);
            assert!(diff(resolved, resolved).is_empty());
        }
        Outcome::Invalid(issues) => {
            let untypable =
                issues.iter().any(|issue| issue.message.contains("does not fit this program's types"));
            assert!(!untypable, "validation lets through what has no type: {resolved}");
        }
        Outcome::Missing => {}
    }
}

/// Whether the text says something that can be edited. What has no form in JSON has none in a value either.
fn is_readable(text: &str, parsed: &Value) -> bool {
    let has_form = !parsed.is_null() && !text.contains("Infinity") && !text.contains("NaN");
    has_form && !matches!(saying(text, parsed), Err(WriteError::Rewrite(RewriteError::Unreadable)))
}

fn changed(text: &str, parsed: &Value, patch: &Value) {
    assert_eq!(say(text, parsed), text, "nothing was to be changed");
    let mut target = parsed.clone();
    if patch.is_object() && apply(&mut target, &Edit::Merge(patch.clone())).is_ok() {
        let edited = say(text, &target);
        assert_eq!(say(&edited, &target), edited, "a second time changes nothing");
        let (before, after) = (members(text), members(&edited));
        for (key, written) in before.iter().filter(|(key, _)| patch.get(key.as_str()).is_none()) {
            assert_eq!(after.get(key), Some(written), "{key} was not to be changed\n{text}\n→\n{edited}");
        }
    }
    if let Value::Object(mut more) = parsed.clone()
        && more.insert("x-fuzzed".to_owned(), 1.into()).is_none()
    {
        let edited = say(text, &Value::Object(more));
        assert_eq!(comments(&edited), comments(text), "{text}\n→\n{edited}");
    }
}

fn say(text: &str, value: &Value) -> String {
    saying(text, value).unwrap_or_else(|error| panic!("{error}: {value}\n{text}"))
}
