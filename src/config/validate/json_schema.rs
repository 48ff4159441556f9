//! The table of every key as a JSON Schema (draft 2020-12), for editors.
//!
//! It is made from the table that validation uses, so that the two cannot differ. What a schema cannot say (how keys
//! depend on each other) is left out, never contradicted: what validation accepts, the schema accepts.

use serde_json::{Map, Value, json};

use super::describe::describe;
use super::kind::{Bound, Kind, Object, Range, TextRule};
use super::tables::ROOT;

/// The schema of a whole configuration.
pub fn json_schema() -> Value {
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "clawdbot.json",
        "description": "Configuration of a Clawdbot gateway.",
    });
    let root = object(&ROOT, "");
    if let (Value::Object(schema), Value::Object(root)) = (&mut schema, root) {
        schema.extend(root);
        schema.insert("$defs".to_owned(), definitions());
    }
    schema
}

fn definitions() -> Value {
    json!({
        "include": {
            "description": "Other files, merged into this object; relative to this file.",
            "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }],
        },
        "included": {
            "description": "Another file in place of this value.",
            "type": "object",
            "properties": { "$include": { "$ref": "#/$defs/include" } },
            "required": ["$include"],
            "additionalProperties": false,
        },
        "reference": {
            "description": "A text with variables of the environment.",
            "type": "string",
            "pattern": "\\$\\{[A-Z_][A-Z0-9_]*\\}",
        },
    })
}

fn schema(kind: &Kind, path: &str) -> Value {
    match kind {
        Kind::Any => json!({}),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Text(rule) => text(*rule),
        Kind::Number(range) => number("number", *range),
        Kind::Integer(range) => number("integer", *range),
        Kind::Choice(choices) | Kind::Option(choices) => or_reference(&json!({ "enum": choices })),
        Kind::Only(only) => or_reference(&json!({ "const": only })),
        Kind::List(kind) => {
            let items = schema(kind, &format!("{path}[]"));
            json!({ "anyOf": [{ "type": "array", "items": items }, { "$ref": "#/$defs/included" }] })
        }
        Kind::Map(kind) => json!({
            "type": "object",
            "properties": { "$include": { "$ref": "#/$defs/include" } },
            "additionalProperties": schema(kind, &format!("{path}.*")),
        }),
        Kind::Object(inner) => object(inner, path),
        Kind::Either(kinds) => {
            json!({ "anyOf": kinds.iter().map(|kind| schema(kind, path)).collect::<Vec<_>>() })
        }
    }
}

fn object(object: &Object, path: &str) -> Value {
    let mut properties = Map::new();
    properties.insert("$include".to_owned(), json!({ "$ref": "#/$defs/include" }));
    for key in object.keys {
        let path = if path.is_empty() { key.name.to_owned() } else { format!("{path}.{}", key.name) };
        let mut property = schema(&key.kind, &path);
        if let Some(description) = describe(&path) {
            property["description"] = json!(description);
        }
        properties.insert(key.name.to_owned(), property);
    }
    let rest = object.rest.as_ref().map_or(Value::Bool(false), |kind| schema(kind, &format!("{path}.*")));
    let mut schema = json!({ "type": "object", "properties": properties, "additionalProperties": rest });
    let required: Vec<_> = object.keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    if !required.is_empty() {
        // An included file may bring them.
        schema["anyOf"] = json!([{ "required": required }, { "required": ["$include"] }]);
    }
    schema
}

fn text(rule: TextRule) -> Value {
    let constraint = match rule {
        TextRule::Free => return json!({ "type": "string" }),
        TextRule::NotEmpty => json!({ "type": "string", "minLength": 1 }),
        // The limit counts otherwise than JSON Schema, which never sees more characters.
        TextRule::AtMost(limit) => json!({ "type": "string", "maxLength": limit }),
        TextRule::Color => json!({ "type": "string", "pattern": "^#?[0-9A-Fa-f]{6}$" }),
        TextRule::Duration => {
            json!({ "type": "string", "pattern": r"^\s*([0-9]+(\.[0-9]+)?([mM][sS]|[sSmMhHdD])?)?\s*$" })
        }
        TextRule::StartTime => json!({ "type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$" }),
        TextRule::EndTime => {
            json!({ "type": "string", "pattern": "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$" })
        }
    };
    or_reference(&constraint)
}

/// Variables are replaced before anything is checked.
fn or_reference(schema: &Value) -> Value {
    json!({ "anyOf": [schema, { "$ref": "#/$defs/reference" }] })
}

fn number(kind: &str, range: Range) -> Value {
    let mut schema = json!({ "type": kind });
    match range.min {
        Some(Bound::AtLeast(min)) => schema["minimum"] = plain(min),
        Some(Bound::Above(min)) => schema["exclusiveMinimum"] = plain(min),
        None => {}
    }
    if let Some(max) = range.max {
        schema["maximum"] = plain(max);
    }
    schema
}

/// A bound without a needless `.0`.
fn plain(bound: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "bounds are small")]
    if bound.fract() == 0.0 { json!(bound as i64) } else { json!(bound) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_the_table_is_in_the_schema() {
        let schema = json_schema();
        let properties = schema["properties"].as_object().unwrap();
        assert_eq!(properties.len(), ROOT.keys.len() + 1);
        let gateway = &properties["gateway"]["properties"];
        assert_eq!(gateway["port"]["exclusiveMinimum"], 0);
        assert_eq!(gateway["port"]["maximum"], 65535);
        assert_eq!(gateway["bind"]["anyOf"][0]["enum"][2], "loopback");
        assert_eq!(properties["gateway"]["additionalProperties"], false);
        assert_eq!(properties["channels"]["additionalProperties"]["type"], "object");
        let binding = &properties["bindings"]["anyOf"][0]["items"];
        assert_eq!(binding["anyOf"][0]["required"], json!(["agentId", "match"]));
    }

    #[test]
    fn what_is_described_exists() {
        let schema = json_schema().to_string();
        for (path, text) in super::super::describe::DESCRIPTIONS {
            assert!(schema.contains(&json!(text).to_string()), "{path} is no key of the table");
        }
    }
}
