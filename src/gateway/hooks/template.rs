//! Templates of mappings: `{{path.to[0].value}}` in a text is replaced by what a request has there.

use std::borrow::Cow;
use std::io;

use serde::Serialize as _;
use serde_json::Value;
use serde_json::ser::{Formatter, Serializer};

/// What a template may name.
#[derive(Debug)]
pub(crate) struct Scope<'a> {
    /// The body; its members are named directly, or below `payload`.
    pub(crate) payload: &'a Value,
    /// Headers by their names in lower case: `headers.x-event`.
    pub(crate) headers: &'a Value,
    /// The query: `query.name`.
    pub(crate) query: &'a Value,
    /// The path below that of the hooks: `path`.
    pub(crate) path: &'a str,
    /// The time, ISO 8601: `now`.
    pub(crate) now: &'a str,
}

/// Fills a template in. What is not there is nothing; what is no expression stays as it is.
pub(super) fn render(template: &str, scope: &Scope<'_>) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(open) = rest.find("{{") {
        let inside = &rest[open + 2..];
        match inside.find('}') {
            Some(end) if end > 0 && inside[end + 1..].starts_with('}') => {
                out.push_str(&rest[..open]);
                out.push_str(&value(inside[..end].trim(), scope));
                rest = &inside[end + 2..];
            }
            // Not an expression; one may begin at the second brace.
            _ => {
                out.push_str(&rest[..=open]);
                rest = &rest[open + 1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// The text of an expression.
fn value(expression: &str, scope: &Scope<'_>) -> String {
    match expression {
        "" => return String::new(),
        "path" => return scope.path.to_owned(),
        "now" => return scope.now.to_owned(),
        _ => {}
    }
    let places = [("headers.", scope.headers), ("query.", scope.query), ("payload.", scope.payload)];
    let named = places.iter().find_map(|(prefix, value)| Some((expression.strip_prefix(prefix)?, *value)));
    let (path, value) = named.unwrap_or((expression, scope.payload));
    look_up(value, path).map(|value| text(&value)).unwrap_or_default()
}

/// One step of a path into a value.
enum Step<'a> {
    /// A member of an object; of a list its length, or an item.
    Name(&'a str),
    /// An item of a list.
    Item(usize),
}

/// What `a.b[0].c` leads to. Dots and brackets only separate, as in the published gateway: a path that is not well
/// formed leads somewhere, too, and one without a name to the whole value.
fn look_up<'a>(value: &'a Value, mut path: &str) -> Option<Cow<'a, Value>> {
    let mut value = Cow::Borrowed(value);
    while let Some(step) = next_step(&mut path) {
        value = match (value, step) {
            (Cow::Borrowed(Value::Object(members)), Step::Name(name)) => Cow::Borrowed(members.get(name)?),
            (Cow::Borrowed(Value::Array(items)), Step::Name("length")) => Cow::Owned(items.len().into()),
            (Cow::Borrowed(Value::Array(items)), Step::Name(name)) => {
                let index = name.parse::<usize>().ok().filter(|index| index.to_string() == name)?;
                Cow::Borrowed(items.get(index)?)
            }
            (Cow::Borrowed(Value::Array(items)), Step::Item(index)) => Cow::Borrowed(items.get(index)?),
            _ => return None,
        };
    }
    Some(value)
}

/// Takes the next step off a path.
fn next_step<'a>(path: &mut &'a str) -> Option<Step<'a>> {
    loop {
        let rest = *path;
        let index = rest.strip_prefix('[').and_then(|inside| inside.split_once(']'));
        let item =
            index.and_then(|(index, after)| Some((index.parse().ok().filter(|_| is_number(index))?, after)));
        if let Some((index, after)) = item {
            *path = after;
            return Some(Step::Item(index));
        }
        let (name, after) = rest.split_at(rest.find(['.', '[', ']']).unwrap_or(rest.len()));
        if !name.is_empty() {
            *path = after;
            return Some(Step::Name(name));
        }
        *path = after.get(1..)?;
    }
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A value as JavaScript writes it into a text; objects and lists as JSON.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() => float_text(float),
            _ => number.to_string(),
        },
        other => json(other),
    }
}

/// JSON with the numbers of JavaScript.
struct JavaScript;

impl Formatter for JavaScript {
    fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        writer.write_all(float_text(value).as_bytes())
    }
}

fn json(value: &Value) -> String {
    let mut bytes = Vec::new();
    // A value always serialises, and as text.
    let written = value.serialize(&mut Serializer::with_formatter(&mut bytes, JavaScript));
    written.ok().and_then(|()| String::from_utf8(bytes).ok()).unwrap_or_default()
}

/// A number that was written with a fraction or an exponent.
fn float_text(number: f64) -> String {
    let size = number.abs();
    if size == 0.0 {
        "0".to_owned()
    } else if (1e-6..1e21).contains(&size) {
        format!("{number}")
    } else {
        let text = format!("{number:e}");
        if size < 1.0 { text } else { text.replace('e', "e+") }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_template_ends_and_keeps_what_is_no_expression(template in "([{}.a\\[\\]0-9 ]|\\PC){0,40}") {
            let payload = json!({ "a": [["x"], { "a": 0 }] });
            let scope = Scope { payload: &payload, headers: &Value::Null, query: &Value::Null, path: "", now: "" };
            let rendered = render(&template, &scope);
            if !template.contains("{{") {
                prop_assert_eq!(&rendered, &template);
            }
            // Each expression takes five characters, and this payload has twenty.
            prop_assert!(rendered.len() <= template.len() * 20 + 20);
        }
    }

    #[track_caller]
    fn check(template: &str, expected: &str) {
        let payload = json!({
            "a": { "b": [{ "c": "deep" }, [7]], "with-dash": true },
            "path": "of the body",
            "n": 5, "half": 0.5, "one": 1.0, "huge": 1e21, "tiny": 1e-7, "small": 0.00001, "null": null,
            "list": [1.0, "x"], "zero": { "0": "z" },
        });
        let scope = Scope {
            payload: &payload,
            headers: &json!({ "x-event": "push" }),
            query: &json!({ "q": "1" }),
            path: "some/path",
            now: "2026-01-02T03:04:05.678Z",
        };
        assert_eq!(render(template, &scope), expected, "{template}");
    }

    #[test]
    fn paths_lead_into_the_body() {
        check("{{a.b[0].c}}", "deep");
        check("{{ a.b[0].c }} and {{payload.a.b[1][0]}}", "deep and 7");
        check("{{a.with-dash}}", "true");
        check("{{list.length}} {{list.0}} {{.a..b[0.c}} {{[n]}} {{zero.0}}", "2 1 deep 5 z");
        for nowhere in [
            "a.x",
            "a.b[9].c",
            "a.b[x]",
            "a.b[-1]",
            "a.b[+0]",
            "list.01",
            "zero[0]",
            "a b",
            "n.x",
            "text.length",
            "list.length.x",
            "list[99999999999999999999]",
        ] {
            check(&format!("<{{{{{nowhere}}}}}>"), "<>");
        }
        check("{{headers..}}", r#"{"x-event":"push"}"#);
    }

    #[test]
    fn requests_have_more_than_a_body() {
        check(
            "{{headers.x-event}} {{query.q}} {{path}} {{now}}",
            "push 1 some/path 2026-01-02T03:04:05.678Z",
        );
        check("{{payload.path}}{{headers.none}}", "of the body");
    }

    #[test]
    fn values_become_texts() {
        check("{{n}} {{half}} {{one}} {{huge}} {{tiny}} {{small}}", "5 0.5 1 1e+21 1e-7 0.00001");
        check("{{null}}|{{list}}|{{a.b[0]}}", r#"|[1,"x"]|{"c":"deep"}"#);
    }

    #[test]
    fn what_is_no_expression_stays() {
        for text in ["", "plain", "{{}}", "{{", "}}", "{ {n} }", "{{n}", "{{n}x}}", "{n}"] {
            check(text, text);
        }
        check("{{ }}", "");
        check("{{{n}}}", "}");
        check("{{n}x}} {{n}}", "{{n}x}} 5");
        check("ä{{n}}ö", "ä5ö");
    }
}
