//! Secrets of a configuration: which there are, that nothing tells them, and that they come back.

use serde_json::{Value, json};

use crate::config::{ConfigSnapshot, Outcome, is_secret_key};
use crate::gateway::redact;

/// Shorter ones cannot be told from words of a message.
const SHORTEST: usize = 8;

/// The secrets of a document that stand exactly once, as they are, in its texts, and are no words of a message.
pub(super) fn secrets(document: &Value, texts: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    collect(document, false, &mut found);
    let stands_once =
        |secret: &String| texts.iter().map(|text| text.matches(secret.as_str()).count()).sum::<usize>() == 1;
    let is_word = |secret: &str| {
        secret.contains(char::is_whitespace) || !secret.contains(|letter: char| letter.is_ascii_digit())
    };
    found.retain(|secret| {
        secret.len() >= SHORTEST && !is_word(secret) && !secret.contains("${") && stands_once(secret)
    });
    found
}

fn collect(node: &Value, is_secret: bool, found: &mut Vec<String>) {
    match node {
        Value::String(text) if is_secret => found.push(text.trim().to_owned()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, is_secret, found)),
        Value::Object(members) => {
            members.iter().for_each(|(key, value)| collect(value, is_secret || is_secret_key(key), found));
        }
        _ => {}
    }
}

/// No problem of a configuration tells a secret.
pub(super) fn problems_tell_nothing(snapshot: &ConfigSnapshot, secrets: &[String]) {
    let issues = match &snapshot.outcome {
        Outcome::Invalid(issues) => issues.as_slice(),
        Outcome::Missing | Outcome::Valid => &[],
    };
    for issue in issues.iter().chain(&snapshot.warnings) {
        let place = issue.place.iter().map(|place| place.text.as_str());
        let texts = [issue.message.as_str()].into_iter().chain(issue.suggestion.as_deref()).chain(place);
        texts.for_each(|text| tells_nothing(text, secrets));
    }
}

fn tells_nothing(text: &str, secrets: &[String]) {
    for secret in secrets {
        assert!(!text.contains(secret.as_str()), "{secret} is told: {text}");
    }
}

/// What a client is shown has no secret in it, and what it sends back, with a change, has them again.
pub(super) fn shown_and_put_back(parsed: &Value, secrets: &[String]) -> Value {
    let mut shown = parsed.clone();
    redact::value(&mut shown);
    texts(&shown, &mut |text| tells_nothing(text, secrets));
    let (mut sent, mut wanted) = (shown.clone(), parsed.clone());
    change(&mut sent);
    change(&mut wanted);
    assert_eq!(redact::put_back(sent, parsed).as_ref(), Ok(&wanted));
    shown
}

/// The same for the text, as far as it could be read.
pub(super) fn text_tells_nothing(raw: &str, secrets: &[String]) -> Option<String> {
    let shown = redact::text(raw)?;
    tells_nothing(&shown, secrets);
    Some(shown)
}

fn texts(node: &Value, visit: &mut impl FnMut(&str)) {
    match node {
        Value::String(text) => visit(text),
        Value::Array(items) => items.iter().for_each(|item| texts(item, visit)),
        Value::Object(members) => members.values().for_each(|value| texts(value, visit)),
        _ => {}
    }
}

/// Something new in every list and every object.
fn change(node: &mut Value) {
    match node {
        Value::Array(items) => {
            items.iter_mut().for_each(change);
            items.push(json!({ "id": "fuzzed", "new": 1 }));
        }
        Value::Object(members) => {
            members.values_mut().for_each(change);
            members.insert("x-fuzzed".to_owned(), json!(1));
        }
        _ => {}
    }
}
