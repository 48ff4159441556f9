//! Taking secrets out of a configuration before a client sees it. Pure.
//!
//! A value is a secret when its key says so. References such as `${TOKEN}` are no secrets and stay, so that a
//! person sees where the value comes from.

use jsonc_parser::ast;
use jsonc_parser::common::Ranged as _;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde_json::Value;

use crate::config::is_secret_key;

/// What stands in place of a secret.
pub(crate) const REDACTED: &str = "__redacted__";

/// Redacts a parsed document.
pub(crate) fn value(document: &mut Value) {
    walk(document, false);
}

/// Redacts a document whose references were substituted: besides secrets, everything that came from a variable
/// shows the reference again, as `parsed` has it.
pub(crate) fn resolved(document: &mut Value, parsed: &Value) {
    restore(document, parsed);
    value(document);
}

/// Redacts the text of a document; `None` when it cannot be parsed, for then nobody knows what is secret in it.
pub(crate) fn text(raw: &str) -> Option<String> {
    let parsed = parse_to_ast(raw, &CollectOptions::default(), &ParseOptions::default()).ok()?;
    let mut places = Vec::new();
    collect(parsed.value.as_ref()?, false, &mut places);
    let mut redacted = raw.to_owned();
    for (start, end) in places.into_iter().rev() {
        redacted.replace_range(start..end, &format!("\"{REDACTED}\""));
    }
    Some(redacted)
}

fn restore(node: &mut Value, parsed: &Value) {
    match (node, parsed) {
        (Value::String(text), Value::String(written)) if written.contains("${") => text.clone_from(written),
        (Value::Array(items), Value::Array(written)) => {
            items.iter_mut().zip(written).for_each(|(item, written)| restore(item, written));
        }
        (Value::Object(members), Value::Object(written)) => {
            for (key, value) in members {
                if let Some(written) = written.get(key) {
                    restore(value, written);
                }
            }
        }
        _ => {}
    }
}

fn walk(node: &mut Value, secret: bool) {
    match node {
        Value::String(text) if secret && is_shown_secret(text) => REDACTED.clone_into(text),
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, secret)),
        Value::Object(members) => members.iter_mut().for_each(|(key, value)| walk(value, is_secret_key(key))),
        _ => {}
    }
}

/// The places of the secrets, in the order of the text.
fn collect(node: &ast::Value<'_>, secret: bool, places: &mut Vec<(usize, usize)>) {
    match node {
        ast::Value::StringLit(literal) if secret && is_shown_secret(&literal.value) => {
            let range = literal.range();
            places.push((range.start, range.end));
        }
        ast::Value::Array(array) => array.elements.iter().for_each(|item| collect(item, secret, places)),
        ast::Value::Object(object) => {
            for property in &object.properties {
                collect(&property.value, is_secret_key(property.name.as_str()), places);
            }
        }
        _ => {}
    }
}

/// Whether the text is the secret itself, and not nothing or a reference to it.
fn is_shown_secret(text: &str) -> bool {
    let text = text.trim();
    !(text.is_empty() || text.starts_with("${") && text.ends_with('}') && !text[2..].contains("${"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_replaced_and_nothing_else_is() {
        let mut document = json!({
            "gateway": { "auth": { "token": "t0p", "mode": "token", "password": "${PASSWORD}" }, "port": 1 },
            "channels": [{ "botToken": "b0t", "apiKey": ["one", ""] }],
            "agents": { "maxTokens": "5" },
        });
        value(&mut document);
        let expect = json!({
            "gateway": { "auth": { "token": REDACTED, "mode": "token", "password": "${PASSWORD}" }, "port": 1 },
            "channels": [{ "botToken": REDACTED, "apiKey": [REDACTED, ""] }],
            "agents": { "maxTokens": "5" },
        });
        assert_eq!(document, expect);
    }

    #[test]
    fn what_came_from_a_variable_is_shown_as_the_reference() {
        let parsed = json!({ "url": "https://me:${PASS}@host", "list": ["${A}", "b"], "token": "${T}" });
        let mut document =
            json!({ "url": "https://me:hidden@host", "list": ["a", "b"], "token": "t", "more": "c" });
        resolved(&mut document, &parsed);
        let expect = json!({
            "url": "https://me:${PASS}@host", "list": ["${A}", "b"], "token": "${T}", "more": "c",
        });
        assert_eq!(document, expect);
    }

    #[test]
    fn the_text_keeps_its_comments() {
        let raw = "{ // the token\n  gateway: { auth: { token: 'a\\'b', mode: \"token\" } },\n  \"apiKey\": \"k\", }\n";
        let expect = "{ // the token\n  gateway: { auth: { token: \"__redacted__\", mode: \"token\" } },\n  \
                      \"apiKey\": \"__redacted__\", }\n";
        assert_eq!(text(raw).as_deref(), Some(expect));
        assert_eq!(text("{ token: 'half"), None);
    }
}
