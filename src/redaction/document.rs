//! Secrets of documents: JSON and JSON5, by the names of their members. Pure.

use jsonc_parser::{CollectOptions, ParseOptions, ast, parse_to_ast};

use super::environment::assignments;
use super::reach::Evidence;
use super::{Sighting, sightings};
use crate::config::{dotenv, is_secret_key};

/// A document is not read when it is nested deeper: the parser calls itself.
const DEEPEST: usize = 200;

/// Members of files of keys that are secrets, whatever they are called elsewhere.
const OF_KEYS: [&str; 8] = ["key", "access", "refresh", "private", "data", "pass", "seed", "psk"];

/// Members of files of keys that are none.
const OPEN: [&str; 4] = ["deviceId", "publicKey", "publicKeyPem", "public"];

/// Shorter texts in a file of keys may be anything.
const SHORTEST_KEY: usize = 20;

/// Which kind of text it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Any.
    Text,
    /// JSON or JSON5.
    Document,
    /// Keys or credentials, in JSON or as they are.
    Keys,
    /// A `.env`.
    Variables,
}

impl Kind {
    /// By the name of a file, which may be a path.
    pub(crate) fn of(name: &str) -> Self {
        let name = name.rsplit('/').next().unwrap_or(name);
        match name.rsplit_once('.') {
            Some((_, "env")) => Self::Variables,
            Some((_, "json" | "json5")) => Self::Document,
            _ => Self::Text,
        }
    }
}

/// Calls back with every secret of a whole text, in their order as far as they have one.
pub(crate) fn secrets_of(text: &str, kind: Kind, tell: &mut dyn FnMut(&str, Evidence)) {
    match kind {
        Kind::Text => {}
        Kind::Variables => {
            for variable in assignments(text) {
                tell(&text[variable.range], variable.evidence);
            }
            // With escapes resolved, and over several lines.
            for (name, value) in dotenv(text).unwrap_or_default() {
                if let Some(evidence) = super::is_known_secret(&name, &value) {
                    tell(&value, evidence);
                }
            }
        }
        Kind::Document | Kind::Keys => {
            let is_read = read(text, &mut |root| walk(root, Below::Nothing, kind == Kind::Keys, tell));
            if !is_read && kind == Kind::Keys {
                text.lines().map(str::trim).filter(|line| is_random(line)).for_each(|line| {
                    tell(line, Evidence::Place);
                });
            }
        }
    }
    for Sighting { value, evidence, .. } in sightings(text) {
        tell(&value, evidence);
    }
}

/// Hands the document over, when it is one.
fn read(text: &str, seen: &mut dyn FnMut(&ast::Value<'_>)) -> bool {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    if depth(body) > DEEPEST {
        return false;
    }
    let parsed = parse_to_ast(body, &CollectOptions::default(), &ParseOptions::default());
    match parsed.ok().and_then(|parsed| parsed.value) {
        Some(root) => {
            seen(&root);
            true
        }
        None => false,
    }
}

/// How deep brackets are nested at most; those in strings count as well.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => continue,
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// What a value stands below.
#[derive(Clone, Copy)]
enum Below<'n> {
    /// Nothing that says anything.
    Nothing,
    /// A name that says that it is a secret.
    Secret(&'n str),
    /// A map with such a name: `botTokens: { main: "…" }`.
    MapOfSecrets,
    /// Another name, in a file of keys.
    Key(&'n str),
}

fn walk(node: &ast::Value<'_>, below: Below<'_>, is_keys: bool, tell: &mut dyn FnMut(&str, Evidence)) {
    match node {
        ast::Value::StringLit(literal) => {
            let evidence = match below {
                Below::Nothing => None,
                Below::Secret(_) => Some(Evidence::Place),
                Below::MapOfSecrets => Some(Evidence::Guess),
                Below::Key(name) => {
                    let is_secret = OF_KEYS.contains(&name) || is_random(&literal.value);
                    (is_secret && !OPEN.contains(&name)).then_some(Evidence::Place)
                }
            };
            if let Some(evidence) = evidence {
                tell(&literal.value, evidence);
            }
        }
        ast::Value::NumberLit(literal) => {
            // How many tokens a model used is none.
            if let Below::Secret(name) = below
                && !name.ends_with("okens")
            {
                tell(literal.value, Evidence::Place);
            }
        }
        ast::Value::Array(array) => {
            array.elements.iter().for_each(|item| walk(item, below, is_keys, tell));
        }
        ast::Value::Object(object) => {
            let is_map = matches!(below, Below::Secret(_));
            for property in &object.properties {
                let name = property.name.as_str();
                let below = if is_secret_key(name) {
                    Below::Secret(name)
                } else if is_map {
                    Below::MapOfSecrets
                } else if is_keys {
                    Below::Key(name)
                } else {
                    Below::Nothing
                };
                walk(&property.value, below, is_keys, tell);
            }
        }
        ast::Value::BooleanLit(_) | ast::Value::NullKeyword(_) => {}
    }
}

/// Long, of letters and digits as keys are, and no identifier.
fn is_random(value: &str) -> bool {
    let is_key = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=_-.".contains(&byte);
    let is_uuid = value.len() == 36 && value.bytes().filter(|byte| *byte == b'-').count() == 4;
    value.len() >= SHORTEST_KEY
        && value.bytes().all(is_key)
        && value.bytes().any(|byte| byte.is_ascii_digit())
        && value.bytes().any(|byte| byte.is_ascii_alphabetic())
        && !is_uuid
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, kind: Kind, expected: &[(&str, Evidence)]) {
        let mut found: Vec<(String, Evidence)> = Vec::new();
        secrets_of(
            text,
            kind,
            &mut |value, evidence| match found.iter_mut().find(|(known, _)| known == value) {
                Some((_, known)) => *known = (*known).max(evidence),
                None => found.push((value.to_owned(), evidence)),
            },
        );
        let found: Vec<(&str, Evidence)> =
            found.iter().map(|(value, evidence)| (value.as_str(), *evidence)).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn members_are_secrets_by_their_names() {
        use Evidence::{Guess, Place};
        check("{ gateway: { auth: { token: 'a b' } }, x: 'y' }", Kind::Document, &[("a b", Place)]);
        check(
            "{ botTokens: { main: 'abc' }, tokens: ['d'] }",
            Kind::Document,
            &[("abc", Guess), ("d", Place)],
        );
        let paired = r#"{"id":{"tokens":{"operator":{"token":"0123","role":"operator","scopes":["a"]}}}}"#;
        check(paired, Kind::Document, &[("0123", Place)]);
        check(
            r#"{"password":123456,"totalTokens":99,"inputTokens":123}"#,
            Kind::Document,
            &[("123456", Place)],
        );
        check("not json: token=abc", Kind::Document, &[("abc", Guess)]);
        check(&"[".repeat(100_000), Kind::Document, &[]);
    }

    #[test]
    fn files_of_keys_hold_little_else() {
        let text = r#"{"profiles":{"a:default":{"type":"oauth","access":"short-one","id":"0123456789abcdefghij"}},
            "deviceId":"0123456789abcdef0123456789abcdef","made":"2026-01-24T08:00:00.000Z",
            "uuid":"5e96c840-6351-4ba1-b3a7-4dc5bd599e42"}"#;
        let expected = [("short-one", Evidence::Place), ("0123456789abcdefghij", Evidence::Place)];
        check(text, Kind::Keys, &expected);
        check("0123456789abcdefghij\nand words\n", Kind::Keys, &[("0123456789abcdefghij", Evidence::Place)]);
    }

    #[test]
    fn variables_are_values() {
        let text = "A=\"line one\\nline 2\"\nB_KEY='over\ntwo lines'\nPORT=1\n";
        let mut found = Vec::new();
        secrets_of(text, Kind::Variables, &mut |value, _| found.push(value.to_owned()));
        assert!(
            found.contains(&"line one\nline 2".to_owned()) && found.contains(&"over\ntwo lines".to_owned())
        );
    }

    #[test]
    fn kinds_by_name() {
        for (name, kind) in [
            ("home/.clawdbot/.env", Kind::Variables),
            ("a/b.json", Kind::Document),
            ("c.json5", Kind::Document),
            ("d.jsonl", Kind::Text),
            ("e.json/f", Kind::Text),
        ] {
            assert_eq!(Kind::of(name), kind, "{name}");
        }
    }
}
