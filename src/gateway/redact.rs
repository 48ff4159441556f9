//! Taking secrets out of a configuration before a client sees it, and putting them back. Pure.
//!
//! A value is a secret when its key says so, with everything inside it; besides, the credentials in URLs. A
//! reference such as `${TOKEN}` is no secret and stays, so that a person sees where the value comes from.

mod put_back;

use std::collections::BTreeMap;

use jsonc_parser::ast;
use jsonc_parser::common::{Range, Ranged as _};
use jsonc_parser::{CollectOptions, CommentCollectionStrategy, ParseOptions, parse_to_ast};
use serde_json::Value;

pub(crate) use put_back::put_back;

use crate::config::{is_secret_key, url_credentials};

/// What stands in place of a secret.
pub(crate) const REDACTED: &str = "__redacted__";

/// Redacts a parsed document.
pub(crate) fn value(document: &mut Value) {
    walk(document, false);
}

/// Redacts a document whose references were substituted. `written` is the same document before that, with its
/// includes: besides secrets, everything that came from a variable shows the reference again.
pub(crate) fn resolved(document: &mut Value, written: &Value) {
    restore(document, written);
    value(document);
}

/// What to show instead, by start: the end, and the text.
type Places = BTreeMap<usize, (usize, String)>;

/// Redacts the text of a document; `None` when it cannot be parsed, for then nobody knows what is secret in it.
pub(crate) fn text(raw: &str) -> Option<String> {
    let collect =
        CollectOptions { comments: CommentCollectionStrategy::Separate, ..CollectOptions::default() };
    // The parser knows no byte order mark.
    let body = raw.strip_prefix('\u{feff}').unwrap_or(raw);
    let parsed = parse_to_ast(body, &collect, &ParseOptions::default()).ok()?;
    let mut places = Places::new();
    collect_values(parsed.value.as_ref()?, false, &mut places);
    let comments = parsed.comments.iter().flat_map(|comments| comments.values());
    for comment in comments.flat_map(|list| list.iter()) {
        let (start, text) = (comment.range().start + "//".len(), comment.text());
        if let Some(shown) = shown_comment(text) {
            places.insert(start, (start + text.len(), shown));
        }
    }
    let mut redacted = body.to_owned();
    for (start, (end, shown)) in places.into_iter().rev() {
        redacted.replace_range(start..end, &shown);
    }
    redacted.insert_str(0, &raw[..raw.len() - body.len()]);
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
        Value::String(text) => {
            if let Some(shown) = shown_text(text, secret) {
                *text = shown;
            }
        }
        Value::Number(_) if secret => *node = Value::String(REDACTED.to_owned()),
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, secret)),
        Value::Object(members) => {
            members.iter_mut().for_each(|(key, value)| walk(value, secret || is_secret_key(key)));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn collect_values(node: &ast::Value<'_>, secret: bool, places: &mut Places) {
    let mut show = |range: Range, shown: String| {
        places.insert(range.start, (range.end, Value::String(shown).to_string()));
    };
    match node {
        ast::Value::StringLit(literal) => {
            if let Some(shown) = shown_text(&literal.value, secret) {
                show(literal.range(), shown);
            }
        }
        ast::Value::NumberLit(literal) if secret => show(literal.range(), REDACTED.to_owned()),
        ast::Value::Array(array) => {
            array.elements.iter().for_each(|item| collect_values(item, secret, places));
        }
        ast::Value::Object(object) => {
            for property in &object.properties {
                let secret = secret || is_secret_key(property.name.as_str());
                collect_values(&property.value, secret, places);
            }
        }
        ast::Value::NumberLit(_) | ast::Value::BooleanLit(_) | ast::Value::NullKeyword(_) => {}
    }
}

/// What is shown instead of a text; `None` for the text itself.
fn shown_text(text: &str, secret: bool) -> Option<String> {
    if secret {
        let harmless = text.trim().is_empty() || is_reference(text);
        return (!harmless).then(|| REDACTED.to_owned());
    }
    without_credentials(text)
}

/// A value that was commented out is as secret as before. From its key on nothing is shown.
fn shown_comment(text: &str) -> Option<String> {
    for (at, _) in text.match_indices([':', '=']) {
        let before = text[..at].trim_end().trim_end_matches(['"', '\'']);
        let key = before.rsplit(|c: char| !(c.is_alphanumeric() || "_-.".contains(c))).next();
        if key.is_some_and(is_secret_key) && !text[at + 1..].trim().is_empty() {
            return Some(format!("{} {REDACTED}", &text[..=at]));
        }
    }
    without_credentials(text)
}

/// The text without what stands before the `@` of its URLs; `None` when there is nothing to hide.
fn without_credentials(text: &str) -> Option<String> {
    let mut shown = String::new();
    let mut end = 0;
    for range in url_credentials(text) {
        let credentials = &text[range.clone()];
        let password = credentials.split_once(':').map_or(credentials, |(_, password)| password);
        let harmless = password.is_empty() || is_reference(password);
        shown.push_str(&text[end..range.start]);
        shown.push_str(if harmless { credentials } else { REDACTED });
        end = range.end;
    }
    shown.push_str(&text[end..]);
    (shown != text).then_some(shown)
}

/// Whether the text is nothing but one reference to a variable.
pub(crate) fn is_reference(text: &str) -> bool {
    let name = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    name.is_some_and(|name| {
        name.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
            && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    })
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
        assert_eq!(text("\u{feff}{ token: 'a' }").as_deref(), Some("\u{feff}{ token: \"__redacted__\" }"));
    }

    #[test]
    fn everything_under_a_secret_key_is_secret() {
        let mut document = json!({
            "credentials": { "user": "ada", "pin": 1234, "on": true, "from": ["${A}", "x${A}", "${a}"] },
            "tokens": ["one"], "url": "ws://ada:pw@host/x", "text": "see http://u@h and http://h/@",
        });
        value(&mut document);
        let expect = json!({
            "credentials": {
                "user": REDACTED, "pin": REDACTED, "on": true, "from": ["${A}", REDACTED, REDACTED],
            },
            "tokens": [REDACTED], "url": "ws://__redacted__@host/x",
            "text": "see http://__redacted__@h and http://h/@",
        });
        assert_eq!(document, expect);
    }

    #[test]
    fn what_is_commented_out_stays_secret() {
        let raw = "{ // token: 'abc',\n/* \"apiKey\": \"k\",\n more */ port: 1, // ws://u:p@h\n\
                   secret: { n: 42 } // the token: \n}";
        let expect = "{ // token: __redacted__\n/* \"apiKey\": __redacted__*/ port: 1, // \
                      ws://__redacted__@h\nsecret: { n: \"__redacted__\" } // the token: \n}";
        assert_eq!(text(raw).as_deref(), Some(expect));
    }
}
