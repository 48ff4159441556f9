//! Values → text, in a given manner.

use serde_json::{Map, Value};

use super::style::Style;

/// Lists of simple values up to this many characters stay on one line.
const SHORT: usize = 60;

/// A value as text. With `indent`, that of the line on which it begins, objects take a line per member; without,
/// everything stands on one line.
pub(super) fn value(value: &Value, style: &Style, indent: Option<&str>) -> String {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) => quoted(text, style.quote),
        Value::Array(items) if items.is_empty() => "[]".to_owned(),
        Value::Object(members) if members.is_empty() => "{}".to_owned(),
        Value::Array(items) => array(items, style, indent),
        Value::Object(members) => object(members, style, indent),
    }
}

/// A key with its value.
pub(super) fn member(key: &str, member: &Value, style: &Style, indent: Option<&str>) -> String {
    let key = match style.key_quote {
        None if is_identifier(key) => key.to_owned(),
        quote => quoted(key, quote.unwrap_or(style.quote)),
    };
    format!("{key}{}{}", style.colon, value(member, style, indent))
}

/// Whether a list is too long, or too deep, for one line.
pub(super) fn is_large(items: &[Value], style: &Style) -> bool {
    let simple = |item: &Value| !matches!(item, Value::Array(inner) if !inner.is_empty()) && !is_filled(item);
    !items.iter().all(simple)
        || items.iter().map(|item| value(item, style, None).chars().count() + 2).sum::<usize>() > SHORT
}

fn is_filled(item: &Value) -> bool {
    matches!(item, Value::Object(members) if !members.is_empty())
}

fn array(items: &[Value], style: &Style, indent: Option<&str>) -> String {
    let Some(indent) = indent.filter(|_| is_large(items, style)) else {
        let items: Vec<_> = items.iter().map(|item| value(item, style, None)).collect();
        return format!("[{}]", items.join(style.comma));
    };
    let inner = format!("{indent}{}", style.unit);
    let lines = items.iter().map(|item| value(item, style, Some(&inner)));
    format!("[{}]", block(lines, style, indent, &inner))
}

fn object(members: &Map<String, Value>, style: &Style, indent: Option<&str>) -> String {
    let Some(indent) = indent else {
        let members: Vec<_> = members.iter().map(|(key, value)| member(key, value, style, None)).collect();
        return format!("{{{0}{1}{0}}}", style.padding, members.join(style.comma));
    };
    let inner = format!("{indent}{}", style.unit);
    let lines = members.iter().map(|(key, value)| member(key, value, style, Some(&inner)));
    format!("{{{}}}", block(lines, style, indent, &inner))
}

/// What stands between two brackets when every entry has a line of its own.
pub(super) fn block(
    entries: impl Iterator<Item = String>,
    style: &Style,
    indent: &str,
    inner: &str,
) -> String {
    let newline = style.newline;
    let separator = format!(",{newline}{inner}");
    let comma = if style.trailing_comma { "," } else { "" };
    format!("{newline}{inner}{}{comma}{newline}{indent}", entries.collect::<Vec<_>>().join(&separator))
}

/// A text in quotes.
fn quoted(text: &str, quote: char) -> String {
    let json = Value::from(text).to_string();
    if quote == '"' {
        return json;
    }
    // Outside of a `\`, a `"` is only ever escaped; what else follows a `\` is the same in both.
    let inside = &json[1..json.len() - 1];
    let mut single = String::with_capacity(json.len());
    let mut characters = inside.chars();
    single.push('\'');
    while let Some(c) = characters.next() {
        match c {
            '\'' => single.push_str("\\'"),
            '\\' => match characters.next() {
                Some('"') => single.push('"'),
                escaped => {
                    single.push('\\');
                    single.extend(escaped);
                }
            },
            c => single.push(c),
        }
    }
    single.push('\'');
    single
}

/// Whether a key may stand without quotes, whatever reads it.
fn is_identifier(key: &str) -> bool {
    let mut bytes = key.bytes();
    let starts = |b: u8| b.is_ascii_alphabetic() || matches!(b, b'_' | b'$');
    bytes.next().is_some_and(starts) && bytes.all(|b| starts(b) || b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_manner() {
        let document = json!({
            "a": 1, "b-c": "it's", "d": { "e": [], "f": {} }, "g": ["x", true], "h": [{ "i": null }],
        });
        let json = "{\n  \"a\": 1,\n  \"b-c\": \"it's\",\n  \"d\": {\n    \"e\": [],\n    \"f\": {}\n  },\n  \
                    \"g\": [\"x\", true],\n  \"h\": [\n    {\n      \"i\": null\n    }\n  ]\n}";
        assert_eq!(value(&document, &Style::default(), Some("")), json);
        let style = Style {
            quote: '\'',
            key_quote: None,
            trailing_comma: true,
            unit: "\t".to_owned(),
            ..Style::default()
        };
        assert_eq!(
            value(&document, &style, None),
            "{ a: 1, 'b-c': 'it\\'s', d: { e: [], f: {} }, g: ['x', true], h: [{ i: null }] }"
        );
        assert_eq!(
            value(&json!({ "d": { "e": "\"\\\n" } }), &style, Some("\t")),
            "{\n\t\td: {\n\t\t\te: '\"\\\\\\n',\n\t\t},\n\t}"
        );
    }
}
